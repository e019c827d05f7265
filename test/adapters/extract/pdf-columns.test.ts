import { describe, expect, it } from 'vitest';
import { inColumns } from '../../../adapters/extract/pdf-columns.ts';
import type { PdfLine } from '../../../adapters/extract/pdf-lines.ts';

const HEIGHT = 10;
const DROP = 12;

/** Rows of two cells: where each ends, and what it begins with. */
interface Rows {
  readonly ends: readonly [readonly number[], readonly number[]];
  readonly begin?: string;
  readonly starts?: readonly [number, number];
  readonly drop?: number;
}

const PROSE: Rows = {
  ends: [
    [248, 250, 244, 239, 250, 130],
    [498, 489, 500, 495, 500, 496],
  ],
};

function rowsOf({ ends, begin = 'a', starts = [50, 300], drop = DROP }: Rows): PdfLine[] {
  return ends[0].map((leftEnd, row) => ({
    chunks: [
      { text: `${begin} left ${row}`, start: starts[0], end: leftEnd, isCell: false },
      { text: `${begin} right ${row}`, start: starts[1], end: ends[1][row]!, isCell: true },
    ],
    y: 700 - drop * row,
    height: HEIGHT,
    heading: undefined,
  }));
}

const textsOf = (lines: readonly PdfLine[]) => lines.map(({ chunks }) => chunks.map(({ text }) => text));
const isParted = (lines: PdfLine[]) => inColumns(lines, DROP).every(({ chunks }) => chunks.length === 1);

describe('rows of two cells', () => {
  it('are two columns where both are prose: the left one is read first', () => {
    expect(textsOf(inColumns(rowsOf(PROSE), DROP))).toEqual(
      ['left', 'right'].flatMap((side) => [0, 1, 2, 3, 4, 5].map((row) => [`a ${side} ${row}`])),
    );
  });

  it.each<[string, Rows]>([
    ['begin as sentences and names do', { ...PROSE, begin: 'A' }],
    ['are numbers', { ...PROSE, begin: '1' }],
    ['end anywhere', { ends: [[248, 120, 180, 90, 245, 130], PROSE.ends[1]] }],
    ['are narrow', { ends: [PROSE.ends[0], [398, 396, 400, 395, 400, 396]] }],
    [
      'are few',
      {
        ends: [
          [248, 250, 244],
          [498, 489, 500],
        ],
      },
    ],
    ['stand far apart', { ...PROSE, drop: 20 }],
    ['have hardly a space between them', { ...PROSE, starts: [50, 255] }],
    ['in Chinese end anywhere', { begin: '东', ends: [[248, 220, 236, 228, 246, 210], PROSE.ends[1]] }],
  ])('stay rows where they %s', (_, rows) => {
    expect(isParted(rowsOf(rows))).toBe(false);
    expect(textsOf(inColumns(rowsOf(rows), DROP))).toEqual(textsOf(rowsOf(rows)));
  });

  it('in Chinese are two columns where all but the last are full', () => {
    const full = {
      begin: '东',
      ends: [
        [250, 250, 245, 250, 250, 130],
        [500, 500, 500, 495, 500, 500],
      ],
    } as const;
    expect(isParted(rowsOf(full))).toBe(true);
  });

  it('stay as they are below a heading, and where they are turned', () => {
    const heading = { id: 'h', level: 1 };
    expect(isParted(rowsOf(PROSE).map((line) => ({ ...line, heading })))).toBe(false);
    expect(isParted(rowsOf(PROSE).map((line) => ({ ...line, y: Number.NaN })))).toBe(false);
  });

  it('are cut off where a line goes across', () => {
    const across = {
      chunks: [{ text: 'across', start: 50, end: 500, isCell: false }],
      y: 0,
      height: HEIGHT,
      heading: undefined,
    };
    const rows = rowsOf(PROSE);
    const lines = [...rows, { ...across, y: 700 - 6 * DROP }, ...rows.map((row) => ({ ...row, y: row.y - 7 * DROP }))];
    expect(textsOf(inColumns(lines, DROP)).map(([text]) => text!.slice(0, 6))).toEqual([
      ...Array(6).fill('a left'),
      ...Array(6).fill('a righ'),
      'across',
      ...Array(6).fill('a left'),
      ...Array(6).fill('a righ'),
    ]);
  });
});
