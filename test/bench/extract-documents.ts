import { docxOf, paragraph, styled } from '../corpus/docx/docx.ts';
import { epubOf } from '../corpus/epub/epub.ts';
import { odfOf } from '../corpus/odf/odf.ts';
import { printed } from '../corpus/pdf/printed.ts';
import { pptxOf, shape } from '../corpus/pptx/pptx.ts';
import { row, xlsxOf } from '../corpus/xlsx/xlsx.ts';

/** A program that takes the text, or at least the parts, out of the same file. */
export interface NativeTool {
  readonly command: string;
  arguments(path: string): readonly string[];
}

export interface BenchDocument {
  readonly format: string;
  readonly filename: string;
  readonly bytes: Buffer;
  /** Bytes of what is read of it, inflated; of a PDF, of its text. */
  readonly read: number;
  readonly native?: NativeTool;
}

const SENTENCE = 'Die Erträge stiegen um 12 % & mehr – „besser als erwartet“, so der Vorstand in Köln am 5. Januar. ';
const ESCAPED = SENTENCE.replace('&', '&amp;');

const PDFTOTEXT: NativeTool = { command: 'pdftotext', arguments: (path) => [path, '-'] };

/** It inflates one part and reads nothing of it: what a reader of XML is beside it is the price of the reading. */
const unzip = (part: string): NativeTool => ({ command: 'unzip', arguments: (path) => ['-p', path, part] });

/** The encoding is checked and written anew, as it is here. */
const ICONV: NativeTool = { command: 'iconv', arguments: (path) => ['-f', 'utf-8', '-t', 'utf-8', path] };

/** The same text in each format: so many sentences of 100 letters, in paragraphs of ten. */
export async function benchDocuments(sentences: number): Promise<readonly BenchDocument[]> {
  const paragraphs = Array.from({ length: Math.ceil(sentences / 10) }, () => SENTENCE.repeat(10).trim());
  const escaped = paragraphs.map(() => ESCAPED.repeat(10).trim());
  const plain = (format: string, filename: string, text: string, native?: NativeTool): BenchDocument => {
    const bytes = Buffer.from(text);
    return { format, filename, bytes, read: bytes.length, ...(native && { native }) };
  };
  return [
    plain('text', 'a.txt', paragraphs.join('\n\n'), ICONV),
    plain('Markdown', 'a.md', `# Title\n\n${paragraphs.join('\n\n')}`, ICONV),
    plain(
      'CSV',
      'a.csv',
      paragraphs.map((each, index) => `${index};"${each.slice(0, 500)}";${each.slice(500)}`).join('\n'),
    ),
    plain('JSON', 'a.json', JSON.stringify(paragraphs.map((text, id) => ({ id, text })))),
    plain('XML', 'a.xml', `<?xml version="1.0"?><a>${escaped.map((each) => `<p><b>x</b> ${each}</p>`).join('\n')}</a>`),
    plain(
      'HTML',
      'a.html',
      `<!doctype html><title>T</title>${escaped.map((each) => `<p><b>x</b> ${each}</p>`).join('\n')}`,
    ),
    plain(
      'RTF',
      'a.rtf',
      `{\\rtf1\\ansi ${paragraphs.map((each) => each.replace(/[^\0-\x7f]/g, (letter) => `\\u${letter.charCodeAt(0)}?`)).join('\\par\n')}}`,
    ),
    plain(
      'e-mail',
      'a.eml',
      `From: a@b.de\nMessage-ID: <1@b.de>\nContent-Type: text/plain; charset=utf-8\n\n${paragraphs.join('\n\n')}`,
    ),
    ...zips(escaped),
    await pdf(paragraphs),
  ];
}

function zips(escaped: readonly string[]): BenchDocument[] {
  const docx = [styled('berschrift1', 'Title'), ...escaped.map((each) => paragraph(each))].join('');
  const rows = escaped
    .map((each, index) => row(index + 1, `A${index + 1} n 0 ${index}`, `B${index + 1} str 0 ${each}`))
    .join('');
  const slides = grouped(escaped, 20).map((group) => ({ shapes: shape('title', 'Title') + shape('', ...group) }));
  const odt = escaped.map((each) => `<text:p>${each}</text:p>`).join('');
  const pages = Object.fromEntries(
    grouped(escaped, 100).map((group, index) => [`p${index}.xhtml`, group.map((each) => `<p>${each}</p>`).join('')]),
  );
  const size = (parts: readonly string[]) => parts.reduce((sum, part) => sum + Buffer.byteLength(part), 0);
  return [
    {
      format: 'DOCX',
      filename: 'a.docx',
      bytes: docxOf({ body: docx }),
      read: Buffer.byteLength(docx),
      native: unzip('word/document.xml'),
    },
    {
      format: 'XLSX',
      filename: 'a.xlsx',
      bytes: xlsxOf({ sheets: [{ name: 'a', rows }] }),
      read: Buffer.byteLength(rows),
      native: unzip('xl/worksheets/*.xml'),
    },
    {
      format: 'PPTX',
      filename: 'a.pptx',
      bytes: pptxOf({ slides }),
      read: size(slides.map(({ shapes }) => shapes)),
      native: unzip('ppt/slides/*.xml'),
    },
    {
      format: 'ODT',
      filename: 'a.odt',
      bytes: odfOf({ kind: 'text', body: odt }),
      read: Buffer.byteLength(odt),
      native: unzip('content.xml'),
    },
    {
      format: 'EPUB',
      filename: 'a.epub',
      bytes: epubOf({ pages }),
      read: size(Object.values(pages)),
      native: unzip('*.xhtml'),
    },
  ];
}

/** A fifth of the text, since it takes longest of all. */
async function pdf(paragraphs: readonly string[]): Promise<BenchDocument> {
  const some = paragraphs.slice(0, Math.ceil(paragraphs.length / 5));
  const bytes = await printed((file) => {
    for (const group of grouped(some, 5)) {
      file.addPage().fontSize(10);
      for (const each of group) file.text(each).moveDown();
    }
  });
  return { format: 'PDF', filename: 'a.pdf', bytes, read: Buffer.byteLength(some.join('')), native: PDFTOTEXT };
}

function grouped<T>(all: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(all.length / size) }, (_, index) =>
    all.slice(index * size, (index + 1) * size),
  );
}
