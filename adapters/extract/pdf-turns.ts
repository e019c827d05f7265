import type { PdfField } from './pdf-fields.ts';
import type { PdfMark, PdfPiece } from './pdf-lines.ts';

/** What is on a page, and where. */
export interface PdfLayout {
  readonly items: readonly (PdfPiece | PdfMark)[];
  readonly fields: readonly PdfField[];
}

/** More than this, as height to width, and a line climbs; less, and the page lay askew in a scanner. */
const LEAN = 0.1;

/**
 * The baseline of a piece of text, as its height above the lower end of the page; where the page lies askew, at its left
 * edge, so that it is the same for a whole line. NaN for text that is turned.
 */
export function baselineOf({ transform }: PdfPiece): number {
  const [across = 0, up = 0, , , x = 0, y = 0] = transform;
  return across > 0 && Math.abs(up) <= LEAN * across ? y - (x * up) / across : Number.NaN;
}

/** The page turned by quarters until most of its letters stand upright: as it is read, however it is printed. */
export function uprighted(layout: PdfLayout): PdfLayout {
  const letters = [0, 0, 0, 0];
  for (const item of layout.items) {
    const turn = 'str' in item ? quarterOf(item) : -1;
    if (turn >= 0) letters[turn]! += (item as PdfPiece).str.length;
  }
  const most = letters.indexOf(Math.max(...letters));
  return most === 0 ? layout : turned(layout, most);
}

/** 0 is upright, 1 reads upwards, 2 is upside down, 3 reads downwards; -1 is anything between. */
function quarterOf({ transform: [across = 0, up = 0] }: PdfPiece): number {
  if (Math.abs(up) <= LEAN * Math.abs(across)) return across > 0 ? 0 : 2;
  if (Math.abs(across) <= LEAN * Math.abs(up)) return up > 0 ? 1 : 3;
  return -1;
}

function turned({ items, fields }: PdfLayout, quarters: number): PdfLayout {
  if (quarters === 0) return { items, fields };
  const once = {
    items: items.map((item) => ('str' in item ? { ...item, transform: clockwise(item.transform) } : item)),
    fields: fields.map(({ text, rect: [left, bottom, right, top] }) => ({
      text,
      rect: [bottom, -right, top, -left] as const,
    })),
  };
  return turned(once, quarters - 1);
}

function clockwise([a = 0, b = 0, c = 0, d = 0, x = 0, y = 0]: readonly number[]): readonly number[] {
  return [b, -a, d, -c, y, -x];
}
