import type { Clock } from './ports.ts';

export interface AtOnce {
  readonly clock: Pick<Clock, 'now'>;
  readonly atOnce: number;
  /** Nothing new is begun after it. */
  readonly until: number;
}

/**
 * Works on the items, some of them at once. After the first failure it begins nothing new, and throws that one when what
 * was under way is over: nothing goes on behind the caller's back.
 * @returns false: the time was up before all of them were begun.
 */
export async function eachAtOnce<T>(
  items: Iterable<T>,
  { clock, atOnce, until }: AtOnce,
  work: (item: T) => Promise<void>,
): Promise<boolean> {
  const waiting = [...items].reverse();
  let failed = false;
  const one = async () => {
    while (waiting.length > 0 && !failed && clock.now() < until) {
      try {
        await work(waiting.pop() as T);
      } catch (error) {
        failed = true;
        throw error;
      }
    }
  };
  const ended = await Promise.allSettled(Array.from({ length: atOnce }, one));
  const broken = ended.find((each) => each.status === 'rejected');
  if (broken) throw broken.reason;
  return waiting.length === 0;
}
