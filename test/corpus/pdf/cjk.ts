import type { CorpusDocument } from '../document.ts';
import { deflated, pdfOfObjects } from './pdf.ts';

/** A line in a font that is not in the file and says only by which standard its letters are numbered. */
interface NamedMap {
  readonly cmap: string;
  readonly ordering: 'GB1' | 'CNS1' | 'Japan1' | 'Korea1';
  /** The line in the encoding of the map, as hexadecimal digits. */
  readonly hex: string;
  readonly text: string;
}

const utf16 = (text: string) => Buffer.from(text, 'utf16le').swap16().toString('hex');

const MAPS: readonly NamedMap[] = [
  { cmap: 'UniGB-UCS2-H', ordering: 'GB1', hex: utf16('年度报告：增长12%'), text: '年度报告：增长12%' },
  { cmap: 'GBK-EUC-H', ordering: 'GB1', hex: 'c4e3bac3cac0bde7', text: '你好世界' },
  { cmap: 'UniCNS-UTF16-H', ordering: 'CNS1', hex: utf16('繁體中文'), text: '繁體中文' },
  { cmap: 'UniJIS-UCS2-H', ordering: 'Japan1', hex: utf16('東京タワー'), text: '東京タワー' },
  { cmap: '90ms-RKSJ-H', ordering: 'Japan1', hex: '8ce1947982cd944c82c582a082e9', text: '吾輩は猫である' },
  { cmap: 'Identity-H', ordering: 'Japan1', hex: '0465034b', text: '亜あ' },
  { cmap: 'KSCms-UHC-H', ordering: 'Korea1', hex: 'c7d1b1b9beee', text: '한국어' },
];

export const HELVETICA = '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>';

export function fontOf(cmap: string, ordering: string): string {
  const descendant = `<< /Type /Font /Subtype /CIDFontType0 /BaseFont /Any /DW 1000 /CIDSystemInfo << /Registry (Adobe) /Ordering (${ordering}) /Supplement 2 >> /FontDescriptor << /Type /FontDescriptor /FontName /Any /Flags 4 /Ascent 800 /Descent -200 /CapHeight 700 /ItalicAngle 0 /StemV 80 /FontBBox [0 -200 1000 800] >> >>`;
  return `<< /Type /Font /Subtype /Type0 /BaseFont /Any /Encoding /${cmap} /DescendantFonts [${descendant}] >>`;
}

/** A page with one line in each of these fonts. */
export function pdfOfLines(
  lines: readonly { readonly font: string; readonly hex: string }[],
  placeOf = (line: number): [number, number] => [50, 780 - 16 * line],
): Buffer {
  const fonts = lines.map(({ font }, index) => `/F${index} ${font}`).join(' ');
  const content = lines.map(({ hex }, index) => `BT /F${index} 12 Tf ${placeOf(index).join(' ')} Td <${hex}> Tj ET`);
  return pdfOfObjects([
    '<< /Type /Catalog /Pages 2 0 R >>',
    '<< /Type /Pages /Count 1 /Kids [3 0 R] >>',
    `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << /Font << ${fonts} >> >> /Contents 4 0 R >>`,
    deflated(content.join('\n')),
  ]);
}

const common = { filename: 'cjk.pdf', mediaType: 'application/pdf', pages: 1 };

export const CJK_DOCUMENTS: readonly CorpusDocument[] = [
  ...MAPS.map(({ cmap, ordering, hex, text }) => ({
    ...common,
    about: `a page in a font without letters of its own, numbered as ${cmap} has it for ${ordering}`,
    bytes: pdfOfLines([{ font: fontOf(cmap, ordering), hex }]),
    text: `${text}\n`,
  })),
  {
    ...common,
    about: 'a page in Japanese whose lines go from the top to the bottom, from the right to the left',
    bytes: pdfOfLines(
      ['「吾輩は猫である。名前は、', 'まだ無い。」どこで生れたか', 'とんと見当がつかぬ。'].map((line) => ({
        font: fontOf('UniJIS-UCS2-V', 'Japan1'),
        hex: utf16(line),
      })),
      (line) => [500 - 20 * line, 780],
    ),
    text: '「吾輩は猫である。名前は、\nまだ無い。」どこで生れたか\nとんと見当がつかぬ。\n',
  },
  {
    ...common,
    about: 'a page in four writings, one of which is in the file',
    bytes: pdfOfLines([
      { font: HELVETICA, hex: Buffer.from('Report').toString('hex') },
      ...MAPS.map(({ cmap, ordering, hex }) => ({ font: fontOf(cmap, ordering), hex })),
    ]),
    text: `${['Report', ...MAPS.map(({ text }) => text)].join('\n')}\n`,
  },
];
