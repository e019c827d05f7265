import { describe, expect, it } from 'vitest';
import { odfOf } from '../../corpus/odf/odf.ts';
import { extractHere } from './extract-here.ts';

const odt = (body: string) => extractHere('a.odt', odfOf({ kind: 'text', body }));

describe('a number of spaces in OpenDocument', () => {
  it.each([
    ['-5', ''],
    ['-99999999999', ''],
    ['0', ''],
    ['1e400', ' '.repeat(1_000)],
    ['99999999999', ' '.repeat(1_000)],
    ['many', ''],
    ['2.7', '  '],
  ])('may be %s', async (count, spaces) => {
    const { text } = await odt(`<text:p>a<text:s text:c="${count}"/>b</text:p>`);
    expect(text).toBe(`a${spaces}b\n`);
  });
});
