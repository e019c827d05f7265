import type { CorpusDocument, UnreadableDocument } from '../document.ts';
import { epubOf } from './epub.ts';

const EPUB = 'application/epub+zip';

const encryption = (uri: string, algorithm: string) => ({
  name: 'META-INF/encryption.xml',
  content: `<encryption xmlns="urn:oasis:names:tc:opendocument:xmlns:container" xmlns:enc="http://www.w3.org/2001/04/xmlenc#"><enc:EncryptedData><enc:EncryptionMethod Algorithm="${algorithm}"/><enc:CipherData><enc:CipherReference URI="${uri}"/></enc:CipherData></enc:EncryptedData></encryption>`,
});

const novel: CorpusDocument = {
  about: 'a novel with a cover, chapters in two levels, a table, notes and a list, whose fonts are disguised',
  filename: 'Roman.epub',
  mediaType: EPUB,
  title: 'Der Prozeß – Ein Roman',
  bytes: epubOf({
    metadata:
      '<dc:title id="t1">Der Prozeß –\n Ein Roman</dc:title><dc:title>Untertitel</dc:title><dc:creator>Franz Kafka</dc:creator>',
    manifest:
      '<item id="svg" href="cover.svg" media-type="image/svg+xml"/><item id="ncx" href="toc.ncx" media-type="application/x-dtbncx+xml"/><item id="unused" href="text/unused.xhtml" media-type="application/xhtml+xml"/>',
    spine: '<itemref idref="svg"/><itemref idref="p1" linear="no"/>',
    pages: {
      'cover.xhtml': '<div><img src="cover.jpg" alt="Umschlag"/></div>',
      'kapitel 1.xhtml':
        '<h1>Erstes&nbsp;Kapitel</h1><p>Jemand mußte Josef K. verleumdet haben&#8201;&mdash; <em>denn</em><a id="p1"/> ohne daß er …</p><p/><p>»Wer sind Sie?«<br/>fragte K.<sup><a href="#n1">1</a></sup></p><ul><li>eins</li><li>zwei</li></ul>',
      'kapitel2.xhtml':
        '<h2>Zweites</h2><table><tr><td>a</td><td/><td>c</td></tr></table><script type="text/javascript"><![CDATA[ no() ]]></script><p>Ende &lt;🙂&gt;</p><aside><p>1 Anmerkung</p></aside>',
    },
    more: [
      { name: 'OEBPS/cover.svg', content: '<svg xmlns="http://www.w3.org/2000/svg"><text>no</text></svg>' },
      { name: 'OEBPS/text/unused.xhtml', content: '<p>not in the order of reading</p>' },
      encryption('OEBPS/fonts/a.otf', 'http://www.idpf.org/2008/embedding'),
    ],
  }),
  text: `# Erstes\u00a0Kapitel

Jemand mußte Josef K. verleumdet haben\u2009— denn ohne daß er …

»Wer sind Sie?«
fragte K.1

- eins
- zwei

## Zweites

a\t\tc

Ende <🙂>

1 Anmerkung
`,
};

const old: CorpusDocument = {
  about: 'an old book with document types everywhere, in an old encoding and without its first file',
  filename: 'old.epub',
  mediaType: EPUB,
  title: 'Alt',
  bytes: epubOf({
    mimetype: undefined,
    pages: {},
    opf: '<?xml version="1.0"?><!DOCTYPE package PUBLIC "+//ISBN 0-9673008-1-9//DTD OEB 1.2 Package//EN" "http://openebook.org/dtds/oeb-1.2/oebpkg12.dtd"><opf:package xmlns:opf="http://www.idpf.org/2007/opf" xmlns:dc="http://purl.org/dc/elements/1.1/"><opf:metadata><dc:title>Alt</dc:title></opf:metadata><opf:manifest><opf:item id="a" href="../a.html" media-type="text/html"/></opf:manifest><opf:spine><opf:itemref idref="a"/></opf:spine></opf:package>',
    more: [
      {
        name: 'a.html',
        content: Buffer.concat([
          Buffer.from('<?xml version="1.0" encoding="windows-1251"?><html><body><p>'),
          Buffer.from('cff0e8e2e5f2', 'hex'),
          Buffer.from('</p></body></html>'),
        ]),
      },
    ],
  }),
  text: 'Привет\n',
};

const arabic: CorpusDocument = {
  about: 'a book that is read from right to left, of two languages',
  filename: 'كتاب.epub',
  mediaType: EPUB,
  title: 'كتاب',
  bytes: epubOf({
    metadata: '<dc:title>كتاب</dc:title>',
    pages: {
      'فصل.xhtml':
        '<!DOCTYPE html><html dir="rtl" lang="ar"><head><title>فصل</title></head><body><h1>الفصل الأول</h1><p>كان يا ما كان</p></body></html>',
      'two.xhtml': '<p dir="rtl">פרק שני</p>',
    },
  }),
  text: '# الفصل الأول\n\nكان يا ما كان\n\nפרק שני\n',
};

export const EPUB_DOCUMENTS: readonly CorpusDocument[] = [novel, old, arabic];

export const EPUB_FAILURES: readonly UnreadableDocument[] = [
  {
    about: 'a book that its seller protects',
    filename: 'bought.epub',
    bytes: epubOf({
      pages: { 'a.xhtml': 'x' },
      more: [encryption('OEBPS/text/a.xhtml', 'http://www.w3.org/2001/04/xmlenc#aes128-cbc')],
    }),
    code: 'document-encrypted',
    says: 'protected against copying',
  },
  {
    about: 'a book of pictures',
    filename: 'comic.epub',
    bytes: epubOf({ pages: { 'a.xhtml': '<img src="1.jpg"/>' } }),
    code: 'document-empty',
  },
  {
    about: 'a book one page of which is missing',
    filename: 'broken.epub',
    bytes: epubOf({
      pages: { 'a.xhtml': '<p>x</p>' },
      manifest: '<item id="b" href="b.xhtml" media-type="application/xhtml+xml"/>',
      spine: '<itemref idref="b"/>',
    }),
    code: 'document-broken',
    says: 'missing',
  },
  {
    about: 'a book without a table of contents',
    filename: 'broken.epub',
    bytes: epubOf({ pages: {}, opf: 'nothing' }),
    code: 'document-broken',
  },
  {
    about: 'a page that nests its elements without end',
    filename: 'deep.epub',
    bytes: epubOf({ pages: { 'a.xhtml': '<div>'.repeat(6_000) } }),
    code: 'document-too-deep',
  },
];
