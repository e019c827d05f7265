import type { CorpusDocument, UnreadableDocument } from '../document.ts';
import { docxOf, docxParts, paragraph } from '../docx/docx.ts';
import { XML } from '../ooxml.ts';
import { type ZipFile, type ZipOptions, zipOf, zipOfParts } from '../zip-writer.ts';
import { bombOf } from './bomb.ts';

const HELLO = docxParts({ body: paragraph('Hello') });
const DOCX = 'application/vnd.openxmlformats-officedocument.wordprocessingml.document';
const START = `${XML}<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>`;
const END = '</w:body></w:document>';

const filesOf = (parts: Readonly<Record<string, string | Uint8Array>>): ZipFile[] =>
  Object.entries(parts).map(([name, content]) => ({ name, content }));

/** A document whose main part is written otherwise than it should be, or with more files beside it. */
function wrong(change: Partial<ZipFile>, more: readonly ZipFile[] = [], options?: ZipOptions): Buffer {
  const files = filesOf(HELLO).map((file) => (file.name === 'word/document.xml' ? { ...file, ...change } : file));
  return zipOf([...files, ...more], options);
}

const withMain = (document: string) => docxOf({ body: '', document });

const spaces = (megabytes: number) => bombOf(START, megabytes, END);

const doctype = '<!DOCTYPE w:document [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>';

const ZIP = { code: 'unsupported-media-type', says: 'application/zip' };

export const HOSTILE: readonly UnreadableDocument[] = [
  {
    about: 'a part that inflates to 600 MB, and says so',
    bytes: wrong(spaces(600)),
    code: 'document-inflates-too-large',
  },
  {
    about: 'a part of 200 MB that is a thousand times smaller',
    bytes: wrong(spaces(200)),
    code: 'document-inflates-too-large',
  },
  {
    about: 'a part of 600 MB that says it is small',
    bytes: wrong({ ...spaces(600), size: 1000 }),
    code: 'document-broken',
    says: 'larger than it says',
  },
  {
    about: 'a part that says it is larger',
    bytes: wrong({ size: 100_000 }),
    code: 'document-broken',
    says: 'smaller than it says',
  },
  { about: 'a part whose checksum is another', bytes: wrong({ crc: 1 }), code: 'document-broken', says: 'changed' },
  { about: 'a part that is cut off', bytes: wrong({ compressedSize: 100 }), code: 'document-broken' },
  {
    about: 'a part that reaches into the next',
    bytes: wrong({ compressedSize: 5000 }),
    code: 'document-broken',
    says: 'overlap',
  },
  {
    about: 'a part that is no deflated data',
    bytes: wrong({ deflated: Buffer.alloc(100, 0xff) }),
    code: 'document-broken',
  },
  {
    about: 'two parts in one place',
    bytes: wrong({}, [{ name: 'word/other.xml', content: 'x', offset: 0 }]),
    code: 'document-broken',
    says: 'overlap',
  },
  { about: 'a part behind the end of the file', bytes: wrong({ offset: 10_000_000 }), code: 'document-broken' },
  {
    about: 'the same part twice',
    bytes: wrong({}, [{ name: 'word/document.xml', content: 'x' }]),
    code: 'document-broken',
    says: 'same name',
  },
  {
    about: 'the same part twice, in capitals',
    bytes: wrong({}, [{ name: 'WORD\\DOCUMENT.XML', content: 'x' }]),
    code: 'document-broken',
    says: 'same name',
  },
  { about: 'a part with a password', bytes: wrong({ flags: 1 }), code: 'document-encrypted' },
  { about: 'a part with a strong password', bytes: wrong({ flags: 0x41 }), code: 'document-encrypted' },
  {
    about: 'all parts with a password',
    bytes: zipOf(filesOf(HELLO).map((file) => ({ ...file, flags: 1 }))),
    code: 'document-encrypted',
  },
  { about: 'a part compressed in a rare way', bytes: wrong({ method: 12 }), code: 'document-broken', says: 'rare' },
  { about: '100,000 files', bytes: manyFiles(100_000, {}), code: 'document-too-many-parts' },
  {
    about: '100,000 files counted in 64 bits',
    bytes: manyFiles(100_000, { zip64: true }),
    code: 'document-too-many-parts',
  },
  { about: 'more files than it says at its end', bytes: manyFiles(20, { count: 1000 }), code: 'document-broken' },
  { about: 'a table of contents that is cut off', bytes: zipOfParts(HELLO).subarray(0, -40), code: 'document-broken' },
  { about: 'only the beginning', bytes: zipOfParts(HELLO).subarray(0, 100), code: 'document-broken' },
  {
    about: 'bytes before its beginning',
    bytes: Buffer.concat([Buffer.from('PK\x03\x04'), zipOfParts(HELLO)]),
    code: 'document-broken',
  },
  {
    about: 'an extra field that is longer than all of them',
    bytes: wrong({ extra: Buffer.from('0100ffff00', 'hex') }),
    code: 'document-broken',
  },
  {
    about: 'entities that multiply',
    bytes: withMain(`${XML}${doctype}${START.slice(XML.length)}<w:p><w:r><w:t>&b;</w:t></w:r></w:p>${END}`),
    code: 'document-broken',
    says: 'declares a type',
  },
  {
    about: 'an entity that is a file',
    bytes: withMain(`<!DOCTYPE x SYSTEM "file:///etc/passwd">${START.slice(XML.length)}${END}`),
    code: 'document-broken',
    says: 'declares a type',
  },
  { about: 'elements without end', bytes: withMain(START + '<w:p>'.repeat(200_000)), code: 'document-too-deep' },
  {
    about: 'tables in tables',
    bytes: withMain(START + '<w:tbl><w:tr><w:tc>'.repeat(1_000)),
    code: 'document-too-deep',
  },
  {
    about: 'XML that ends early',
    bytes: withMain(`${START}<w:p><w:r><w:t>Hello`),
    code: 'document-broken',
    says: 'not XML',
  },
  {
    about: 'XML that crosses its elements',
    bytes: withMain(`${START}<w:p><w:r><w:t>Hello</w:p></w:r>${END}`),
    code: 'document-broken',
    says: 'not XML',
  },
  { about: 'a main part that is no XML', bytes: withMain('Hello, world'), code: 'document-broken', says: 'not XML' },
  { about: 'no main part', bytes: zipOfParts(without('word/document.xml')), code: 'document-broken', says: 'missing' },
  {
    about: 'more relationships than can be held',
    bytes: zipOfParts({ ...HELLO, 'word/_rels/document.xml.rels': manyRelationships(110_000) }),
    code: 'document-too-many-parts',
  },
  {
    about: 'nothing but a zip',
    bytes: zipOfParts({ 'a.txt': 'Hello', 'word/document.xml': 'x' }),
    ...ZIP,
  },
  {
    about: 'nothing but a zip, of files whose names differ in capitals only',
    bytes: zipOfParts({ 'net/xt_mark.c': 'a', 'net/xt_MARK.c': 'b' }),
    ...ZIP,
  },
  {
    about: 'zips in a zip',
    bytes: zipOfParts({ 'a.zip': zipOfParts({ 'b.zip': zipOfParts(HELLO) }) }),
    ...ZIP,
  },
  { about: 'no relationships', bytes: zipOfParts(without('_rels/.rels')), code: 'unsupported-media-type' },
  {
    about: 'a PDF that ends as a document',
    bytes: Buffer.concat([Buffer.from('%PDF-1.4\n'), zipOfParts(HELLO)]),
    code: 'document-broken',
    says: 'PDF',
  },
].map((document) => ({ filename: 'hostile.docx', ...document }) as UnreadableDocument);

