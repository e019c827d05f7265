import { describe, expect, it } from 'vitest';
import { fontOf, HELVETICA, pdfOfLines } from '../../corpus/pdf/cjk.ts';
import { pdfOfPlaced } from '../../corpus/pdf/pdf.ts';
import { extractHere } from './extract-here.ts';

const UNREADABLE: readonly (readonly [string, string])[] = [
  ['names a character map that nobody knows', fontOf('Nobody-Knows-H', 'Japan1')],
  ['says of its letters only that they are elsewhere', '<< /Type /Font /Subtype /Type0 /Encoding /Identity-H >>'],
  ['is drawn by procedures that are not there', '<< /Type /Font /Subtype /Type3 /FontMatrix [1 0 0 1 0 0] >>'],
];
const HEX = Buffer.from('Report').toString('hex');

/** These were called scans: who reads that looks for pictures where there are none. */
describe('a PDF with a font that', () => {
  it.each(UNREADABLE)('%s is not called a scan', async (_, font) => {
    await expect(extractHere('a.pdf', pdfOfLines([{ font, hex: HEX }]))).rejects.toMatchObject({
      code: 'document-broken',
      message: expect.stringContaining('font that cannot be read'),
    });
  });

  it.each(UNREADABLE)('%s says so beside the text that it has', async (_, font) => {
    const pdf = pdfOfLines([
      { font: HELVETICA, hex: HEX },
      { font, hex: HEX },
    ]);
    const { text, note } = await extractHere('a.pdf', pdf);
    expect({ text, note }).toEqual({ text: 'Report\n', note: expect.stringContaining('font that cannot be read') });
  });

  it('can be read says nothing, whatever the one before it was', async () => {
    expect(await extractHere('a.pdf', pdfOfLines([{ font: HELVETICA, hex: HEX }]))).not.toHaveProperty('note');
  });
});

/** They came out as NUL, which stores and programs choke on, and nobody was told that anything was missing. */
describe('signs of a PDF that are no letters', () => {
  const signs = (text: string) => extractHere('a.pdf', pdfOfPlaced([[{ text, x: 50, y: 700 }]]));

  it('are left out, and so is nothing else', async () => {
    expect((await signs('a\0b \x01\x02 c\x7f\u0085d\uffffe')).text).toBe('ab cde\n');
  });

  it('are told of where they are many', async () => {
    expect(await signs('a\0b \x01\x02 c')).toMatchObject({
      note: expect.stringContaining('do not say what letters they are'),
    });
    expect(await signs(`${'letters '.repeat(10)}\0`)).not.toHaveProperty('note');
  });
});
