import type { Facts } from './facts.ts';
import { MONTH_SECONDS } from './prices.ts';
import { FUNCTION_MS, GRACE_SECONDS, LINGER_SECONDS, TRACED_SHARE } from './profile.ts';

/** A month that is asked about. Uploads come evenly over all of it, each on a channel and a socket of its own. */
export interface Usage {
  readonly uploads: number;
  /** Of a file, in MB of 1,000,000 bytes. */
  readonly averageMb: number;
  /** The share that is sent through the front in the request; the rest does not pass through it (URLs, parts to S3). */
  readonly inlineShare: number;
  readonly socketSeconds: number;
  /** Of `process` for one upload. */
  readonly processMs: number;
}

export const DEFAULT_USAGE: Usage = {
  uploads: 1_000_000,
  averageMb: 2,
  inlineShare: 1,
  socketSeconds: 60,
  processMs: FUNCTION_MS.process!,
};

/**
 * Seconds of a month in which subscribers run, of all shards. One runs while there is something to deliver and for a while
 * after it; those of several uploads on a shard at once are one. With arrivals at random the share of time without any is
 * e^-(rate x length): the busy period of a queue that serves everybody at once. It counts all of the processing, as if there
 * were something to say all the time: an upper bound where a file takes long.
 */
export function subscriberSeconds({ uploads, processMs }: Usage, shards: number): number {
  const afterConnect = LINGER_SECONDS;
  const afterUpload = processMs / 1000 + GRACE_SECONDS + LINGER_SECONDS;
  const perSecond = uploads / shards / MONTH_SECONDS;
  return shards * MONTH_SECONDS * (1 - Math.exp(-perSecond * (afterConnect + afterUpload)));
}

/** Of `calls` in a month: one in each second in which there is one, and a share of the others. */
export function tracesOf(calls: number): number {
  const firsts = MONTH_SECONDS * (1 - Math.exp(-calls / MONTH_SECONDS));
  return firsts + TRACED_SHARE * (calls - firsts);
}

/** GB that are kept on average, of what comes in with `bytes` an upload and stays for `days`. */
export function keptGb({ uploads }: Usage, bytes: number, days: number): number {
  const monthDays = MONTH_SECONDS / 86_400;
  return (uploads * bytes * days) / monthDays / 1e9;
}

export function gbSeconds({ memoryMb }: Facts['functions'][string], milliseconds: number): number {
  return (memoryMb / 1024) * (milliseconds / 1000);
}
