import { CommandError } from './reply.ts';

/** An id `<ms>-<seq>` is one number of 128 bits: the order of ids is the order of numbers. */
export type StreamId = bigint;

const MAX_PART = 2n ** 64n - 1n;
export const MIN_ID: StreamId = 0n;
export const MAX_ID: StreamId = (MAX_PART << 64n) | MAX_PART;

export function streamId(ms: bigint, seq: bigint): StreamId {
  return (ms << 64n) | seq;
}

export function msOf(id: StreamId): bigint {
  return id >> 64n;
}

export function seqOf(id: StreamId): bigint {
  return id & MAX_PART;
}

export function formatId(id: StreamId): string {
  return `${id >> 64n}-${id & MAX_PART}`;
}

export function invalidId(): CommandError {
  return new CommandError('ERR Invalid stream ID specified as stream command argument');
}

/** An id as a command names one. `-` and `+` are the least and the greatest. */
export function parseId(text: string, missingSeq: bigint): StreamId {
  if (text === '-') return MIN_ID;
  if (text === '+') return MAX_ID;
  return parseStrictId(text, missingSeq);
}

export function parseStrictId(text: string, missingSeq: bigint): StreamId {
  const dash = text.indexOf('-');
  const ms = parsePart(dash < 0 ? text : text.slice(0, dash));
  const seq = dash < 0 ? missingSeq : parsePart(text.slice(dash + 1));
  return streamId(ms, seq);
}

/** 64 bits without a sign. Leading zeros pass, unlike in any other number that Redis reads. */
export function parsePart(text: string): bigint {
  if (!/^\d{1,40}$/.test(text)) throw invalidId();
  const value = BigInt(text);
  if (value > MAX_PART) throw invalidId();
  return value;
}

/** The ends of a range; `(` excludes the id itself, and an end without a sequence takes the whole millisecond. */
export function parseRangeStart(text: string): StreamId {
  if (!text.startsWith('(')) return parseId(text, 0n);
  const id = parseStrictId(text.slice(1), 0n);
  if (id === MAX_ID) throw new CommandError('ERR invalid start ID for the interval');
  return id + 1n;
}

export function parseRangeEnd(text: string): StreamId {
  if (!text.startsWith('(')) return parseId(text, MAX_PART);
  const id = parseStrictId(text.slice(1), MAX_PART);
  if (id === MIN_ID) throw new CommandError('ERR invalid end ID for the interval');
  return id - 1n;
}
