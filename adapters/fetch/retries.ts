import type { Clock } from '../../app/ports.ts';
import { TransientFailure } from './fetch-failures.ts';

export interface RetriesOptions {
  readonly clock: Clock;
  /** In [0, 1). Default: Math.random. */
  readonly random?: () => number;
  /** How often it may be tried again, in all of one fetch. Default: 3. */
  readonly retries?: number;
  /** A try that could only begin after this is none. */
  readonly deadlineAt: number;
  readonly signal: AbortSignal;
}

export const DEFAULT_RETRIES = 3;

/** Before the first retry, on average; each further one waits twice as long. */
const BACKOFF_MS = 500;

/**
 * What to do after a failure: waits for the next try or an abort, or throws the failure where there is none, because it is lasting, the
 * tries are used up, or the deadline would be over. The failure then is the answer, not the deadline.
 */
export function createRetries(options: RetriesOptions): (failure: unknown) => Promise<void> {
  const { clock, random = Math.random, retries = DEFAULT_RETRIES, deadlineAt, signal } = options;
  let used = 0;

  return async (failure) => {
    if (!(failure instanceof TransientFailure) || used === retries) throw failure;
    const backoffMs = BACKOFF_MS * 2 ** used * (0.5 + random());
    const pauseMs = Math.max(backoffMs, failure.retryAfterMs ?? 0);
    if (clock.now() + pauseMs >= deadlineAt) throw failure;
    used += 1;
    await clock.sleep(pauseMs, signal);
  };
}

/** Seconds, or a date. @returns undefined for anything else. */
export function retryAfterMs(text: unknown, now: number): number | undefined {
  if (typeof text !== 'string') return undefined;
  if (/^\d{1,9}$/.test(text.trim())) return Number(text) * 1000;
  const at = Date.parse(text);
  return Number.isNaN(at) ? undefined : Math.max(0, at - now);
}
