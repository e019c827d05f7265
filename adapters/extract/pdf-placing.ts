import type { PdfField } from './pdf-fields.ts';
import type { PdfMark, PdfPiece } from './pdf-lines.ts';
import { baselineOf, type PdfLayout } from './pdf-turns.ts';

type Item = PdfPiece | PdfMark;

/** A page with so many fields and pieces of text, multiplied, is none that a person fills in: its fields come last. */
const MAX_COMPARISONS = 20_000_000;

/** How far below the top of a tall box its first line stands, as a line of text is high. */
const LINE_HEIGHT = 12;

/** Of a letter, on average, at the size that forms are filled in with. */
const LETTER_WIDTH = 5;

/**
 * The pieces of a page with what was filled in among them: behind what stands before a field in its row, else before what
 * stands behind it, else in a line of its own below the line that is above it.
 */
export function withFields({ items, fields }: PdfLayout): readonly Item[] {
  if (fields.length === 0) return items;
  const rows = rowsOf(fields);
  if (fields.length * items.length > MAX_COMPARISONS) return [...items, ...rows.flatMap(lineOf)];
  const places = placesOf(rows.flat(), items.filter(isPlaced));
  const joined = items.flatMap((item, index) =>
    'str' in item ? withNeighbours(item, items[index + 1], places) : item,
  );
  return withLines(joined, rowsOf(places.alone));
}

/** From the top to the bottom, each from the left to the right. */
function rowsOf(fields: readonly PdfField[]): PdfField[][] {
  const rows: PdfField[][] = [];
  for (const field of fields.toSorted((one, other) => fieldBaseline(other) - fieldBaseline(one))) {
    const row = rows.at(-1);
    if (row && fieldBaseline(row[0]!) - fieldBaseline(field) < LINE_HEIGHT / 2) row.push(field);
    else rows.push([field]);
  }
  return rows.map((row) => row.toSorted((one, other) => one.rect[0] - other.rect[0]));
}

/** Of its first line: somewhat above the bottom of a low box, and below the top of a tall one. */
function fieldBaseline({ rect: [, bottom, , top] }: PdfField): number {
  return Math.max(bottom + 0.3 * (top - bottom), top - LINE_HEIGHT);
}

function isPlaced(item: Item): item is PdfPiece {
  return 'str' in item && item.str.trim() !== '' && !Number.isNaN(baselineOf(item));
}

interface Places {
  readonly before: Map<Item, PdfField[]>;
  readonly after: Map<Item, PdfField[]>;
  readonly alone: PdfField[];
}

function placesOf(fields: readonly PdfField[], pieces: readonly PdfPiece[]): Places {
  const places: Places = { before: new Map(), after: new Map(), alone: [] };
  for (const field of fields) {
    const { left, right } = neighboursOf(field, pieces);
    const neighbour = left ?? right;
    const side = left ? places.after : places.before;
    if (!neighbour) places.alone.push(field);
    else listIn(side, neighbour).push(field);
  }
  return places;
}

function neighboursOf(field: PdfField, pieces: readonly PdfPiece[]): { left?: PdfPiece; right?: PdfPiece } {
  const baseline = fieldBaseline(field);
  const start = field.rect[0];
  const found: { left?: PdfPiece; right?: PdfPiece } = {};
  for (const piece of pieces) {
    if (Math.abs(baselineOf(piece) - baseline) > LINE_HEIGHT / 2) continue;
    const x = piece.transform[4]!;
    if (x <= start && x >= (found.left?.transform[4] ?? Number.NEGATIVE_INFINITY)) found.left = piece;
    if (x > start && x < (found.right?.transform[4] ?? Number.POSITIVE_INFINITY)) found.right = piece;
  }
  return found;
}

function withNeighbours(piece: PdfPiece, next: Item | undefined, { before, after }: Places): Item[] {
  const ahead = before.get(piece) ?? [];
  const behind = after.get(piece) ?? [];
  if (ahead.length + behind.length === 0) return [piece];
  const [, , , , x = 0] = piece.transform;
  const at = { y: baselineOf(piece), height: piece.height };
  const endsLine = piece.hasEOL || next === undefined || ('str' in next && next.hasEOL);
  return [
    ...valuesOf(ahead, Number.NaN, at),
    ...(ahead.length > 0 ? [gap(x - endOf(ahead.at(-1)!))] : []),
    { ...piece, hasEOL: piece.hasEOL && behind.length === 0 },
    ...valuesOf(behind, x + piece.width, at, endsLine),
    ...(behind.length > 0 ? afterLast(behind.at(-1)!, piece, next) : []),
  ];
}

