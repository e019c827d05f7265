import { describe, expect, it } from 'vitest';
import { extractHere } from './extract-here.ts';
import { encode } from './legacy-encodings.ts';

const GERMAN = 'Alle Menschen sind frei und gleich an Würde und Rechten geboren.\n'.repeat(100);

const inTheMiddle = (bytes: Buffer, more: string) =>
  Buffer.concat([bytes.subarray(0, 3_000), Buffer.from(more, 'latin1'), bytes.subarray(3_000)]);

/** The same for the same seed, and nothing that anybody wrote. */
function randomBytes(length: number, seed = 1): Buffer {
  const bytes = Buffer.alloc(length);
  let state = seed;
  for (let index = 0; index < length; index += 1) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    bytes[index] = state >>> 24;
  }
  return bytes;
}

// One byte that no text should have, and that many have all the same, made the whole of it unsupported.
describe('a control character in a text', () => {
  it.each<[string, string, string | Buffer, string, string]>([
    ['what DOS ends it with', 'a.txt', 'All of it.\r\n\x1a', 'All of it.\r\n', 'text/plain'],
    ['a bell in a log', 'a.log', '10:00 done\x07\n10:01 done\n', '10:00 done\n10:01 done\n', 'text/plain'],
    ['a line break in a cell', 'a.csv', 'name;street\nAnna;one\x0btwo\n', 'name\tstreet\nAnna\tone two\n', 'text/csv'],
    ['a zero byte in a page', '', '<!doctype html><p>All\0 of it</p>', 'All of it\n', 'text/html'],
    ['a zero byte in JSON', '', '{"all": "of\0 it"}', '{"all": "of it"}', 'application/json'],
    ['a zero byte in XML', '', '<?xml version="1.0"?><a>All\0 of it</a>', 'All of it\n', 'application/xml'],
    [
      'UTF-16',
      '',
      Buffer.from(`\ufeff\u0007${'one two, three '.repeat(9)}`, 'utf16le'),
      'one two, three '.repeat(9),
      'text/plain',
    ],
  ])('is passed over: %s', async (_what, filename, content, text, mediaType) => {
    await expect(extractHere(filename, content)).resolves.toMatchObject({ text, mediaType });
  });

  it.each(['utf-8', 'windows-1252'])('is passed over in the middle of a text in %s', async (label) => {
    const bytes = label === 'utf-8' ? Buffer.from(GERMAN) : encode(GERMAN, label);
    const extracted = extractHere('a.txt', inTheMiddle(bytes, '\x01\x02'));
    await expect(extracted).resolves.toMatchObject({ text: GERMAN });
  });

  it('is passed over in a few words of an old encoding', async () => {
    const { text } = await extractHere('a.csv', encode('Name;Ort\nMüller;Köln\x0bSüd\n', 'windows-1252'));
    expect(text).toBe('Name\tOrt\nMüller\tKöln Süd\n');
  });

  it('is passed over in a mail', async () => {
    const { text } = await extractHere('a.eml', 'From: a@example.com\nSubject: s\n\nAll\0 of\x0bit\x1a\n');
    expect(text).toContain('\n\nAll of it\n');
  });

  it('takes a letter back where a manual page prints it twice, in two pieces of the text as well', async () => {
    const page = 'N\bNA\bAM\bME\bE\n\tls - _\bl_\bi_\bs_\bt, \b\b 🙂\b\n\b';
    expect((await extractHere('ls.txt', page)).text).toBe('NAME\n\tls - list \n');
    // A chunk ends between the letter and the backspace.
    const taken = `${'x'.repeat(100_000)}${'\b'.repeat(99_999)}y\n`;
    expect((await extractHere('ls.txt', taken)).text).toBe('xy\n');
    const bold = `${'x'.repeat(256 * 1024 - 1)}b\bbold`;
    expect((await extractHere('ls.txt', bold)).text).toBe(bold.replace('b\b', ''));
  });
});

describe('what is no text', () => {
  it.each<[string, Buffer]>([
    ['any bytes', randomBytes(10_000)],
    ['few of them', randomBytes(100)],
    ['any bytes after the mark of UTF-8', Buffer.concat([Buffer.from('efbbbf', 'hex'), randomBytes(10_000)])],
    ['any bytes after the mark of UTF-16', Buffer.concat([Buffer.from('fffe', 'hex'), randomBytes(10_000)])],
    ['any bytes after the other mark of UTF-16', Buffer.concat([Buffer.from('feff', 'hex'), randomBytes(10_000)])],
    ['any bytes after the mark of UTF-32', Buffer.concat([Buffer.from('fffe0000', 'hex'), randomBytes(10_000)])],
    ['a text with any bytes in it', inTheMiddle(Buffer.from(GERMAN), randomBytes(10_000).toString('latin1'))],
    ['a header of zeros before a text', Buffer.concat([Buffer.alloc(500), Buffer.from(GERMAN.repeat(10))])],
  ])('is refused all the same: %s', async (_what, bytes) => {
    await expect(extractHere('a.txt', bytes)).rejects.toMatchObject({ code: 'unsupported-media-type' });
  });

  it('is refused by its name where it has few control characters', async () => {
    const midi = Buffer.concat([Buffer.from('MThd\0'), Buffer.from(GERMAN)]);
    await expect(extractHere('', midi)).rejects.toMatchObject({
      code: 'unsupported-media-type',
      message: expect.stringContaining('audio/midi'),
    });
  });

  it('is a PDF with something before it, and not a text that has few control characters', async () => {
    const pdf = `\x01junk\n%PDF-1.4\n${GERMAN}`;
    await expect(extractHere('a.pdf', pdf)).rejects.toMatchObject({ code: 'document-broken' });
  });
});
