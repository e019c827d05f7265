import type { PdfChunk, PdfLine } from './pdf-lines.ts';

/** Fewer rows than this may be cells that happen to look like prose. */
const MIN_ROWS = 4;

/** No page has more lines below one another; to look further for the end of a column would only cost time. */
const MAX_ROWS = 200;

/** Columns within columns: a page with four of them is cut twice. */
const MAX_DEPTH = 2;

/** The space between two columns, in heights of a letter: more than between the words of a line that is spread out. */
const GUTTER = 0.8;

/** Rows so much further apart than most lines are of two paragraphs on both sides at once: of two rows of a table, mostly. */
const BREAK = 1.3;

/** Where a page has too few lines to say what is usual: in heights of a letter. */
const BREAK_HEIGHTS = 2.5;

/** Prose, in heights of a letter: the cells of most tables are narrower. Of three columns on a page each has some 14. */
const PROSE_WIDTH = 12;

/** A line within a sentence begins with a small letter; a cell seldom does. */
const GOES_ON = /^\p{Ll}/u;
const MIN_GOING_ON = 0.4;

/** A line of prose goes on until the next word would not fit: it ends within this part of the width before the edge. */
const RAGGED = 0.2;
const MIN_FULL = 0.6;

/** Where there are no small letters, and words are not parted: all but the last lines end at the edge, or a letter before. */
const WITHOUT_CASE = /^[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}]/u;
const RAGGED_HEIGHTS = 1.5;
const MIN_FULL_WITHOUT_CASE = 0.8;

/** What no letter of a column stands in, from the left to the right. */
interface Gutter {
  readonly from: number;
  readonly to: number;
}

interface Row {
  readonly left: readonly PdfChunk[];
  readonly right: readonly PdfChunk[];
  readonly line: PdfLine;
}

/**
 * The lines of a page with columns that were drawn line by line, across all of them, one column after the other. Only what
 * is prose on both sides of the space is taken apart: a table is read row by row.
 * @param usual how far below the one before it a line of the page is.
 */
export function inColumns(lines: readonly PdfLine[], usual: number, depth = 0): PdfLine[] {
  const found: PdfLine[] = [];
  for (let at = 0; at < lines.length; ) {
    const rows = depth < MAX_DEPTH ? columnsAt(lines, at, usual) : [];
    if (rows.length === 0) found.push(lines[at]!);
    else for (const side of ['left', 'right'] as const) found.push(...inColumns(sideOf(rows, side), usual, depth + 1));
    at += Math.max(1, rows.length);
  }
  return found;
}

function sideOf(rows: readonly Row[], side: 'left' | 'right'): PdfLine[] {
  return rows.flatMap((row) => (row[side].length === 0 ? [] : [{ ...row.line, chunks: row[side] }]));
}

/** The rows from this line on that have the same space between two columns of prose; none where there are no columns. */
function columnsAt(lines: readonly PdfLine[], first: number, usual: number): Row[] {
  let gutter = widestIn(lines[first]!);
  const rows: Row[] = [];
  for (let at = first; gutter && at < lines.length && rows.length < MAX_ROWS; at += 1) {
    const line = lines[at]!;
    if (line.heading || Number.isNaN(line.y) || (at > first && !isNext(line, lines[at - 1]!, usual))) break;
    const cut = cutAt(line, gutter);
    if (!cut) break;
    rows.push({ left: line.chunks.slice(0, cut.index), right: line.chunks.slice(cut.index), line });
    gutter = cut.gutter;
  }
  return isSideBySide(rows) && isProse(sideOf(rows, 'left')) && isProse(sideOf(rows, 'right')) ? rows : [];
}

function widestIn({ chunks, height }: PdfLine): Gutter | undefined {
  let widest: Gutter | undefined;
  for (const [index, { start: to }] of chunks.entries()) {
    const from = chunks[index - 1]?.end ?? to;
    if (to - from >= (widest ? widest.to - widest.from : GUTTER * height)) widest = { from, to };
  }
  return widest;
}

function isNext(line: PdfLine, before: PdfLine, usual: number): boolean {
  const drop = before.y - line.y;
  return drop > -0.5 * line.height && drop < Math.min(BREAK * usual, BREAK_HEIGHTS * line.height);
}

/** Where the space goes through a line, and what of the space no line so far stands in. */
function cutAt({ chunks, height }: PdfLine, gutter: Gutter): { index: number; gutter: Gutter } | undefined {
  let best: { index: number; gutter: Gutter } | undefined;
  for (let index = 0; index <= chunks.length; index += 1) {
    const from = Math.max(gutter.from, chunks[index - 1]?.end ?? gutter.from);
    const to = Math.min(gutter.to, chunks[index]?.start ?? gutter.to);
    if (to - from >= (best ? best.gutter.to - best.gutter.from : GUTTER * height))
      best = { index, gutter: { from, to } };
  }
  return best;
}

/** Whether lines stand beside each other, and not one block below another. */
function isSideBySide(rows: readonly Row[]): boolean {
  const beside = rows.filter(({ left, right }) => left.length > 0 && right.length > 0).length;
  const [lefts, rights] = [sideOf(rows, 'left').length, sideOf(rows, 'right').length];
  return beside >= MIN_ROWS && 2 * beside >= Math.min(lefts, rights);
}

function isProse(lines: readonly PdfLine[]): boolean {
  const { height } = lines[0]!;
  const ends = lines.map(({ chunks }) => chunks.at(-1)!.end);
  const edge = Math.max(...ends);
  const width = edge - Math.min(...lines.map(({ chunks }) => chunks[0]!.start));
  const begin = (pattern: RegExp) => lines.filter(({ chunks }) => pattern.test(chunks[0]!.text)).length / lines.length;
  const areFull = (ragged: number) => ends.filter((end) => end >= edge - ragged).length / lines.length;
  if (width < PROSE_WIDTH * height) return false;
  if (begin(GOES_ON) >= MIN_GOING_ON) return areFull(RAGGED * width) >= MIN_FULL;
  return begin(WITHOUT_CASE) >= MIN_GOING_ON && areFull(RAGGED_HEIGHTS * height) >= MIN_FULL_WITHOUT_CASE;
}
