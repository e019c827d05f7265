import { describe, expect, it } from 'vitest';
import { SourceFailure } from '../../../domain/errors.ts';
import { DOCX_DOCUMENTS } from '../../corpus/docx/documents.ts';
import { OLE_DOCUMENTS } from '../../corpus/ole/documents.ts';
import { HARMLESS, HOSTILE } from '../../corpus/zip/hostile.ts';
import { extractHere } from './extract-here.ts';
import { extraction } from './harness.ts';

const MINUTE = 60_000;

describe('a zip that is made to do harm', () => {
  it.each([...HOSTILE, ...OLE_DOCUMENTS])('ends with its code: $about', async ({ filename, bytes, code, says }) => {
    const error = await extractHere(filename, bytes).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(SourceFailure);
    expect(error).toMatchObject({ code, message: expect.stringMatching(/^[A-Z].*\.$/) });
    expect((error as SourceFailure).message).toContain(says ?? '');
  });

  it.each(HARMLESS)('is read where it only looks so: $about', async ({ filename, bytes, text, mediaType }) => {
    expect(await extractHere(filename, bytes)).toMatchObject({ text, mediaType });
  });

  it('ends in a failure wherever it is cut', async () => {
    const { filename, bytes } = DOCX_DOCUMENTS[0]!;
    for (let length = 4; length < bytes.length; length += 97) {
      const error = await extractHere(filename, bytes.subarray(0, length)).catch((reason: unknown) => reason);
      expect(error).toMatchObject({ code: 'document-broken' });
    }
  });

  it('ends in a failure or in text whichever of its bytes is another', async () => {
    const { filename, bytes } = DOCX_DOCUMENTS[0]!;
    for (let at = 4; at < bytes.length; at += 41) {
      const changed = Buffer.from(bytes);
      changed[at] = changed[at]! ^ 0x55;
      const outcome = await extractHere(filename, changed).catch((reason: unknown) => reason);
      if (outcome instanceof Error) expect(outcome).toMatchObject({ name: 'SourceFailure' });
    }
  });

  it(
    'never takes much memory: a worker that may have no more than 200 MB is not stopped for it',
    async () => {
      for (const { filename, bytes, code } of HOSTILE.filter(({ bytes }) => bytes.length > 100_000)) {
        const test = await extraction(filename, bytes, { limits: { rssBytes: 200_000_000, heapMb: 64 } });
        expect(await test.run().catch((reason: unknown) => reason)).toMatchObject({ code });
      }
    },
    MINUTE,
  );
});
