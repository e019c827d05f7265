import { describe, expect, it } from 'vitest';
import { extractHere } from './extract-here.ts';
import { extraction } from './harness.ts';

const MEGABYTE = 1024 * 1024;

describe('RTF that is made to do harm', () => {
  it('has as many groups as it likes, one after another', async () => {
    const { text } = await extractHere('a.rtf', `{\\rtf1 ${'{\\b x}'.repeat(100_000)}}`);
    expect(text).toBe(`${'x'.repeat(100_000)}\n`);
  });

  it.each([
    ['groups', `{\\rtf1 ${'{'.repeat(100_000)}x`],
    ['groups that are skipped', `{\\rtf1 {\\*\\x ${'{'.repeat(100_000)}x`],
  ])('is document-too-deep with 100,000 %s inside one another', async (_what, content) => {
    await expect(extractHere('a.rtf', content)).rejects.toMatchObject({ code: 'document-too-deep' });
  });

  it.each([
    ['bytes that are not there', '{\\rtf1 text {\\bin2000000000 x}} more', 'text \n'],
    ['a negative number of bytes', '{\\rtf1 text {\\bin-5 x}}', 'text x\n'],
    ['a fallback without end', '{\\rtf1 {text \\uc2000000000\\u8364 all of this} still}', 'text € still\n'],
    ['half of a character', "{\\rtf1\\ansicpg932 x\\'82}", 'x\ufffd\n'],
    ['half of a pair', '{\\rtf1 x\\u-10179?}', 'x\ufffd\n'],
    ['numbers beyond all bounds', "{\\rtf1\\f99999999999\\u99999999999?x\\ansicpg-1\\'e4}", '9\ue3ff?xä\n'],
    ['words of every object', '{\\rtf1 \\constructor\\toString x{\\*\\valueOf y}\\hasOwnProperty z}', 'xz\n'],
  ])('is read with %s', async (_what, content, expected) => {
    expect((await extractHere('a.rtf', content)).text).toBe(expected);
  });
});

describe('XML that is made to do harm', () => {
  it('expands no entity, however they are nested', async () => {
    const entities = Array.from({ length: 10 }, (_, index) => `<!ENTITY l${index + 1} "${`&l${index};`.repeat(10)}">`);
    const { text } = await extractHere(
      'a.xml',
      `<!DOCTYPE x [<!ENTITY l0 "lol">${entities.join('')}]><x>&l10; end</x>`,
    );
    expect(text).toBe('&l10; end\n');
  });

  it('reads no file', async () => {
    const xxe =
      '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY % p SYSTEM "file:///etc/passwd">%p;<!ENTITY f SYSTEM "/etc/passwd">]><x>&f;</x>';
    expect((await extractHere('a.xml', xxe)).text).toBe('&f;\n');
  });

  it('is document-too-deep with 100,000 elements inside one another', async () => {
    const failure = extractHere('a.xml', `<?xml version="1.0"?>${'<a>'.repeat(100_000)}x`);
    await expect(failure).rejects.toMatchObject({ code: 'document-too-deep' });
  });

  it('is document-too-large with a DOCTYPE that does not end', async () => {
    const failure = extractHere('a.xml', `<?xml version="1.0"?><!DOCTYPE x [${'<!ENTITY a "b">'.repeat(200_000)}`);
    await expect(failure).rejects.toMatchObject({ code: 'document-too-large' });
  });
});

/** In the child, with a heap that could not hold the document. Beside it are buffers that nobody has collected yet. */
describe('memory', () => {
  const limits = { heapMb: 24, rssBytes: 300 * MEGABYTE };

  it.each([
    ['a row of CSV', 'a.csv', 'a,b,', 'cell "with", "and; ""with""",'],
    ['a cell of CSV', 'a.csv', '"a",b,"', 'one quoted ""cell"" '],
    ['a line of JSON', 'a.json', '[1, ', '{"a": [1, 2]}, '],
    ['an element of XML', 'a.xml', '<a>', 'text &amp; text '],
    ['a paragraph of RTF', 'a.rtf', '{\\rtf1 ', "text\\'e4 text "],
  ])('stays where it is with %s of 30 MB', async (_what, name, start, piece) => {
    const bytes = Buffer.alloc(30 * MEGABYTE, piece);
    bytes.write(start);
    const test = await extraction(name, bytes, { limits });
    expect((await test.run()).words).toBeGreaterThan(1_000_000);
  });
});
