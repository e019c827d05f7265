import { gzipSync } from 'node:zlib';
import { DOCX_DOCUMENTS } from '../../corpus/docx/documents.ts';
import { docxOf, paragraph } from '../../corpus/docx/docx.ts';
import { EPUB_FAILURES } from '../../corpus/epub/documents.ts';
import { ODF_FAILURES } from '../../corpus/odf/documents.ts';
import { OLE_DOCUMENTS } from '../../corpus/ole/documents.ts';
import { PDF_DOCUMENTS } from '../../corpus/pdf/documents.ts';
import { PPTX_FAILURES } from '../../corpus/pptx/documents.ts';
import { XLSX_FAILURES } from '../../corpus/xlsx/documents.ts';
import { HARMLESS, HOSTILE } from '../../corpus/zip/hostile.ts';
import { zipOf, zipOfParts } from '../../corpus/zip-writer.ts';
import type { HostileDocument } from './hostile.ts';

const pdf = PDF_DOCUMENTS[0]!.bytes;
const docx = DOCX_DOCUMENTS[0]!.bytes;

/** Zips in zips, a thousand of them at the bottom. */
function nested(depth: number): Buffer {
  let zip = zipOfParts({ 'bomb.txt': Buffer.alloc(1_000_000) });
  for (let left = depth; left > 0; left -= 1) {
    zip = zipOf(Array.from({ length: 10 }, (_, index) => ({ name: `${index}.zip`, content: zip })));
  }
  return zip;
}

const POLYGLOTS: readonly HostileDocument[] = [
  { about: 'a PDF that is a zip as well', filename: 'a.pdf', make: () => Buffer.concat([pdf, docx]), ends: 'text' },
  {
    about: 'a zip that is a PDF as well',
    filename: 'a.docx',
    make: () => Buffer.concat([docx, pdf]),
    ends: ['text', 'document-broken'],
  },
  {
    about: 'a page that is a PDF as well',
    filename: 'a.html',
    make: () => Buffer.concat([Buffer.from('<!doctype html><p>page</p><!--'), pdf, Buffer.from('-->')]),
    ends: ['text', 'document-broken'],
  },
  {
    about: 'a picture that is a page as well',
    filename: 'a.html',
    make: () =>
      Buffer.concat([
        Buffer.from('GIF89a\x01\0\x01\0\0\0\0;', 'latin1'),
        Buffer.from('<html><script>x</script><p>page'),
      ]),
    ends: 'unsupported-media-type',
  },
  { about: 'a PDF that was compressed', filename: 'a.pdf', make: () => gzipSync(pdf), ends: 'unsupported-media-type' },
  {
    about: 'a program',
    filename: 'a.pdf',
    make: () => Buffer.concat([Buffer.from('\x7fELF\x02\x01\x01\0', 'latin1'), Buffer.alloc(4_000)]),
    ends: 'unsupported-media-type',
  },
  {
    about: 'PostScript',
    filename: 'a.pdf',
    make: () => Buffer.from('%!PS-Adobe-3.0\n{ 1 } loop\n'),
    ends: 'unsupported-media-type',
  },
  {
    about: 'zips in zips in zips, a thousand',
    filename: 'a.docx',
    make: () => nested(3),
    ends: 'unsupported-media-type',
  },
  {
    about: 'a document with zips in zips beside its text',
    filename: 'a.docx',
    make: () => docxOf({ body: paragraph('Hello'), more: { 'word/embeddings/a.zip': nested(2) } }),
    ends: 'text',
  },
  {
    about: 'a document whose name leads out of its folder and ends early',
    filename: '../../../../etc/passwd\0.pdf\u202e\n$(id)`id`',
    make: () => docx,
    ends: 'text',
  },
];

/** Too large for the limits that the tests of the readers have; what fits into those of a service is read. */
const SMALL_ENOUGH = ['document-too-large', 'document-empty', 'text'] as const;

/** What the corpus has of them already. */
const KNOWN: readonly HostileDocument[] = [
  ...[...HOSTILE, ...OLE_DOCUMENTS, ...ODF_FAILURES, ...PPTX_FAILURES, ...XLSX_FAILURES, ...EPUB_FAILURES].map(
    ({ about, filename, bytes, code }): HostileDocument => ({
      about,
      filename,
      make: () => bytes,
      ends: code === 'document-too-large' ? SMALL_ENOUGH : code,
      heavy: true,
    }),
  ),
  ...HARMLESS.map(
    ({ about, filename, bytes }): HostileDocument => ({
      about,
      filename,
      make: () => bytes,
      ends: 'text',
      heavy: true,
    }),
  ),
];

export const HOSTILE_ARCHIVES: readonly HostileDocument[] = [...POLYGLOTS, ...KNOWN];
