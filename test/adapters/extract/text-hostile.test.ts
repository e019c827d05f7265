import { describe, expect, it } from 'vitest';
import { extractHere } from './extract-here.ts';
import { extraction } from './harness.ts';
import { encode } from './legacy-encodings.ts';

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
    ['bytes that are not there', '{\\rtf1 text {\\bin2000000000 x}} more', 'text\n'],
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

describe('mail that is made to do harm', () => {
  const HEADER = 'From: a@example.com\nMessage-ID: <1@example.com>\nSubject: s\n';

  const nested = (count: number) =>
    Array.from(
      { length: count },
      (_, index) => `Content-Type: multipart/mixed; boundary=b${index}\n\n--b${index}\n`,
    ).join('');

  it('is document-too-deep with 10,000 parts inside one another', async () => {
    const failure = extractHere('a.eml', `${HEADER}${nested(10_000)}`);
    await expect(failure).rejects.toMatchObject({ code: 'document-too-deep' });
  });

  it('is document-too-deep with 10,000 messages inside one another', async () => {
    const failure = extractHere('a.eml', `${HEADER}${'Content-Type: message/rfc822\n\n'.repeat(10_000)}`);
    await expect(failure).rejects.toMatchObject({ code: 'document-too-deep' });
  });

  it('is document-too-many-parts with 20,000 of them', async () => {
    const content = `${HEADER}Content-Type: multipart/mixed; boundary=b\n\n${'--b\n\nx\n'.repeat(20_000)}`;
    await expect(extractHere('a.eml', content)).rejects.toMatchObject({ code: 'document-too-many-parts' });
  });

  it.each([
    ['one line', `To: ${'a@example.com, '.repeat(200_000)}`],
    ['many lines', 'X: y\n'.repeat(500_000)],
    ['a line that is folded', `To: a${'\n b'.repeat(1_000_000)}`],
  ])('is document-too-large with a header without end: %s', async (_what, lines) => {
    await expect(extractHere('a.eml', `${HEADER}${lines}`)).rejects.toMatchObject({ code: 'document-too-large' });
  });

  it.each([
    ['a million encoded words', `X: ${'=?utf-8?q?=41?= '.repeat(60_000)}`],
    ['a million signs that begin one', `Cc: ${'=?'.repeat(100_000)}`],
    ['parameters without end', `Content-Type: text/plain; ${'a*1*="'.repeat(100_000)}`],
    ['quotes without end', `Content-Type: text/plain; name="${'\\\\'.repeat(200_000)}`],
  ])('is read in no time with %s', async (_what, line) => {
    expect((await extractHere('a.eml', `${HEADER}${line}\n\nthe text`)).text).toMatch(/the text\n$/);
  });

  it.each([
    ['invalid Base64', 'base64', 'd29y!ZA==\n====bW9yZQ', 'wordmore'],
    ['Base64 that is cut', 'base64', 'd29yZCBtb3J', 'word mo'],
    ['invalid quoted-printable', 'quoted-printable', 'a=ZZ=\n b=3D=', 'a=ZZ b=='],
    ['an encoding that is not known', 'x-none', 'as it is', 'as it is'],
  ])('is read with %s', async (_what, encoding, body, expected) => {
    const content = `${HEADER}Content-Transfer-Encoding: ${encoding}\n\n${body}`;
    expect((await extractHere('a.eml', content)).text).toContain(`\n\n${expected}`);
  });

  it.each([
    ['utf-8', 'windows-1251', 'Привет всем, это письмо'],
    ['us-ascii', 'utf-8', 'Grüße aus Köln'],
    ['no-such-charset', 'koi8-r', 'Привет всем, это письмо'],
    ['', 'windows-1251', 'Привет всем, это письмо'],
  ])('is read by what it is where its charset %j is a lie', async (declared, label, text) => {
    const type = declared === '' ? 'text/plain' : `text/plain; charset="${declared}"`;
    const body = label === 'utf-8' ? Buffer.from(text) : encode(text, label);
    const bytes = Buffer.concat([Buffer.from(`${HEADER}Content-Type: ${type}\n\n`), body]);
    expect((await extractHere('a.eml', bytes)).text).toContain(`\n\n${text}\n`);
  });

  it('is document-encrypted where only its header can be read', async () => {
    for (const type of ['multipart/encrypted; boundary=b', 'application/pkcs7-mime; smime-type=enveloped-data']) {
      const failure = extractHere('a.eml', `${HEADER}Content-Type: ${type}\n\n--b\n\nx`);
      await expect(failure).rejects.toMatchObject({ code: 'document-encrypted' });
    }
  });

  it('is a message by its header lines, and not by a name or a word', async () => {
    for (const [name, content, mediaType] of [
      ['', `${HEADER}\ntext`, 'message/rfc822'],
      ['a.txt', `${HEADER}\ntext`, 'message/rfc822'],
      ['a.eml', 'Subject: only this\n\ntext', 'message/rfc822'],
      ['a.eml', 'no header at all\n\ntext', 'text/plain'],
      ['a.txt', 'From: Anna\nTo: Bob\nSubject: a memo\n\ntext', 'text/plain'],
      ['a.txt', 'From here on: a story\n\ntext', 'text/plain'],
      ['', 'name: value\nother: value\n', 'text/plain'],
    ] as const) {
      expect((await extractHere(name, content)).mediaType, content).toBe(mediaType);
    }
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
    ['a body of mail', 'a.eml', 'From: a@b.c\nSubject: s\n\n', 'one line of text\n'],
    ['a paragraph of RTF', 'a.rtf', '{\\rtf1 ', "text\\'e4 text "],
  ])('stays where it is with %s of 30 MB', async (_what, name, start, piece) => {
    const bytes = Buffer.alloc(30 * MEGABYTE, piece);
    bytes.write(start);
    const test = await extraction(name, bytes, { limits });
    expect((await test.run()).words).toBeGreaterThan(1_000_000);
  });
});
