import type { Clock } from '../../clock.ts';
import type { Database } from './database.ts';

/** Ten times a second, as Redis does. */
const SWEEP_INTERVAL_MS = 100;
const KEYS_PER_SWEEP = 1000;

/** Frees what expired and is never asked for again, and wakes those who wait for such a key. */
export function startExpiry(database: Database, clock: Pick<Clock, 'sleep'>, onSwept: () => void): AsyncDisposable {
  const stop = new AbortController();
  const loop = (async () => {
    while (!stop.signal.aborted) {
      await clock.sleep(SWEEP_INTERVAL_MS, stop.signal);
      if (stop.signal.aborted) return;
      database.sweep(KEYS_PER_SWEEP);
      onSwept();
    }
  })();
  return {
    async [Symbol.asyncDispose]() {
      stop.abort();
      await loop;
    },
  };
}
