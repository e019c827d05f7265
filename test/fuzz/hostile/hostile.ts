import type { FailureCode } from '../../../domain/errors.ts';

/** A document that is made to do harm: made when it is needed, since some of them are large. */
export interface HostileDocument {
  readonly about: string;
  readonly filename: string;
  make(): Buffer;
  /** How it has to end: in `text`, or in a failure with one of these codes. */
  readonly ends: 'text' | FailureCode | readonly ('text' | FailureCode)[];
  /** Takes seconds, or much memory: for the full run only. */
  readonly heavy?: true;
  /** The source may be as large as this; by default as large as what is fetched. */
  readonly documentBytes?: number;
}

export const MEGABYTE = 2 ** 20;

/** A document of one piece over and over. */
export function filled(megabytes: number, piece: string, start = '', end = ''): Buffer {
  const bytes = Buffer.alloc(megabytes * MEGABYTE, piece);
  bytes.write(start, 0, 'latin1');
  bytes.write(end, bytes.length - end.length, 'latin1');
  return bytes;
}
