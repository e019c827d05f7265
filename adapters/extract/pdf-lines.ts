import { inReadingOrder } from './pdf-bidi.ts';
import { type ReadPiece, withTypedBrackets } from './pdf-brackets.ts';
import { inColumns } from './pdf-columns.ts';
import type { PdfHeadings } from './pdf-headings.ts';
import { withoutSpreadWords } from './pdf-justified.ts';
import { baselineOf } from './pdf-turns.ts';

/** What the PDF library says of a piece of text: never more than one line of it. */
export interface PdfPiece {
  readonly str: string;
  /** `rtl` where it is read from right to left: its letters are in the order in which they are read. */
  readonly dir?: string;
  readonly hasEOL: boolean;
  readonly width: number;
  readonly height: number;
  /** Scale and place: text that is not turned has 0 at 1, and the beginning of its baseline at 4 and 5. */
  readonly transform: readonly number[];
}

/** Where a piece of content begins that the tree of tags knows by its id, or one that it does not, and where it ends. */
export interface PdfMark {
  readonly type: string;
  readonly id?: string;
}

/** A gap of so many times the height of the letters is none between words: what it parts are cells, or columns. */
const CELL_GAP = 1.5;

/** Lines so much further apart than most on their page are of two paragraphs. */
const PARAGRAPH_GAP = 1.3;

/**
 * What is printed and never typed: brackets, commas and dashes in lines from the top to the bottom, letters of Arabic by
 * their place in a word, and letters that are joined. Nobody who searches for a word would find it in them.
 */
const PRINTED_FORMS = /[\u{fb00}-\u{fb06}\u{fb1d}-\u{fdff}\u{fe10}-\u{fe19}\u{fe31}-\u{fe44}\u{fe70}-\u{fefc}]/gu;

/** What stands in one line without more space in it than there is between words. */
export interface PdfChunk {
  readonly text: string;
  readonly start: number;
  readonly end: number;
  /** Whether the space before it is that of a cell or a column. */
  readonly isCell: boolean;
}

export interface PdfLine {
  readonly chunks: readonly PdfChunk[];
  /** Where its baseline is and how high it is; NaN for text that is turned, of which nothing follows. */
  readonly y: number;
  readonly height: number;
  readonly heading: Heading | undefined;
}

interface Heading {
  readonly id: string;
  readonly level: number;
}

/**
 * The lines of a page as its text: a blank line where there is space between two, tabs where there is space inside one, as
 * between the cells of a table. A PDF has no paragraphs and no tables of its own, only places of letters; its headings are
 * known where its writer marked them.
 */
export function writePdfPage(
  items: Iterable<PdfPiece | PdfMark>,
  headings: PdfHeadings,
  write: (text: string) => void,
): void {
  const drawn = linesOf(items, headings);
  const lines = withoutSpreadWords(withWholeHeadings(inColumns(drawn, usualDrop(drawn))));
  const usual = usualDrop(lines);
  for (const [index, line] of lines.entries()) {
    const before = lines[index - 1];
    if (before && isParagraph(line, before, usual)) write('\n');
    write(`${line.heading ? `${'#'.repeat(line.heading.level)} ` : ''}${textOf(line)}\n`);
  }
}

function linesOf(items: Iterable<PdfPiece | PdfMark>, headings: PdfHeadings): PdfLine[] {
  const drawn = [...drawnLines(items, headings)];
  const read = withTypedBrackets(drawn.map(({ pieces }) => inReadingOrder(pieces)));
  return read.map((pieces, index) => lineOf(pieces, drawn[index]!.heading));
}

interface DrawnLine {
  readonly pieces: readonly PdfPiece[];
  readonly heading: Heading | undefined;
}

function* drawnLines(items: Iterable<PdfPiece | PdfMark>, headings: PdfHeadings): Generator<DrawnLine> {
  let pieces: PdfPiece[] = [];
  let heading: Heading | undefined;
  const marks: (Heading | undefined)[] = [];
  for (const item of items) {
    if ('type' in item) {
      if (item.type === 'endMarkedContent') marks.pop();
      else marks.push(headingOf(item, headings) ?? marks.at(-1));
      continue;
    }
    if (pieces.length === 0) heading = marks.at(-1);
    if (pieces.length > 0 || item.str.trim() !== '') pieces.push(item);
    if (!item.hasEOL || pieces.length === 0) continue;
    yield { pieces, heading };
    pieces = [];
  }
  if (pieces.length > 0) yield { pieces, heading };
}

function headingOf({ id }: PdfMark, headings: PdfHeadings): Heading | undefined {
  const level = id === undefined ? undefined : headings.get(id);
  return level === undefined ? undefined : { id: id!, level };
}

function lineOf(pieces: readonly ReadPiece[], heading: Heading | undefined): PdfLine {
  const chunks: { text: string; start: number; end: number; isCell: boolean }[] = [];
  let y = Number.NaN;
  let height = 0;
  let space = 0;
  for (const piece of pieces) {
    const { str: text, width, transform } = piece;
    if (text.trim() === '') {
      if (text !== '') space += Math.max(width, Number.EPSILON);
      continue;
    }
    const start = transform[4]!;
    const last = chunks.at(-1);
    if (last && space === 0) Object.assign(last, { text: last.text + text, end: start + width });
    else chunks.push({ text, start, end: start + width, isCell: !!last && space > CELL_GAP * height });
    space = 0;
    y = baselineOf(piece);
    height = Math.max(height, piece.height);
  }
  return { chunks, y, height, heading };
}

function textOf({ chunks }: PdfLine): string {
  const parts = chunks.map(({ text, isCell }, index) => (index === 0 ? text : (isCell ? '\t' : ' ') + text));
  const text = parts.join('').trimEnd();
  return text.replace(PRINTED_FORMS, (form) => form.normalize('NFKC').trim());
}

function isRow({ chunks }: PdfLine): boolean {
  return chunks.some(({ isCell }, index) => isCell && index > 0);
}

/** The lines of one heading as one: in Markdown it would end with the first. */
function withWholeHeadings(lines: Iterable<PdfLine>): PdfLine[] {
  const whole: (PdfLine & { readonly chunks: PdfChunk[] })[] = [];
  for (const line of lines) {
    const before = whole.at(-1);
    if (line.heading && before?.heading?.id === line.heading.id) {
      for (const chunk of line.chunks) before.chunks.push(chunk);
      whole[whole.length - 1] = { ...line, chunks: before.chunks };
    } else whole.push({ ...line, chunks: [...line.chunks] });
  }
  return whole;
}

/** Negative where a line is above the one before it: another column begins. */
function dropTo(line: PdfLine, before: PdfLine): number {
  return before.y - line.y;
}

function isParagraph(line: PdfLine, before: PdfLine, usual: number): boolean {
  if (line.heading || before.heading) return true;
  const drop = dropTo(line, before);
  if (isRow(line) && isRow(before)) return false;
  return drop > PARAGRAPH_GAP * usual && drop > PARAGRAPH_GAP * Math.min(line.height, before.height);
}

/** That of a quarter of all lines is less: between paragraphs and rows of tables it is more than inside a paragraph. */
function usualDrop(lines: readonly PdfLine[]): number {
  const drops = lines
    .slice(1)
    .map((line, index) => ({ drop: dropTo(line, lines[index]!), height: line.height }))
    // Less than a letter is high, it is a raised figure and no line.
    .filter(({ drop, height }) => drop >= 0.8 * height)
    .map(({ drop }) => drop)
    .toSorted((one, other) => one - other);
  return drops[Math.floor(drops.length / 4)] ?? Number.POSITIVE_INFINITY;
}
