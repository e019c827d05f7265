import { closeSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openDocument } from '../../../adapters/extract/document.ts';
import { extractDocument } from '../../../adapters/extract/extract-document.ts';
import { SourceFailure } from '../../../domain/errors.ts';

/** What the child does, without the child. */
async function extract(filename: string, content: Uint8Array | string) {
  const path = join(tmpdir(), `extract-document-${process.pid}`);
  writeFileSync(path, content);
  const fd = openSync(path, 'r');
  const chunks: Buffer[] = [];
  try {
    const done = await extractDocument(
      openDocument(fd),
      { filename, textBytes: 10_000_000, pages: 10 },
      { text: (bytes) => chunks.push(Buffer.from(bytes)), progress: () => {}, load: (importing) => importing() },
    );
    return { ...done, text: Buffer.concat(chunks).toString() };
  } finally {
    closeSync(fd);
    rmSync(path);
  }
}

const utf16be = (text: string) => Buffer.from(text, 'utf16le').swap16();
const mark = (bytes: number[], content: Buffer) => Buffer.concat([Buffer.from(bytes), content]);

describe('the encoding of a text', () => {
  const TEXT = 'Grüße aus Köln, 10 Uhr\r\n\tund noch mehr – “so”\f';

  it.each<[string, Buffer]>([
    ['UTF-8', Buffer.from(TEXT)],
    ['UTF-8 with its mark', mark([0xef, 0xbb, 0xbf], Buffer.from(TEXT))],
    ['UTF-16LE with its mark', mark([0xff, 0xfe], Buffer.from(TEXT, 'utf16le'))],
    ['UTF-16BE with its mark', mark([0xfe, 0xff], utf16be(TEXT))],
    ['UTF-16LE without a mark', Buffer.from(TEXT, 'utf16le')],
    ['UTF-16BE without a mark', utf16be(TEXT)],
    ['Windows-1252', Buffer.from('Gr\xfc\xdfe aus K\xf6ln, 10 Uhr\r\n\tund noch mehr \x96 \x93so\x94\f', 'latin1')],
  ])('is found to be %s, and the text comes out as UTF-8', async (_name, bytes) => {
    const { text, mediaType } = await extract('a.txt', bytes);
    expect(text).toBe(TEXT);
    expect(mediaType).toBe('text/plain');
  });

  it.each([
    ['Shift_JIS', 'shift_jis', Buffer.from('93fa967b8cea', 'hex'), '日本語'],
    ['windows-1251', 'windows-1251', Buffer.from('cff0e8e2e5f2', 'hex'), 'Привет'],
    ['a lie about UTF-8', 'iso-8859-1', Buffer.from('Привет'), 'Привет'],
    ['an unknown name', 'constructor', Buffer.from('caf\xe9', 'latin1'), 'café'],
  ])('is taken from the page itself: %s', async (_name, charset, bytes, expected) => {
    const page = Buffer.concat([Buffer.from(`<html><meta charset="${charset}"><p>`), bytes, Buffer.from('</p>')]);
    expect((await extract('a.html', page)).text).toBe(`${expected}\n`);
  });

  it('is not broken where a chunk ends inside a character', async () => {
    const content = `x${'é☃🙂'.repeat(100_000)}`;
    const { text, characters } = await extract('a.txt', content);
    expect(text).toBe(content);
    expect(characters).toBe(300_001);
  });

  it('is decided by the last byte as well as by the first', async () => {
    const { text } = await extract('a.txt', mark([], Buffer.from(`${'plain '.repeat(100_000)}caf\xe9`, 'latin1')));
    expect(text.endsWith('café')).toBe(true);
  });

  it.each<[string, Buffer]>([
    ['zero bytes between its words', Buffer.from('text\0'.repeat(10))],
    ['control bytes in a tenth of it', Buffer.from('text text\x01'.repeat(50_000))],
    ['what is beyond Unicode in UTF-32', mark([0xff, 0xfe, 0, 0], Buffer.from('7800000079001100', 'hex'))],
    ['a start that looks like a bitmap', Buffer.from('BM\x00\x01\x02\x03')],
  ])('is none with %s', async (_name, bytes) => {
    await expect(extract('a.txt', bytes)).rejects.toMatchObject({ code: 'unsupported-media-type' });
  });

  it.each(['BM is a company', 'MZ wrote this', 'ID3 tags are in MP3 files', 'GIF8 or not', 'II*, said he'])(
    'is seen in "%s", though its start is the mark of another format',
    async (text) => {
      expect(await extract('', text)).toMatchObject({ mediaType: 'text/plain', text });
    },
  );
});

