import type { PdfPiece } from './pdf-lines.ts';

/** In the order in which it is read. */
export interface ReadPiece extends PdfPiece {
  /** What it stands among is read from right to left, and what opens a bracket looks as what closes one. */
  readonly isFromRight?: boolean;
}

const PAIRS = ['()', '[]', '{}', '«»', '‹›'];

const OTHER_SIDE = new Map(PAIRS.flatMap(([open, close]) => [[open!, close!] as const, [close!, open!] as const]));

const OPENS = new Set(PAIRS.map(([open]) => open!));

const BRACKETS = /[()[\]{}«»‹›]/g;

/**
 * The lines of a page with their brackets as they are typed. Of what is read from right to left some writers say which
 * bracket it is, and some what it looks like: those whose brackets would close first and open then.
 */
export function withTypedBrackets(lines: readonly (readonly ReadPiece[])[]): readonly (readonly ReadPiece[])[] {
  let [typed, drawn] = [0, 0];
  for (const line of lines) {
    const brackets = line.flatMap(({ isFromRight, str }) => (isFromRight ? (str.match(BRACKETS) ?? []) : []));
    if (brackets.length < 2) continue;
    typed += pairsIn(brackets);
    drawn += pairsIn(brackets.map((bracket) => OTHER_SIDE.get(bracket)!));
  }
  return drawn > typed ? lines.map((line) => line.map(turned)) : lines;
}

function pairsIn(brackets: readonly string[]): number {
  const open: string[] = [];
  let pairs = 0;
  for (const bracket of brackets) {
    if (OPENS.has(bracket)) open.push(bracket);
    else if (open.at(-1) === OTHER_SIDE.get(bracket)) {
      open.pop();
      pairs += 1;
    }
  }
  return pairs;
}

function turned(piece: ReadPiece): ReadPiece {
  if (!piece.isFromRight) return piece;
  return { ...piece, str: piece.str.replace(BRACKETS, (bracket) => OTHER_SIDE.get(bracket)!) };
}
