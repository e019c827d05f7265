import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { SourceFailure } from '../../../domain/errors.ts';
import { extraction, pdfOf } from './harness.ts';

const MINUTE = 60_000;

describe('a document', () => {
  it('becomes a result with all that is known of it, its text and a link', async () => {
    const bytes = Buffer.from('Grüße, Welt!\nZwei Zeilen 🙂\n');
    const test = await extraction('gruss.txt', bytes);
    const result = await test.run();
    const { 'text-url-expires': expires, ...rest } = result;
    expect(rest).toEqual({
      title: 'gruss.txt',
      'media-type': 'text/plain',
      'declared-name': 'gruss.txt',
      bytes: bytes.length,
      sha256: createHash('sha256').update(bytes).digest('hex'),
      words: 5,
      characters: 27,
      preview: 'Grüße, Welt!\nZwei Zeilen 🙂',
      'text-url': 'memory://users/1/sources/6f1c7a4e-8d0b-4d53-9f43-1b6f0a1f2c3d/1/text.txt',
    });
    expect(Date.parse(expires)).toBeGreaterThan(Date.now());
    expect(test.text()).toBe(bytes.toString());
    expect(JSON.parse(Buffer.from(test.files.stored(test.source, 'result.json')!).toString())).toEqual(result);
    expect(test.progress.at(-1)).toEqual({ bytes: bytes.length, totalBytes: bytes.length });
    expect(test.log.entries).toEqual([]);
  });

  it('that is a PDF is read page by page, with its title', async () => {
    const test = await extraction(
      'report.pdf',
      await pdfOf(['First page.', 'Zweite Seite: äöü', 'Third.'], { info: { Title: 'The  Report' } }),
    );
    const result = await test.run();
    expect(result).toMatchObject({ title: 'The Report', 'media-type': 'application/pdf', pages: 3, words: 6 });
    expect(test.text()).toBe('First page.\n\fZweite Seite: äöü\n\fThird.\n');
    expect(test.progress.at(-1)).toEqual({ pages: 3, totalPages: 3 });
    expect(test.log.entries).toEqual([]);
  });

  it(
    'that is large is streamed, with progress from its bytes',
    async () => {
      const line = 'one two three four\n';
      const test = await extraction('large.txt', Buffer.alloc(line.length * 500_000, line));
      const result = await test.run();
      expect(result).toMatchObject({ words: 2_000_000, bytes: line.length * 500_000 });
      expect(test.files.stored(test.source, 'text.txt')).toHaveLength(line.length * 500_000);
      expect(test.progress.at(-1)).toEqual({ bytes: result.bytes, totalBytes: result.bytes });
      const seen = test.progress.map((each) => ('bytes' in each ? each.bytes : 0));
      expect(seen).toEqual(seen.toSorted((one, other) => one - other));
    },
    MINUTE,
  );

  it('without a name or a title is called by its URL, without the query', async () => {
    const test = await extraction('', 'some text', { url: 'https://example.com/a/caf%C3%A9.txt?token=secret' });
    const result = await test.run();
    expect(result.title).toBe('café.txt');
    expect(result['declared-name']).toBeUndefined();
  });

  it('is called what it was called where it was fetched from, unless its uploader gave it a name', async () => {
    const bytes = async function* () {
      yield Buffer.from('some text');
    };
    for (const [filename, name] of [
      ['', 'served.txt'],
      ['  ', 'served.txt'],
      ['own.txt', 'own.txt'],
    ] as const) {
      const test = await extraction(filename, 'some text', { url: 'https://example.com/a/path.txt' });
      await test.files.putOriginalStream(test.source, bytes(), new AbortController().signal, { name: 'served.txt' });
      expect(await test.run()).toMatchObject({ title: name, 'declared-name': name });
    }
  });

  it('says its language where it is clear', async () => {
    const test = await extraction('a.txt', 'All human beings are born free and equal in dignity and rights.');
    expect(await test.run()).toMatchObject({ language: 'en' });
  });

  it('whose name contradicts its content is read by its content, and the result says so', async () => {
    const test = await extraction('page.pdf', '<!doctype html><p>Not a PDF</p>');
    expect(await test.run()).toMatchObject({
      'media-type': 'text/html',
      note: 'The name says application/pdf, the content is text/html: the content was believed.',
    });
  });
});

describe('a document that was fetched', () => {
  const served = async (name: string, content: string, filename = '') => {
    const bytes = async function* () {
      yield Buffer.from(content);
    };
    const test = await extraction(filename, content, { url: 'https://example.com/download' });
    await test.files.putOriginalStream(test.source, bytes(), new AbortController().signal, { name });
    return test.run();
  };

  // Who gave a URL only was never told that the report it leads to is a page to log in.
  it('says so where the name that its server gave contradicts its content', async () => {
    expect(await served('report.pdf', '<!doctype html><p>Please log in')).toMatchObject({
      'declared-name': 'report.pdf',
      note: 'The name says application/pdf, the content is text/html: the content was believed.',
    });
  });

  it('is told apart from other kinds of text by that name, unless its uploader gave another', async () => {
    expect(await served('table.csv', 'Name\nAnna\n')).toMatchObject({ 'media-type': 'text/csv' });
    expect(await served('table.csv', 'Name\nAnna\n', 'a.txt')).toMatchObject({ 'media-type': 'text/plain' });
  });
});

