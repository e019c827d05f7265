import { notAnInteger } from './errors.ts';
import type { CommandError } from './reply.ts';

const MIN_INT64 = -(2n ** 63n);
const MAX_INT64 = 2n ** 63n - 1n;

/** Redis takes only the canonical form: no plus sign, no leading zero, no space. */
export function parseInt64(text: string): bigint | undefined {
  if (!/^(?:0|-?[1-9]\d{0,18})$/.test(text)) return undefined;
  const value = BigInt(text);
  return value < MIN_INT64 || value > MAX_INT64 ? undefined : value;
}

export function fitsInt64(value: bigint): boolean {
  return value >= MIN_INT64 && value <= MAX_INT64;
}

/** For counts and times, where the digits past 2^53 make no difference. */
export function toInteger(text: string | undefined, refuse: () => CommandError = notAnInteger): number {
  const value = text === undefined ? undefined : parseInt64(text);
  if (value === undefined) throw refuse();
  return Number(value);
}

/** A number where it is exact, so that the many small ones stay cheap. */
export function fromInt64(value: bigint): number | bigint {
  return value >= BigInt(Number.MIN_SAFE_INTEGER) && value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : value;
}
