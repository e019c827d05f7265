import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Clock } from '../../app/ports.ts';

export interface ManualClock extends Clock {
  /** Moves the time on, waking each sleeper at its own moment and letting it run before the next one wakes. */
  advance(ms: number): Promise<void>;
  /** Jumps from sleeper to sleeper until the promise has settled, and gives its outcome. Throws when nobody sleeps any more. */
  runUntil<T>(promise: Promise<T>): Promise<T>;
  /** How many are asleep. */
  readonly sleepers: number;
  /** When the first of them wakes; undefined: nobody is asleep. */
  readonly nextAt: number | undefined;
}

interface Sleeper {
  readonly dueAt: number;
  wake(): void;
}

/** Turns of the event loop in which whoever woke may go on: enough for any chain of promises, and none of it is time. */
const SETTLE_TURNS = 5;

/** A promise that is still pending after so many turns, with nobody asleep, waits for something that no clock brings. */
const IDLE_TURNS = 1000;

/** A clock that stands still until it is told to move. */
export function createManualClock(start = Date.UTC(2025, 0, 1)): ManualClock {
  let now = start;
  const sleepers = new Set<Sleeper>();

  const next = (): Sleeper | undefined =>
    [...sleepers].reduce<Sleeper | undefined>(
      (first, each) => (first && first.dueAt <= each.dueAt ? first : each),
      undefined,
    );

  async function advanceTo(target: number): Promise<void> {
    await settleTurns();
    for (let due = next(); due && due.dueAt <= target; due = next()) {
      now = Math.max(now, due.dueAt);
      due.wake();
      await settleTurns();
    }
    now = Math.max(now, target);
  }

  return {
    now: () => now,
    sleep(ms, signal) {
      if (ms <= 0 || signal?.aborted) return Promise.resolve();
      return new Promise((resolve) => {
        const sleeper: Sleeper = {
          dueAt: now + ms,
          wake() {
            sleepers.delete(sleeper);
            signal?.removeEventListener('abort', sleeper.wake);
            resolve();
          },
        };
        sleepers.add(sleeper);
        signal?.addEventListener('abort', sleeper.wake);
      });
    },
    advance: (ms) => advanceTo(now + ms),
    async runUntil(promise) {
      let settled = false;
      const done = () => {
        settled = true;
      };
      promise.then(done, done);
      for (let idle = 0; !settled; ) {
        await settleTurns();
        const due = next();
        if (due) await advanceTo(due.dueAt);
        idle = due ? 0 : idle + 1;
        if (idle > IDLE_TURNS) throw new Error('the promise waits for something other than the clock');
      }
      return promise;
    },
    get sleepers() {
      return sleepers.size;
    },
    get nextAt() {
      return next()?.dueAt;
    },
  };
}

async function settleTurns(): Promise<void> {
  for (let turn = 0; turn < SETTLE_TURNS; turn += 1) await nextTurn();
}
