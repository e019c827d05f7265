import { describe, expect, it } from 'vitest';
import { zipOfParts } from '../../corpus/zip-writer.ts';
import { checkDocument, sentenceOf } from './check-document.ts';
import { FUZZ_CORPUS } from './corpus.ts';
import { documentCase } from './mutate-document.ts';
import { type BatchEvents, runBatch } from './run-batch.ts';
import { unzip } from './unzip.ts';

/** A full run: npm run fuzz -- documents */
const DOCUMENTS = 120;

describe('documents that were changed', () => {
  it(`end each in text or in a failure with its code, ${DOCUMENTS} of them`, async () => {
    const ends = new Map<string, number>();
    for (let index = 0; index < DOCUMENTS; index += 1) {
      const { end, wrong } = await checkDocument(documentCase(20_240_229, index));
      expect(wrong, `document ${index}`).toBeUndefined();
      ends.set(end, (ends.get(end) ?? 0) + 1);
    }
    // A change that breaks every document, or none, would prove nothing.
    expect(ends.get('document-broken')).toBeGreaterThan(DOCUMENTS / 10);
    expect([...ends.keys()].filter((end) => end.includes('/')).length).toBeGreaterThanOrEqual(8);
  }, 60_000);

  it('are the same again for the same seed and number', () => {
    expect(documentCase(3, 17)).toEqual(documentCase(3, 17));
    expect(documentCase(3, 17)).not.toEqual(documentCase(4, 17));
  });

  it('are as the corpus has them before they are changed', async () => {
    for (const document of FUZZ_CORPUS) expect((await checkDocument(document)).wrong).toBeUndefined();
  }, 60_000);

  it('are opened to be changed inside', () => {
    expect(unzip(zipOfParts({ 'a/ü.xml': '<a/>', b: '' }))).toEqual([
      { name: 'a/ü.xml', content: Buffer.from('<a/>') },
      { name: 'b', content: Buffer.from('') },
    ]);
  });

  it('may fail with a code of a document and a sentence only', () => {
    expect(sentenceOf('document-broken', 'It is damaged: save it anew.').wrong).toBeUndefined();
    expect(sentenceOf('document-broken', 'It is damaged.').wrong).toContain('what to do');
    expect(sentenceOf('internal', 'It is damaged: save it anew.').wrong).toContain('code');
    expect(sentenceOf('document-broken', 'TypeError: x is not a function').wrong).toContain('sentence');
  });
});

describe('a process that tries documents', () => {
  // A minute is more than a busy machine takes for what a deed does at once.
  const limits = { heapMb: 64, wallClockMs: 60_000, rssBytes: 300_000_000 };

  it.each([
    [1, 'time', { ...limits, wallClockMs: 3_000 }],
    [2, 'crash', limits],
    [3, 'memory', limits],
  ] as const)(
    'is stopped or mourned, and the others are still to be tried: deed %i is told as %s',
    async (seed, why, given) => {
      const { events, seen } = recorder();
      const left = await runBatch({ seed, indexes: [5, 6, 7] }, events, { worker: MISBEHAVING, limits: given });
      expect(left).toEqual([7]);
      expect(seen).toEqual(['5 text/plain', `6 ${why}`]);
    },
  );

  it('tells what nobody caught, and while which one', async () => {
    const { events, seen } = recorder();
    await runBatch({ seed: 4, indexes: [5, 6] }, events, {
      worker: MISBEHAVING,
      limits,
    });
    expect(seen).toEqual(['5 text/plain', '6 planted', '6 crash']);
  });
});

const MISBEHAVING = new URL('./misbehaving-batch.mjs', import.meta.url);

function recorder(): { readonly events: BatchEvents; readonly seen: string[] } {
  const seen: string[] = [];
  return {
    seen,
    events: {
      onVerdict: (index, { end }) => seen.push(`${index} ${end}`),
      onUncaught: (index, error) => seen.push(`${index} ${error}`),
      onStopped: (index, why) => seen.push(`${index} ${why}`),
    },
  };
}
