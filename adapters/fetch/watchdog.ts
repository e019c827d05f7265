import type { Clock } from '../../app/ports.ts';

/** Barks when somebody has waited for too long without a rest. */
export interface Watchdog extends Disposable {
  /** From now on something is waited for. */
  wait(): void;
  /** It came: the next wait counts from its own beginning. */
  rest(): void;
}

/** One sleeper however many waits there are: a body of 1 GB has tens of thousands. */
export function startWatchdog(clock: Clock, patienceMs: number, bark: () => void): Watchdog {
  let since: number | undefined;
  const ended = new AbortController();

  async function watch(): Promise<void> {
    while (!ended.signal.aborted) {
      const leftMs = since === undefined ? patienceMs : since + patienceMs - clock.now();
      if (leftMs <= 0) return bark();
      await clock.sleep(leftMs, ended.signal);
    }
  }

  void watch();
  return {
    wait() {
      since = clock.now();
    },
    rest() {
      since = undefined;
    },
    [Symbol.dispose]() {
      ended.abort();
    },
  };
}
