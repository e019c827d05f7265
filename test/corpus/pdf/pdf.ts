import { deflateSync } from 'node:zlib';

/** One object of a PDF: what stands between `obj` and `endobj`. */
export type PdfObject = string | { readonly dictionary: string; readonly stream: string | Buffer };

export interface PdfOptions {
  readonly version?: string;
  readonly trailer?: string;
  /** Where the end says that the table of objects is. Default: where it is. */
  readonly startxref?: number;
  /** Left out, so that a reader has to look for the objects itself. */
  readonly withoutTable?: boolean;
}

/** A PDF of these objects, numbered from 1; the first one is its catalogue. Right and wrong ones, and without a library. */
export function pdfOfObjects(objects: readonly PdfObject[], options: PdfOptions = {}): Buffer {
  const chunks: Buffer[] = [Buffer.from(`%PDF-${options.version ?? '1.7'}\n%\xe2\xe3\xcf\xd3\n`, 'latin1')];
  let at = chunks[0]!.length;
  const offsets: number[] = [];
  for (const [index, object] of objects.entries()) {
    offsets.push(at);
    const chunk = Buffer.concat([Buffer.from(`${index + 1} 0 obj\n`), bodyOf(object), Buffer.from('\nendobj\n')]);
    chunks.push(chunk);
    at += chunk.length;
  }
  const rows = offsets.map((offset) => `${String(offset).padStart(10, '0')} 00000 n \n`);
  const table = `xref\n0 ${objects.length + 1}\n0000000000 65535 f \n${rows.join('')}`;
  const trailer = `trailer\n<< /Size ${objects.length + 1} /Root 1 0 R ${options.trailer ?? ''} >>\n`;
  const end = `startxref\n${options.startxref ?? at}\n%%EOF\n`;
  return Buffer.concat([...chunks, Buffer.from((options.withoutTable ? '' : table) + trailer + end)]);
}

function bodyOf(object: PdfObject): Buffer {
  if (typeof object === 'string') return Buffer.from(object);
  const stream = Buffer.from(object.stream as string);
  const dictionary = object.dictionary.includes('/Length')
    ? object.dictionary
    : `${object.dictionary} /Length ${stream.length}`;
  return Buffer.concat([Buffer.from(`<< ${dictionary} >>\nstream\n`), stream, Buffer.from('\nendstream')]);
}

export function deflated(content: string | Buffer, dictionary = ''): PdfObject {
  return { dictionary: `/Filter /FlateDecode ${dictionary}`, stream: deflateSync(content) };
}

/** One piece of text on a page, as drivers of printers write it: by place, in any order. */
export interface Placed {
  readonly text: string;
  readonly x: number;
  readonly y: number;
  readonly size?: number;
}

/**
 * Pages of text in any script, in a font that is not in the file and says in a table which letters its glyphs are. Of writing
 * from right to left, letters stand in the order in which they are seen, as they do in every PDF.
 */
export function pdfOfPlaced(pages: ReadonlyArray<readonly Placed[]>, trailer = ''): Buffer {
  const glyphs = new Map<string, number>();
  const glyphOf = (letter: string) => {
    if (!glyphs.has(letter)) glyphs.set(letter, glyphs.size + 1);
    return glyphs.get(letter)!.toString(16).padStart(4, '0');
  };
  const contents = pages.map((page) => page.map((placed) => drawn(placed, glyphOf)).join('\n'));
  const firstPage = 6;
  return pdfOfObjects(
    [
      '<< /Type /Catalog /Pages 2 0 R >>',
      `<< /Type /Pages /Count ${pages.length} /Kids [${pages.map((_, index) => `${firstPage + 2 * index} 0 R`).join(' ')}] >>`,
      '<< /Type /Font /Subtype /Type0 /BaseFont /Any /Encoding /Identity-H /DescendantFonts [4 0 R] /ToUnicode 5 0 R >>',
      '<< /Type /Font /Subtype /CIDFontType2 /BaseFont /Any /DW 500 /CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) /Supplement 0 >> /FontDescriptor << /Type /FontDescriptor /FontName /Any /Flags 4 /Ascent 800 /Descent -200 /CapHeight 700 /ItalicAngle 0 /StemV 80 /FontBBox [0 -200 500 800] >> >>',
      { dictionary: '', stream: toUnicode(glyphs) },
      ...contents.flatMap((content, index) => [
        `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << /Font << /F1 3 0 R >> >> /Contents ${firstPage + 2 * index + 1} 0 R >>`,
        deflated(content),
      ]),
    ],
    { trailer },
  );
}

function drawn({ text, x, y, size = 12 }: Placed, glyphOf: (letter: string) => string): string {
  return `BT /F1 ${size} Tf 1 0 0 1 ${x} ${y} Tm <${[...text].map(glyphOf).join('')}> Tj ET`;
}

function toUnicode(glyphs: ReadonlyMap<string, number>): string {
  const rows = [...glyphs].map(([letter, glyph]) => {
    const utf16 = Buffer.from(letter, 'utf16le').swap16().toString('hex');
    return `<${glyph.toString(16).padStart(4, '0')}> <${utf16}>`;
  });
  const blocks: string[] = [];
  // The format allows 100 rows in a block.
  for (let from = 0; from < rows.length; from += 100) {
    const block = rows.slice(from, from + 100);
    blocks.push(`${block.length} beginbfchar\n${block.join('\n')}\nendbfchar`);
  }
  return `/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapType 2 def\n1 begincodespacerange <0000> <ffff> endcodespacerange\n${blocks.join('\n')}\nendcmap end end`;
}
