import { describe, expect, it } from 'vitest';
import { failureOf } from '../../../adapters/extract/worker-failure.ts';
import { SourceFailure } from '../../../domain/errors.ts';

function thrownBy(deed: () => unknown): unknown {
  try {
    deed();
  } catch (error) {
    return error;
  }
  throw new Error('It threw nothing.');
}

describe('what a reader of documents throws', () => {
  it('is what the client hears, where it was meant for it', () => {
    const failure = new SourceFailure('document-too-deep', 'Too deep: simplify it.');
    expect(failureOf(failure)).toEqual({ code: 'document-too-deep', error: 'Too deep: simplify it.' });
  });

  it.each<[string, () => unknown]>([
    ['a string', () => 'xx'.repeat(2 ** 29)],
    ['a buffer', () => new ArrayBuffer(2 ** 53 - 1)],
    ['the text of a buffer', stringTooLong],
  ])('is document-memory where %s would be larger than it can be', (_what, deed) => {
    expect(failureOf(thrownBy(deed))).toMatchObject({ code: 'document-memory' });
  });

  /** A number of spaces below zero was told as "split it", which would have changed nothing. */
  it.each<[string, () => unknown]>([
    ['a count that cannot be', () => ' '.repeat(-5)],
    ['a length that cannot be', () => new Array(-1)],
    ['an offset that cannot be', () => Buffer.alloc(4).readUInt32LE(9)],
    ['calls without end', () => Math.max(...new Array(10_000_000))],
    ['what is not there', () => (undefined as unknown as string).length],
  ])('is a mistake of the reader with %s', (_what, deed) => {
    expect(failureOf(thrownBy(deed))).toBeUndefined();
  });
});

/** As Node.js says it of half a gigabyte, without half a gigabyte. */
function stringTooLong(): never {
  throw Object.assign(new Error('Cannot create a string longer than 0x1fffffe8 characters'), {
    code: 'ERR_STRING_TOO_LONG',
  });
}
