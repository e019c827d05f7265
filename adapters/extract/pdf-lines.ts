/** What the PDF library says of a piece of text: never more than one line of it. */
export interface PdfPiece {
  readonly str: string;
  readonly hasEOL: boolean;
  readonly width: number;
  readonly height: number;
  /** Scale and place: text that is not turned has 0 at 1 and 2, and its baseline at 5. */
  readonly transform: readonly number[];
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
}

/**
 * The lines of a page as its text: a blank line where there is space between two, tabs where there is space inside one, as
 * between the cells of a table. A PDF has no paragraphs and no tables of its own, only places of letters.
 */
export function writePdfPage(pieces: Iterable<PdfPiece>, write: (text: string) => void): void {
  const lines = [...linesOf(pieces)];
  const usual = usualDrop(lines);
  for (const [index, line] of lines.entries()) {
    const before = lines[index - 1];
    if (before && isParagraph(line, before, usual)) write('\n');
    write(`${line.text}\n`);
  }
}

function* linesOf(pieces: Iterable<PdfPiece>): Generator<Line> {
  let text = '';
  let y = Number.NaN;
  let height = 0;
  let isRow = false;
  for (const piece of pieces) {
    const isGap = piece.str.trim() === '';
    if (isGap && text !== '' && !piece.hasEOL && piece.width > CELL_GAP * height) {
      text += '\t';
      isRow = true;
    } else text += piece.str;
    if (!isGap) {
      y = isUpright(piece) ? piece.transform[5]! : Number.NaN;
      height = Math.max(height, piece.height);
    }
    if (!piece.hasEOL) continue;
    if (text.trim() !== '') yield { text: text.trimEnd(), y, height, isRow };
    [text, y, height, isRow] = ['', Number.NaN, 0, false];
  }
  if (text.trim() !== '') yield { text: text.trimEnd(), y, height, isRow };
}

function isUpright({ transform }: PdfPiece): boolean {
  return transform[1] === 0 && transform[2] === 0;
}

/** Negative where a line is above the one before it: another column begins. */
function dropTo(line: Line, before: Line): number {
  return before.y - line.y;
}

function isParagraph(line: Line, before: Line, usual: number): boolean {
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