describe('the kind of a text', () => {
  it.each([
    ['', '{"a": [1, 2]}', 'application/json'],
    ['a.json', '"only a string"', 'application/json'],
    ['', '[1, 2', 'text/plain'],
    ['a.json', '{"a": }', 'text/plain'],
    ['', ' \n<!-- c --><!DOCTYPE html><p>x', 'text/html'],
    ['', '<div class="x">y</div>', 'text/html'],
    ['a.md', '<p align="center">Logo</p>\n\n# Title', 'text/markdown'],
    ['a.txt', '<b>not bold</b>', 'text/plain'],
    ['a.txt', '<html><p>x</p></html>', 'text/html'],
    ['', '<?xml version="1.0"?>\n<a>b</a>', 'application/xml'],
    ['', '<?xml version="1.0"?>\n<html xmlns="x"><p>b</p></html>', 'text/html'],
    ['', '<?xml version="1.0"?>\n<!-- c -->\n<!DOCTYPE html>\n<html><p>b</p></html>', 'text/html'],
    ['', '<?xml version="1.0"?>\n<!DOCTYPE html>\n<p>b</p>', 'text/html'],
    ['a.csv', 'a;b\n1;2\n', 'text/csv'],
    ['a.tsv', 'a\tb\n', 'text/csv'],
    ['a.csv', 'Name\n"Anna"\nBob\n', 'text/csv'],
    ['config.yml', '# All settings\n- one\n- two\n', 'text/plain'],
    ['a.py', '# A script\n\n# - of one\n```\n[a](b)\n', 'text/plain'],
    ['', 'a,b,c\n1,2,3\n"x, y",4,5\n', 'text/csv'],
    ['', 'One, two.\nThree, four.\n', 'text/plain'],
    ['', '# Title\n\nSome [link](https://example.com).\n', 'text/markdown'],
    ['', '# a comment\nkey = value\n', 'text/plain'],
    ['README.md', 'no signs at all', 'text/markdown'],
    ['a.constructor', 'x', 'text/plain'],
  ])('of %j with the content %j is %s', async (filename, content, mediaType) => {
    expect((await extract(filename, content)).mediaType).toBe(mediaType);
  });

  it.each([
    ['a.json', '{"a": }', 'The name says application/json, the content is text/plain: the content was believed.'],
    ['a.docx', 'text', /^The name says application\/vnd.openxml.* the content is text\/plain/],
    ['photo.png', '<html>x</html>', /^The name says image\/png, the content is text\/html/],
  ])('is noted where the name %s contradicts %j', async (filename, content, note) => {
    expect((await extract(filename, content)).note).toEqual(
      note instanceof RegExp ? expect.stringMatching(note) : note,
    );
  });

  it.each([
    ['a.csv', 'Name\nAnna\n'],
    ['a.yaml', '{"a": 1}'],
    ['a.geojson', '{"a": 1}'],
    ['a.kml', '<kml xmlns="x"><name>b</name></kml>'],
  ])('is no contradiction in %s with %j', async (filename, content) => {
    expect((await extract(filename, content)).note).toBeUndefined();
  });

  it.each(['a.txt', 'a.log', 'a', 'a.html'])('is no contradiction in a page called %s', async (filename) => {
    expect((await extract(filename, '<html><p>x</p></html>')).note).toBeUndefined();
  });

  it('is told by the root of XML, and not by a page in one of its items', async () => {
    const item = '<item><title>One</title><description><![CDATA[<html><p>b</p></html>]]></description></item>';
    const feed = `<?xml version="1.0"?>\n<!-- <html> --><rss><channel><title>Feed</title>${item}</channel></rss>`;
    const { mediaType, title, text } = await extract('', feed);
    expect({ mediaType, title }).toEqual({ mediaType: 'application/xml', title: 'Feed' });
    expect(text).toContain('One\n');
  });

  it.each(['', 'a.json'])('is JSON where all of it is, however large it is (%j)', async (filename) => {
    const rows = `{"n": 1, "s": "${'Grüße '.repeat(20)}"}, `.repeat(36_000);
    expect(Buffer.byteLength(rows)).toBeGreaterThan(5_000_000);
    expect((await extract(filename, `[${rows}1]`)).mediaType).toBe('application/json');
    expect((await extract(filename, `[${rows}]`)).mediaType).toBe('text/plain');
    const log = await extract(filename, '[2026-01-05 10:00:00] started\n'.repeat(200_000));
    expect(log.mediaType).toBe('text/plain');
    expect(log.note !== undefined).toBe(filename === 'a.json');
  });

  it('is RTF with an empty line before it', async () => {
    expect(await extract('', '\r\n \n{\\rtf1 Some {\\b text}}')).toMatchObject({
      mediaType: 'application/rtf',
      text: 'Some text\n',
    });
  });

  it('takes a text that talks about PDF for a text, and a PDF behind spaces for a PDF', async () => {
    expect((await extract('a.md', '# On %PDF-1.4\n\nIts header is `%PDF-1.4`.')).mediaType).toBe('text/markdown');
    await expect(extract('a.pdf', '\n \n%PDF-1.4 broken')).rejects.toMatchObject({ code: 'document-broken' });
    await expect(extract('a.pdf', 'junk\0\x01%PDF-1.4 broken')).rejects.toMatchObject({ code: 'document-broken' });
  });
});