describe('a document that cannot be read', () => {
  async function failure(filename: string, bytes: Uint8Array | string, limits = {}) {
    const test = await extraction(filename, bytes, { limits });
    const error = await test.run().catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(SourceFailure);
    expect((error as SourceFailure).message).toMatch(/^[A-Z].*\.$/);
    // Nothing stays behind that could be taken for a result.
    expect(test.files.keys.map((key) => key.split('/').at(-1))).toEqual(['original']);
    expect(test.log.entries).toEqual([]);
    return error as SourceFailure;
  }

  it.each<[string, string, Uint8Array | string]>([
    ['0 bytes', 'a.txt', ''],
    ['spaces only', 'a.txt', ' \n\t\r\n'],
    ['a byte order mark only', 'a.txt', Buffer.from([0xef, 0xbb, 0xbf])],
    ['a page without text', 'a.html', '<!doctype html><title>T</title><script>var a = 1</script>'],
  ])('is document-empty with %s', async (_title, name, bytes) => {
    expect((await failure(name, bytes)).code).toBe('document-empty');
  });

  it('is said to be empty, and not to need text recognition, where it could have no picture', async () => {
    for (const bytes of [Buffer.from([0xef, 0xbb, 0xbf]), ' \n\t', Buffer.from('\ufeff', 'utf16le')]) {
      expect((await failure('a.txt', bytes)).message).toMatch(/ is empty, .* check which file you send\.$/);
    }
    expect((await failure('a.html', '<!doctype html><img src="a.png">')).message).toContain('text recognition');
  });

  it('is document-scanned when it is a scan', async () => {
    const error = await failure('scan.pdf', await pdfOf(['', '']));
    expect(error.code).toBe('document-scanned');
    expect(error.message).toContain('scanned');
  });

  it('is document-encrypted when it needs a password, and not when it only forbids to print', async () => {
    expect((await failure('a.pdf', await pdfOf(['secret'], { userPassword: 'x', pdfVersion: '1.7' }))).code).toBe(
      'document-encrypted',
    );
    const open = await extraction(
      'a.pdf',
      await pdfOf(['open'], { ownerPassword: 'x', permissions: {}, pdfVersion: '1.7' }),
    );
    await open.run();
    expect(open.text()).toBe('open\n');
  });

  it('is document-broken when it is a PDF by its start only', async () => {
    expect((await failure('a.pdf', '%PDF-1.7\nnothing of one')).code).toBe('document-broken');
  });

  it(
    'ends in a failure or in text, however a PDF is cut',
    async () => {
      const whole = await pdfOf(['First page.', 'Second page.']);
      for (const length of [9, 200, Math.floor(whole.length / 2), whole.length - 40]) {
        const test = await extraction('a.pdf', whole.subarray(0, length));
        const outcome = await test.run().catch((reason: unknown) => reason);
        if (outcome instanceof Error) expect(outcome).toMatchObject({ name: 'SourceFailure' });
        else expect(test.text()).toContain('page.');
      }
    },
    MINUTE,
  );

  it.each<[string, Uint8Array]>([
    ['image/png', Buffer.from('89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c489', 'hex')],
    ['application/zip', Buffer.from('504b0506000000000000000000000000000000000000', 'hex')],
    ['application/gzip', Buffer.from('1f8b080000000000000303000000000000000000', 'hex')],
    ['not known', Buffer.from([0, 1, 2, 3, 250, 251, 252, 0, 0, 1])],
  ])('is unsupported-media-type when it is %s', async (type, bytes) => {
    const error = await failure('document.pdf', bytes);
    expect(error.code).toBe('unsupported-media-type');
    expect(error.message).toContain(type);
  });

  it('is document-too-large by its bytes, before a byte is read', async () => {
    const error = await failure('a.txt', 'x'.repeat(1001), { documentBytes: 1000 });
    expect(error.code).toBe('document-too-large');
  });

  // The connection to S3 stayed open until its end: an iterator that has not begun does not end its stream.
  it('lets go of a stream that it does not read', async () => {
    const test = await extraction('a.txt', 'x');
    const body = new Readable({ read() {} });
    body.push(Buffer.alloc(1001));
    Object.assign(test.files, { readOriginal: async () => ({ body, bytes: 2 ** 40 }) });
    await expect(test.run()).rejects.toMatchObject({ code: 'document-too-large' });
    expect(body.destroyed).toBe(true);
  });

  it('is document-too-large by its text', async () => {
    expect((await failure('a.txt', 'words '.repeat(100_000), { textBytes: 100_000 })).code).toBe('document-too-large');
  });

  it('is document-too-large by its pages', async () => {
    expect((await failure('a.pdf', await pdfOf(['1', '2', '3']), { pages: 2 })).code).toBe('document-too-large');
  });

  it('is document-too-deep by the depth of its tags', async () => {
    expect((await failure('a.html', `<!doctype html>${'<b>'.repeat(6_000)}x`)).code).toBe('document-too-deep');
  });
});
