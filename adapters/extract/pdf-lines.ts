import type { PdfHeadings } from './pdf-headings.ts';
import { baselineOf } from './pdf-turns.ts';

/** What the PDF library says of a piece of text: never more than one line of it. */
export interface PdfPiece {
  readonly str: string;
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

interface Line {
  readonly text: string;
  /** Where its baseline is and how high it is; NaN for text that is turned, of which nothing follows. */
  readonly y: number;
  readonly height: number;
  readonly isRow: boolean;
  readonly heading: Heading | undefined;
  /** Nothing but space so far. To look for it in the text of each piece would cost its length, for each. */
  readonly isEmpty: boolean;
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
  const lines = withWholeHeadings(linesOf(items, headings));
  const usual = usualDrop(lines);
  for (const [index, line] of lines.entries()) {
    const before = lines[index - 1];
    if (before && isParagraph(line, before, usual)) write('\n');
    write(`${line.heading ? `${'#'.repeat(line.heading.level)} ` : ''}${line.text}\n`);
  }
}

function* linesOf(items: Iterable<PdfPiece | PdfMark>, headings: PdfHeadings): Generator<Line> {
  const empty: Line = { text: '', y: Number.NaN, height: 0, isRow: false, heading: undefined, isEmpty: true };
  let line = empty;
  const marks: (Heading | undefined)[] = [];
  for (const item of items) {
    if ('type' in item) {
      if (item.type === 'endMarkedContent') marks.pop();
      else marks.push(headingOf(item, headings) ?? marks.at(-1));
      continue;
    }
    line = longer(line, item, marks.at(-1));
    if (!item.hasEOL) continue;
    if (!line.isEmpty) yield trimmed(line);
    line = empty;
  }
  if (!line.isEmpty) yield trimmed(line);
}

function headingOf({ id }: PdfMark, headings: PdfHeadings): Heading | undefined {
  const level = id === undefined ? undefined : headings.get(id);
  return level === undefined ? undefined : { id: id!, level };
}

function longer(line: Line, piece: PdfPiece, heading: Heading | undefined): Line {
  const isGap = piece.str.trim() === '';
  const isCellGap = isGap && !line.isEmpty && !piece.hasEOL && piece.width > CELL_GAP * line.height;
  if (isCellGap) return { ...line, text: `${line.text}\t`, isRow: true };
  if (isGap) return { ...line, text: line.text + piece.str };
  return {
    text: line.text + piece.str,
    y: baselineOf(piece),
    height: Math.max(line.height, piece.height),
    isRow: line.isRow,
    heading: line.isEmpty ? heading : line.heading,
    isEmpty: false,
  };
}

function trimmed(line: Line): Line {
  return { ...line, text: line.text.trimEnd() };
}

/** The lines of one heading as one: in Markdown it would end with the first. */
function withWholeHeadings(lines: Iterable<Line>): Line[] {
  const whole: Line[] = [];
  for (const line of lines) {
    const before = whole.at(-1);
    if (line.heading && before?.heading?.id === line.heading.id) {
      whole[whole.length - 1] = { ...line, text: `${before.text} ${line.text.trimStart()}` };
    } else whole.push(line);
  }
  return whole;
}

/** Negative where a line is above the one before it: another column begins. */
function dropTo(line: Line, before: Line): number {
  return before.y - line.y;
}

function isParagraph(line: Line, before: Line, usual: number): boolean {
  if (line.heading || before.heading) return true;
  const drop = dropTo(line, before);
  if (line.isRow && before.isRow) return false;
  return drop > PARAGRAPH_GAP * usual && drop > PARAGRAPH_GAP * Math.min(line.height, before.height);
}

/** That of a quarter of all lines is less: between paragraphs and rows of tables it is more than inside a paragraph. */
function usualDrop(lines: readonly Line[]): number {
  const drops = lines
    .slice(1)
    .map((line, index) => ({ drop: dropTo(line, lines[index]!), height: line.height }))
    // Less than a letter is high, it is a raised figure and no line.
    .filter(({ drop, height }) => drop >= 0.8 * height)
    .map(({ drop }) => drop)
    .toSorted((one, other) => one - other);
  return drops[Math.floor(drops.length / 4)] ?? Number.POSITIVE_INFINITY;
}
