import type { ReadPiece } from './pdf-brackets.ts';
import type { PdfPiece } from './pdf-lines.ts';
import { inPlace } from './pdf-overlaid.ts';
import { baselineOf } from './pdf-turns.ts';

/** Between two words, in heights of a letter: pieces that are closer are parts of one. */
const SPACE = 0.15;

const LETTER = /\p{L}/u;

/**
 * The pieces of a line in the order in which they are read, with the space between them. A PDF has them as they stand: of
 * writing from right to left each piece is turned round already, and not their order. The direction of the whole line is
 * that of most of its letters.
 */
export function inReadingOrder(pieces: readonly PdfPiece[]): readonly ReadPiece[] {
  if (!pieces.some(isRightToLeft)) return inPlace(pieces);
  const placed = pieces.filter(({ str }) => str.trim() !== '');
  if (placed.length < 2 || placed.some((piece) => Number.isNaN(baselineOf(piece))))
    return pieces.map((piece) => (isRightToLeft(piece) ? fromRight(piece) : piece));
  placed.sort((one, other) => one.transform[4]! - other.transform[4]!);
  return lettersOf(placed.filter(isRightToLeft)) >= lettersOf(placed.filter(isLeftToRight))
    ? fromTheRight(placed)
    : fromTheLeft(placed);
}

function fromRight(piece: PdfPiece): ReadPiece {
  return { ...piece, isFromRight: true };
}

function isRightToLeft({ dir, str }: PdfPiece): boolean {
  return dir === 'rtl' && str.trim() !== '';
}

/** Numbers and signs are neither: they follow what is around them. */
function isLeftToRight(piece: PdfPiece): boolean {
  return !isRightToLeft(piece) && LETTER.test(piece.str);
}

function lettersOf(pieces: readonly PdfPiece[]): number {
  return pieces.reduce((letters, { str }) => letters + str.length, 0);
}

function fromTheRight(pieces: readonly PdfPiece[]): ReadPiece[] {
  const runs = runsOf(pieces, isLeftToRight).toReversed();
  return runs.flatMap(([first, last]) => {
    const run = pieces.slice(first, last + 1);
    const read = isLeftToRight(run[0]!) ? run : run.map(fromRight);
    return read.flatMap((piece, index) => [...spaceAt(pieces, index === 0 ? last + 1 : first + index), piece]);
  });
}

function fromTheLeft(pieces: readonly PdfPiece[]): ReadPiece[] {
  return runsOf(pieces, isRightToLeft).flatMap(([first, last]) => {
    const run = pieces.slice(first, last + 1);
    const read = isRightToLeft(run[0]!) ? run.map(fromRight).toReversed() : run;
    return read.flatMap((piece, index) => [...spaceAt(pieces, index === 0 ? first : last + 1 - index), piece]);
  });
}

/** From the left to the right: those that are read against the direction of the line together, and each other one by itself. */
function runsOf(pieces: readonly PdfPiece[], isAgainst: (piece: PdfPiece) => boolean): [number, number][] {
  const runs: [number, number][] = [];
  let isOpen = false;
  let neutral = 0;
  for (const [index, piece] of pieces.entries()) {
    if (!isAgainst(piece)) {
      runs.push([index, index]);
      const isNeutral = !isRightToLeft(piece) && !isLeftToRight(piece);
      isOpen &&= isNeutral;
      neutral = isNeutral ? neutral + 1 : 0;
      continue;
    }
    // What is between two of them belongs to them.
    const first = isOpen ? runs.splice(-1 - neutral)[0]![0] : index;
    runs.push([first, index]);
    isOpen = true;
    neutral = 0;
  }
  return runs;
}

/** The space on the left of a piece, as one; none at the ends of the line, and none inside a word. */
function spaceAt(pieces: readonly PdfPiece[], index: number): PdfPiece[] {
  const [before, piece] = [pieces[index - 1], pieces[index]];
  if (!before || !piece) return [];
  const width = piece.transform[4]! - (before.transform[4]! + before.width);
  return width > SPACE * piece.height ? [{ ...piece, str: ' ', dir: 'ltr', hasEOL: false, width, height: 0 }] : [];
}