/** What ended the line of the piece, or the space to what stands right behind it; where there is space, there is a piece of it. */
function afterLast(field: PdfField, { hasEOL }: PdfPiece, next: Item | undefined): PdfPiece[] {
  if (hasEOL) return [lineEnd()];
  return next !== undefined && isPlaced(next) ? [gap(next.transform[4]! - endOf(field))] : [];
}

interface At {
  readonly y: number;
  readonly height: number;
}

/** Fields beside each other, with the space that can be seen before each. The last of a line may have more lines than one. */
function valuesOf(fields: readonly PdfField[], from: number, at: At, endsLine = false): PdfPiece[] {
  let end = from;
  return fields.flatMap((field, index) => {
    const space = Number.isNaN(end) ? [] : [gap(field.rect[0] - end)];
    end = endOf(field);
    const isLast = endsLine && index === fields.length - 1;
    return [...space, ...linesOf(field, isLast ? field.text : field.text.replaceAll('\n', ' '), at)];
  });
}

/** Where its text ends, which is seldom where its box does. */
function endOf({ text, rect: [left, , right] }: PdfField): number {
  return Math.min(right, left + LETTER_WIDTH * text.length);
}

function linesOf(field: PdfField, text: string, { y, height }: At): PdfPiece[] {
  const x = field.rect[0];
  const width = endOf(field) - x;
  const lines = text.split('\n');
  return lines.flatMap((str, index) => {
    const piece = { str, hasEOL: false, width, height, transform: [1, 0, 0, 1, x, y - index * LINE_HEIGHT] };
    return index === lines.length - 1 ? [piece] : [piece, lineEnd()];
  });
}

function gap(width: number): PdfPiece {
  return { str: ' ', hasEOL: false, width, height: 0, transform: [1, 0, 0, 1, 0, 0] };
}

function lineEnd(): PdfPiece {
  return { ...gap(0), str: '', hasEOL: true };
}

function lineOf(row: readonly PdfField[]): PdfPiece[] {
  const at = { y: fieldBaseline(row[0]!), height: LINE_HEIGHT };
  return [lineEnd(), ...valuesOf(row, Number.NaN, at, true), lineEnd()];
}

function listIn<Key, Each>(lists: Map<Key, Each[]>, key: Key): Each[] {
  const list = lists.get(key) ?? [];
  lists.set(key, list);
  return list;
}

interface LineEnd {
  readonly index: number;
  readonly y: number;
}

function withLines(items: readonly Item[], rows: readonly PdfField[][]): readonly Item[] {
  if (rows.length === 0) return items;
  const ends = lineEndsOf(items);
  const after = new Map<number, PdfPiece[]>();
  for (const row of rows) {
    const y = fieldBaseline(row[0]!);
    const above = ends.filter((end) => end.y >= y);
    const index = above.length === 0 ? -1 : above.reduce((near, end) => (end.y <= near.y ? end : near)).index;
    listIn(after, index).push(...lineOf(row));
  }
  return [...(after.get(-1) ?? []), ...items.flatMap((item, index) => [item, ...(after.get(index) ?? [])])];
}

/** Where lines end, and with them what is marked: a field below a heading is no part of it. */
function lineEndsOf(items: readonly Item[]): LineEnd[] {
  const ends: LineEnd[] = [];
  let y = Number.NaN;
  for (const [index, item] of items.entries()) {
    if (isPlaced(item)) y = baselineOf(item);
    const isEnd = index === items.length - 1 || ('str' in item && item.hasEOL);
    if (isEnd) ends.push({ index, y });
    else if ('type' in item && item.type === 'endMarkedContent' && ends.at(-1)?.index === index - 1) {
      ends[ends.length - 1] = { index, y };
    }
  }
  return ends;
}
