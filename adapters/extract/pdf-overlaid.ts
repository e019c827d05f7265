import type { PdfPiece } from './pdf-lines.ts';
import { baselineOf } from './pdf-turns.ts';

/** In heights of a letter: further back than an accent or a narrow pair of letters ever goes. */
const JUMP = 1;

/** Of the same line, in heights of a letter: figures that are raised or lowered one above the other are not. */
const SAME_BASELINE = 0.2;

/** What is between two pieces is a space from here on, in heights of a letter; what lies over another by more is a word too. */
const SPACE = 0.15;
const OVERLAP = 0.5;

/** The PDF library has a space where a letter is missing, up to this width, in heights of a letter. */
const WIDEST_HOLE = 0.75;

/** How far from where it is expected such a space may be, in heights of a letter. */
const MISPLACED = 1;

/** No line of text has more letters; to look through more of them for each that lies over them would only cost time. */
const LONGEST_HOST = 1_000;

/** The same twice, to look bold, is drawn closer than this, in heights of a letter. */
const DRAWN_TWICE = 0.2;

/**
 * Pieces of a line from the left to the right as they stand. Some writers draw the letters that a font does not have after
 * all others of the line, into the room that was left for them.
 */
export function inPlace(pieces: readonly PdfPiece[]): readonly PdfPiece[] {
  const placed = pieces.filter(({ str }) => str.trim() !== '');
  if (!placed.some((piece, index) => index > 0 && jumpsBack(piece, placed[index - 1]!))) return pieces;
  if (placed.some((piece) => Number.isNaN(baselineOf(piece)))) return pieces;
  const found: PdfPiece[] = [];
  for (const piece of placed.toSorted((one, other) => startOf(one) - startOf(other))) {
    const before = found.at(-1);
    if (before?.str === piece.str && startOf(piece) - startOf(before) < DRAWN_TWICE * piece.height) continue;
    const around = before && parted(before, piece);
    if (around) found.splice(-1, 1, around[0], piece, around[1]);
    else found.push(piece);
  }
  return found.flatMap((piece, index) => [...spaceBetween(found[index - 1], piece), piece]);
}

function startOf({ transform }: PdfPiece): number {
  return transform[4]!;
}

function endOf(piece: PdfPiece): number {
  return startOf(piece) + piece.width;
}

function jumpsBack(piece: PdfPiece, before: PdfPiece): boolean {
  return (
    startOf(piece) < endOf(before) - JUMP * before.height &&
    Math.abs(baselineOf(piece) - baselineOf(before)) <= SAME_BASELINE * before.height
  );
}

function spaceBetween(before: PdfPiece | undefined, piece: PdfPiece): PdfPiece[] {
  if (!before) return [];
  const width = startOf(piece) - endOf(before);
  if (width <= SPACE * piece.height && width >= -OVERLAP * piece.height) return [];
  return [{ ...piece, str: ' ', hasEOL: false, width: Math.max(0, width), height: 0 }];
}

/** What is before and behind a letter that was drawn into a hole of the piece, which has a space there. */
function parted(host: PdfPiece, letter: PdfPiece): [PdfPiece, PdfPiece] | undefined {
  const { str, height, transform } = host;
  if (letter.width > WIDEST_HOLE * height || endOf(letter) >= endOf(host)) return undefined;
  const hole = holeAt(host, startOf(letter) - startOf(host));
  if (hole === undefined) return undefined;
  const behind = [...transform.slice(0, 4), endOf(letter), transform[5]!];
  return [
    { ...host, str: str.slice(0, hole), width: startOf(letter) - startOf(host) },
    { ...host, str: str.slice(hole + 1), width: endOf(host) - endOf(letter), transform: behind },
  ];
}

/** The space that is nearest to the place, by what letters are wide on the whole: how wide these are is not known. */
function holeAt({ str, width, height }: PdfPiece, at: number): number | undefined {
  if (str.length > LONGEST_HOST) return undefined;
  const letters = [...str];
  const scale = width / letters.reduce((all, letter) => all + widthOf(letter), 0);
  let [hole, nearest] = [-1, MISPLACED * height];
  let [index, end] = [0, 0];
  for (const letter of letters) {
    const distance = Math.abs(end * scale - at);
    if (letter === ' ' && index > 0 && distance < nearest) [hole, nearest] = [index, distance];
    index += letter.length;
    end += widthOf(letter);
  }
  return hole < 0 ? undefined : hole;
}

function widthOf(letter: string): number {
  if (/[ ijlftrI.,;:!|'()[\]-]/.test(letter)) return 0.3;
  if (/[mwMW@—]/.test(letter)) return 0.85;
  return /\p{Lu}/u.test(letter) ? 0.68 : 0.53;
}