function without(part: string): Record<string, string | Uint8Array> {
  return Object.fromEntries(Object.entries(HELLO).filter(([name]) => name !== part));
}

function manyFiles(count: number, options: ZipOptions): Buffer {
  return zipOf(
    Array.from({ length: count }, (_, index) => ({ name: `f${index}`, content: '', stored: true })),
    options,
  );
}

function manyRelationships(count: number): string {
  const one = (_: unknown, index: number) => `<Relationship Id="r${index}" Type="a/image" Target="i.png"/>`;
  return `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">${Array.from({ length: count }, one).join('')}</Relationships>`;
}

/** Looks dangerous, and is only a document. */
export const HARMLESS: readonly CorpusDocument[] = [
  {
    about: 'files whose names lead out of any folder, or end early',
    bytes: wrong({}, [
      { name: '../../../etc/passwd', content: 'root' },
      { name: '/etc/shadow', content: 'root' },
      { name: 'C:\\Windows\\system.ini', content: 'x' },
      { name: 'word/document.xml\0.png', content: 'x' },
      { name: Buffer.from('ff00fe', 'hex'), content: 'x' },
      { name: Buffer.from('ff00fd', 'hex'), content: 'x' },
      { name: 'word/', content: '', stored: true },
      { name: 'word/', content: '', stored: true },
      { name: 'constructor', content: 'x' },
      { name: '__proto__', content: 'x' },
      { name: 'n'.repeat(60_000), content: 'x' },
    ]),
  },
  {
    about: 'a zip bomb beside the text, which nobody reads',
    bytes: wrong({}, [
      { name: 'word/embeddings/oleObject1.bin', content: '', ...spaces(1000) },
      { name: 'word/media/image2.png', content: 'x', flags: 1 },
      { name: 'word/media/image3.png', content: 'x', stored: true, size: 4096 },
    ]),
  },
  {
    about: 'the same picture twice, which nobody reads',
    bytes: wrong({}, [
      { name: 'word/media/image1.png', content: 'x' },
      { name: 'word/media/IMAGE1.png', content: 'y' },
    ]),
  },
  { about: 'sizes after the data', bytes: zipOf(filesOf(HELLO).map((file) => ({ ...file, flags: 8 }))) },
  {
    about: 'parts that are stored, with 64 bits for their sizes',
    bytes: zipOf(
      filesOf(HELLO).map((file) => ({ ...file, stored: true })),
      { zip64: true },
    ),
  },
  {
    about: 'the start of a PDF in its first file',
    bytes: zipOf([{ name: 'a.pdf', content: '%PDF-1.4\n1 0 obj', stored: true }, ...filesOf(HELLO)]),
  },
  {
    about: 'styles that are based on each other in a circle, and attributes without number',
    bytes: docxOf({
      styles:
        '<w:style w:type="paragraph" w:styleId="A"><w:basedOn w:val="B"/></w:style><w:style w:type="paragraph" w:styleId="B"><w:basedOn w:val="A"/></w:style>',
      body: `<w:p><w:pPr><w:pStyle w:val="A"/></w:pPr><w:r ${Array.from({ length: 50_000 }, (_, index) => `a${index}="1"`).join(' ')}><w:t>Hello</w:t></w:r></w:p>`,
    }),
  },
  {
    about: 'a target that is a file of this machine',
    bytes: docxOf({
      body: paragraph('Hello'),
      more: {
        'word/_rels/document.xml.rels':
          '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="a" Type="x/styles" Target="file:///etc/passwd" TargetMode="External"/><Relationship Id="b" Type="x/comments" Target="../../../../etc/passwd"/></Relationships>',
      },
    }),
  },
].map((document) => ({ filename: 'harmless.docx', mediaType: DOCX, text: 'Hello\n', ...document }));
