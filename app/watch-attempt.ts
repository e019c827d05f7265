import type { Clock, Log } from './ports.ts';

/**
 * A cancel is to stop the work within 2 s, its own cold start included. A look is one strongly consistent read of a record
 * below 4 KB, one read unit: $0.125 a million in us-east-1, so $0.0000075 for a source that takes 30 s, 1 % of what its worker
 * costs. Renewing the lease, every 5 s one write to the record and two to its index, costs half as much again.
 */
const LOOK_EVERY_MS = 500;

export interface AttemptWatch extends AsyncDisposable {
  /** Aborts when the attempt is no longer the current one: its source was cancelled, taken over, or has ended otherwise. */
  readonly lost: AbortSignal;
}

/** Looks after an attempt until it is disposed of. */
export function watchAttempt(
  { clock, log }: { readonly clock: Clock; readonly log: Log },
  sourceUuid: string,
  isHeld: () => Promise<boolean>,
): AttemptWatch {
  const lost = new AbortController();
  const stop = new AbortController();
  const run = async () => {
    while (true) {
      await clock.sleep(LOOK_EVERY_MS, stop.signal);
      if (stop.signal.aborted) return;
      try {
        if (!(await isHeld())) return lost.abort(new Error('the attempt is over'));
      } catch (error) {
        // Not an answer: the source may still be ours. Should it not be, storing the terminal decides.
        log.warn('attempt-not-watched', { sourceUuid, error });
      }
    }
  };
  const running = run();
  return {
    lost: lost.signal,
    async [Symbol.asyncDispose]() {
      stop.abort();
      await running;
    },
  };
}
