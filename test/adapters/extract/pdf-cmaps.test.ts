import { createRequire } from 'node:module';
import { getResolvedPDFJS } from 'unpdf';
import { describe, expect, it } from 'vitest';
import { CMapFiles } from '../../../adapters/extract/pdf-cmaps.ts';

const files = new CMapFiles();

describe('the character maps of PDFs', () => {
  it('are there for the four writings that name them', async () => {
    for (const name of ['Adobe-GB1-UCS2', 'Adobe-CNS1-UCS2', 'Adobe-Japan1-UCS2', 'Adobe-Korea1-UCS2']) {
      const map = await files.fetch({ kind: 'cMapUrl', filename: `${name}.bcmap` });
      expect(map.byteLength).toBeGreaterThan(10_000);
    }
  });

  it('are of the version that the library is made of', async () => {
    const { version } = createRequire(import.meta.url)('pdfjs-dist/package.json');
    expect(version).toBe((await getResolvedPDFJS()).version);
  });

  it.each(['../package.json', '/etc/hostname', './H.bcmap', '', '.', 'h.bcmap', 'H.bcmap\0'])(
    'are never looked for under a name that none of them has: %j',
    async (filename) => {
      await expect(files.fetch({ kind: 'cMapUrl', filename })).rejects.toThrow('There is no file');
    },
  );

  it('are all that the library is given to read', async () => {
    const font = { kind: 'standardFontDataUrl', filename: 'H.bcmap' };
    await expect(files.fetch(font)).rejects.toThrow('There is no file for standardFontDataUrl');
  });
});
