import { describe, expect, it } from 'vitest';
import { createStringTable } from '../../../adapters/extract/string-table.ts';

describe('a table of strings', () => {
  it('gives each back as it was, also where a character lies across two pieces of it', () => {
    const table = createStringTable();
    const texts = ['', 'a', '☃'.repeat(349_525), '🙂é', '', 'x'.repeat(3_000_000), 'last'];
    for (const text of texts) table.add(text);
    expect(table.length).toBe(texts.length);
    expect(table.bytes).toBe(texts.reduce((bytes, text) => bytes + Buffer.byteLength(text), 0));
    for (const [index, text] of texts.entries()) expect(table.get(index) === text, `string ${index}`).toBe(true);
    expect(table.get(texts.length)).toBeUndefined();
    expect(table.get(-1)).toBeUndefined();
  });
});
