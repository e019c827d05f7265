import type { PdfMark, PdfPiece } from './pdf-lines.ts';
import { baselineOf } from './pdf-turns.ts';

type Item = PdfPiece | PdfMark;

/** In heights of a letter: what is further below or above stands in another line. Raised figures are not half as far. */
const OTHER_LINE = 0.9;

/** In heights of a letter: what begins so close behind a large letter goes on with its word, and is no line of its own. */
const BESIDE = 0.5;

/** What of a line says where it stands: a figure may be raised, and what follows it is where the line began. */
interface Line {
  readonly first: PdfPiece;
  readonly last: PdfPiece;
}

/**
 * The pieces with the ends of lines that the PDF library does not see: it measures a drop by the letters before it, so that
 * a byline to the right of a large title, and below it, is in one line with it.
 */
export function withLineEnds(items: readonly Item[]): readonly Item[] {
  const ends = new Set<Item>();
  let line: Line | undefined;
  let before: PdfPiece | undefined;
  for (const item of items) {
    if (!('str' in item)) continue;
    if (item.str.trim() !== '' && !Number.isNaN(baselineOf(item))) {
      if (line && before && isInOtherLine(item, line)) {
        ends.add(before);
        line = undefined;
      }
      line = { first: line?.first ?? item, last: item };
    }
    if (item.hasEOL) line = undefined;
    before = item;
  }
  if (ends.size === 0) return items;
  return items.map((item) => (ends.has(item) ? { ...(item as PdfPiece), hasEOL: true } : item));
}

function isInOtherLine(piece: PdfPiece, { first, last }: Line): boolean {
  const [start, lastStart] = [piece.transform[4]!, last.transform[4]!];
  // In a line from the top to the bottom all pieces begin at the same place across.
  if (start <= lastStart + last.width / 2) return false;
  const y = baselineOf(piece);
  const drops = [baselineOf(first) - y, baselineOf(last) - y];
  if (drops.some((drop) => Math.abs(drop) <= OTHER_LINE * piece.height)) return false;
  const isAbove = drops[1]! < 0;
  return !isAbove || start - (lastStart + last.width) > BESIDE * piece.height;
}
