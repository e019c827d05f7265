import { deflateSync } from 'node:zlib';
import { deflated, type PdfObject, pdfOfObjects } from '../../corpus/pdf/pdf.ts';
import { MEGABYTE } from './hostile.ts';

/** What hostile PDFs are put together from. */

export const CATALOG = '<< /Type /Catalog /Pages 2 0 R >>';
export const ONE_PAGE = '<< /Type /Pages /Count 1 /Kids [3 0 R] >>';
export const FONT = '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>';
export const TEXT = 'BT /F1 12 Tf 50 700 Td (Hello) Tj ET\n';

export const page = (resources = '', more = '') =>
  `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << /Font << /F1 ${FONT} >> ${resources} >> /Contents 4 0 R ${more} >>`;

/** A page whose content is this, and what it refers to from object 5 on. */
export function paged(content: PdfObject, objects: readonly PdfObject[] = [], resources = ''): Buffer {
  return pdfOfObjects([CATALOG, ONE_PAGE, page(resources), content, ...objects]);
}

const TEXT_IN_BOTH = 'BT /F2 12 Tf 50 700 Td <00410042> Tj ET BT /F1 12 Tf 50 600 Td (Hello) Tj ET';

/** A page with a text in this font, and one in a plain one. */
export function withFont(font: string, objects: readonly PdfObject[] = [], text = TEXT_IN_BOTH): Buffer {
  const content = deflated(text);
  const fonts = `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << /Font << /F1 ${FONT} /F2 ${font} >> >> /Contents 4 0 R >>`;
  return pdfOfObjects([CATALOG, ONE_PAGE, fonts, content, ...objects]);
}

export const type0 = (more: string, toUnicode = '') =>
  `<< /Type /Font /Subtype /Type0 /BaseFont /A /Encoding /Identity-H ${toUnicode} /DescendantFonts [<< /Type /Font /Subtype /CIDFontType2 /BaseFont /A /CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) /Supplement 0 >> /FontDescriptor << /Type /FontDescriptor /FontName /A /Flags 4 >> ${more} >>] >>`;

export function twice(megabytes: number, piece: string): PdfObject {
  const stream = deflateSync(deflateSync(Buffer.alloc(megabytes * MEGABYTE, piece)));
  return { dictionary: '/Filter [/FlateDecode /FlateDecode]', stream };
}

/** Objects that draw each the next one ten times: 10 to the power of the depth pieces of text. */
export function multiplying(depth: number): Buffer {
  const objects = Array.from({ length: depth }, (_, level): PdfObject => {
    const last = level === depth - 1;
    const resources = last ? `/Font << /F1 ${FONT} >>` : `/XObject << /X ${6 + level} 0 R >>`;
    return {
      dictionary: `/Type /XObject /Subtype /Form /BBox [0 0 9 9] /Resources << ${resources} >>`,
      stream: last ? TEXT : '/X Do '.repeat(10),
    };
  });
  return paged({ dictionary: '', stream: '/X Do '.repeat(10) }, objects, '/XObject << /X 5 0 R >>');
}

/** A tree of pages each node of which has the next one ten times. */
export function sharedPages(depth: number): Buffer {
  const nodes = Array.from(
    { length: depth },
    (_, level) => `<< /Type /Pages /Count ${10 ** (depth - level)} /Kids [${`${level + 3} 0 R `.repeat(10)}] >>`,
  );
  return pdfOfObjects([
    CATALOG,
    ...nodes,
    page().replace('4 0 R', `${depth + 3} 0 R`),
    { dictionary: '', stream: TEXT },
  ]);
}

export const metadata = (xml: string) =>
  pdfOfObjects([
    '<< /Type /Catalog /Pages 2 0 R /Metadata 5 0 R >>',
    ONE_PAGE,
    page(),
    { dictionary: '', stream: TEXT },
    { dictionary: '/Type /Metadata /Subtype /XML', stream: xml },
  ]);

export const laughs = `<!DOCTYPE x [<!ENTITY a0 "lol">${Array.from({ length: 12 }, (_, level) => `<!ENTITY a${level + 1} "${`&a${level};`.repeat(10)}">`).join('')}]>`;
