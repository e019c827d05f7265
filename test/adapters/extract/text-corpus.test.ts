import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { extractHere } from './extract-here.ts';

const CORPUS = join(import.meta.dirname, '../../corpus');

const EXPECTED = '.expected.txt';

const TYPES = {
  csv: 'text/csv',
  html: 'text/html',
  json: 'application/json',
  mail: 'message/rfc822',
  markdown: 'text/markdown',
  rtf: 'application/rtf',
  text: 'text/plain',
  xml: 'application/xml',
};

/** Documents as they are found in the world, and beside each of them all of the text that is in it. */
describe.each(Object.entries(TYPES))('the corpus of %s', (folder, mediaType) => {
  const files = readdirSync(join(CORPUS, folder));
  const names = files.filter((name) => !name.endsWith(EXPECTED));

  it('has three documents or more, and each of them its text', () => {
    expect(names.length).toBeGreaterThanOrEqual(3);
    expect(files.filter((name) => name.endsWith(EXPECTED))).toEqual(names.map((name) => `${name}${EXPECTED}`));
  });

  it.each(names)('%s has its text', async (name) => {
    const extracted = await extractHere(name, readFileSync(join(CORPUS, folder, name)));
    expect(extracted.text).toBe(readFileSync(join(CORPUS, folder, `${name}${EXPECTED}`), 'utf8'));
    expect(extracted.mediaType).toBe(mediaType);
    expect(extracted.note).toBeUndefined();
  });

  it.each(names)('%s is told by its content, without its name', async (name) => {
    const bytes = readFileSync(join(CORPUS, folder, name));
    const { mediaType: found } = await extractHere('', bytes);
    expect([mediaType, ...(folder === 'csv' ? ['text/plain'] : [])]).toContain(found);
  });

  it.each(names)('%s ends in text or in one code, wherever it is cut or changed', async (name) => {
    const bytes = readFileSync(join(CORPUS, folder, name));
    for (let index = 0; index < 40; index += 1) {
      await expectTextOrCode(name, bytes.subarray(0, Math.ceil((bytes.length * (index + 1)) / 41)));
      await expectTextOrCode(name, changed(bytes, index + 1));
    }
  });
});

async function expectTextOrCode(name: string, bytes: Uint8Array): Promise<void> {
  const failure = await extractHere(name, bytes).then(
    () => undefined,
    (error: unknown) => error,
  );
  if (failure) expect(failure).toMatchObject({ code: expect.stringMatching(/^(?:document|unsupported)-/) });
}

/** The same seed changes the same bytes: to signs that mean something in one of the formats, or to any. */
function changed(bytes: Buffer, seed: number): Buffer {
  const SIGNS = Buffer.from('<>&;"\'\\{}[]=?:,\t\r\n-\0');
  const copy = Buffer.from(bytes);
  let state = seed;
  const next = (below: number) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  for (let count = 0; count < 1 + seed / 4; count += 1) {
    copy[next(copy.length)] = next(4) === 0 ? next(256) : SIGNS[next(SIGNS.length)]!;
  }
  return copy;
}