describe('the text of a page', () => {
  const page = (body: string) =>
    extract('a.html', `<!doctype html><html><head><title> A &amp;\n B </title></head><body>${body}`);

  it('has paragraphs, headings, lists and line breaks', async () => {
    const { text, title } = await page(
      '<h1>One</h1><p>First  <b>para</b>graph,\nwith <i>inline</i> tags.</p><ul><li>a<li>b</ul>c<br>d<br><br>e<h2>Two</h2>end',
    );
    expect(text).toBe('# One\n\nFirst paragraph, with inline tags.\n\n- a\n- b\n\nc\nd\n\ne\n\n## Two\n\nend\n');
    expect(title).toBe('A & B');
  });

  it('has tables as rows, empty cells and paragraphs in cells too', async () => {
    const { text } = await page(
      '<table><tr><th>h1</th><th>h2</th></tr><tr><td><p>a</p></td><td></td><td>c</td></tr><tr><td></td><td>z</td></table>after',
    );
    expect(text).toBe('h1\th2\na\t\tc\n\tz\n\nafter\n');
  });

  it('has lists inside the items of others, without a blank line', async () => {
    const { text } = await page('<ol><li>a<ul><li>b</li><li>c<ol><li>d</ol></ul></li><li>e</ol>f<ul><li>g');
    expect(text).toBe('- a\n  - b\n  - c\n    - d\n- e\n\nf\n\n- g\n');
  });

  it('has preformatted text as it is, and entities decoded', async () => {
    const { text } = await page('<p>1 &lt; 2 &eacute; &#x263A;</p><pre>  a\n    b</pre>');
    expect(text).toBe('1 < 2 é ☺\n\n  a\n    b\n');
  });

  it('keeps a space that is an entity between two words, and none that stands alone', async () => {
    const { text } = await page(
      '<p>Dr.&nbsp;<b>No</b> &nbsp; x&#8201;%</p><p>&nbsp;</p><p>end&nbsp;</p><ul><li>&nbsp;a</ul>',
    );
    expect(text).toBe('Dr.\u00a0No \u00a0 x\u2009%\n\nend\n\n- a\n');
  });

  it('is read where it is XML, and its elements end themselves', async () => {
    const { text, title } = await extract(
      'a.xhtml',
      '<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"><head><title/><script src="a.js"/></head><body><p>a<i/> b</p><p/><![CDATA[c < d]]></body></html>',
    );
    expect(text).toBe('a b\n\nc < d\n');
    expect(title).toBeUndefined();
  });

  it('has nothing of scripts, styles, pictures and comments', async () => {
    const { text } = await page(
      '<script>var a = "<p>no</p>"</script><style>p{}</style><!-- no --><svg><title>no</title><text>no</text></svg><template>no</template><p>yes</p>',
    );
    expect(text).toBe('yes\n');
  });

  it('is read from broken tags as well', async () => {
    expect((await page('<p>a<p>b</b></i><div>c<td>d</ul></p>e')).text.split(/\s+/).filter(Boolean)).toEqual([
      'a',
      'b',
      'c',
      'd',
      'e',
    ]);
  });
});

describe('the text of XML', () => {
  const SVG = 'http://www.w3.org/2000/svg';
  const HIDDEN = '<style>p {}</style><script>var a</script>';

  // Furniture has a style, and a letter its script.
  it('has every style and script that is no code', async () => {
    const { text } = await extract('a.xml', '<sofa xmlns="urn:a"><style>Modern</style><script>Latin</script></sofa>');
    expect(text).toBe('Modern\nLatin\n');
    expect((await extract('a.xml', '<sofa><style>Modern</style></sofa>')).text).toBe('Modern\n');
  });

  it.each([
    [
      'a page in it',
      `<a><h:div xmlns:h="http://www.w3.org/1999/xhtml">b${HIDDEN.replaceAll(/<\/?/g, '$&h:')}</h:div></a>`,
    ],
    ['a picture', `<svg xmlns="${SVG}">${HIDDEN}<text>b</text></svg>`],
    ['a picture without a namespace', `<?xml version="1.0"?><svg>${HIDDEN}<text>b</text></svg>`],
    ['a book', '<book xmlns="urn:a"><stylesheet type="text/css">p {}</stylesheet><p>b</p><binary>aGk=</binary></book>'],
  ])('has no code and no style of %s', async (_what, content) => {
    expect(await extract('a.xml', content)).toMatchObject({ mediaType: 'application/xml', text: 'b\n' });
  });
});

describe('what is counted and shown', () => {
  it('counts words and characters across chunks', async () => {
    const content = 'wörd '.repeat(60_000);
    expect(await extract('a.txt', content)).toMatchObject({ words: 60_000, characters: 300_000 });
  });

  it('shows the first 500 characters, none of them half', async () => {
    const { preview } = await extract('a.txt', `\n\n  ${'🙂'.repeat(600)}`);
    expect(preview).toBe('🙂'.repeat(500));
  });

  it('takes the title from the first heading of Markdown', async () => {
    expect((await extract('a.md', 'Intro\n\n## The *title* ##\n\n# Later')).title).toBe('The *title*');
  });

  it('cuts a title that is none', async () => {
    expect((await extract('a.md', `# ${'x'.repeat(1000)}`)).title).toHaveLength(300);
  });

  it('refuses text without a word', async () => {
    await expect(extract('a.csv', ' \n \t')).rejects.toBeInstanceOf(SourceFailure);
  });
});
