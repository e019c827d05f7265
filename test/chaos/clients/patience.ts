import type { Random } from '../random.ts';

/** Resolves after `ms`, or at once when `signal` aborts. */
export function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return within(ms, signal);
}

/** Resolves with the first of the three, and leaves nothing behind. */
export function within(ms: number, signal: AbortSignal, promise?: Promise<unknown>): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done);
    promise?.then(done, done);
  });
}

/** The pause before another try, in milliseconds: half a second, doubled up to four, of which half is chance. */
export function backoff(random: Random, failures: number): number {
  return Math.min(4_000, 500 * 2 ** failures) * random.between(0.5, 1);
}

/** Tries until there is an answer. @returns undefined when `signal` came first. */
export async function patiently<T>(
  random: Random,
  signal: AbortSignal,
  attempt: () => Promise<T | undefined>,
): Promise<T | undefined> {
  for (let failures = 0; !signal.aborted; failures++) {
    const result = await attempt();
    if (result !== undefined) return result;
    await sleep(backoff(random, failures), signal);
  }
  return undefined;
}
