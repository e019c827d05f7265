import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { extractHere } from './extract-here.ts';

const CORPUS = join(import.meta.dirname, '../../corpus');

const EXPECTED = '.expected.txt';

const TYPES = {
  csv: 'text/csv',
  json: 'application/json',
  xml: 'application/xml',
};

/** Documents as they are found in the world, and beside each of them all of the text that is in it. */
describe.each(Object.entries(TYPES))('the corpus of %s', (folder, mediaType) => {
  const names = readdirSync(join(CORPUS, folder)).filter((name) => !name.endsWith(EXPECTED));

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

  it.each(names)('%s ends in text or in one code, wherever it is cut', async (name) => {
    const bytes = readFileSync(join(CORPUS, folder, name));
    for (let end = 1; end < bytes.length; end += Math.ceil(bytes.length / 40)) {
      const failure = await extractHere(name, bytes.subarray(0, end)).then(
        () => undefined,
        (error: unknown) => error,
      );
      if (failure) expect(failure).toMatchObject({ code: expect.stringMatching(/^(?:document-|unsupported-)/) });
    }
  });
});
