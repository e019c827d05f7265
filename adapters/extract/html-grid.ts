import { MAX_COLUMNS } from './block-text.ts';
import type { HtmlAttributes } from './html-tags.ts';

/** Where the cells of a page's tables stand: one that spans columns or rows takes the places of others, which are empty. */
export interface HtmlGrid {
  /** Whether a table is open. */
  readonly open: boolean;
  /** Cells of this row so far. */
  readonly cells: number;
  openTable(): void;
  closeTable(): void;
  row(): void;
  /** @returns how many cells it is further than the one before. */
  cell(attributes: HtmlAttributes): number;
  /** @returns how many cells the row has after its last one. */
  endRow(): number;
  /** No cell spans rows beyond those of its head, body or foot. */
  endGroup(): void;
}

/** HTML stops at 1,000 columns and 65,534 rows, which would be tabs alone from a few bytes. People merge a few dozen. */
const MAX_COLSPAN = 100;
const MAX_ROWSPAN = 1_000;

interface Table {
  /** The first column that is free in this row, and the one that the text has come to. */
  column: number;
  written: number;
  cells: number;
  row: number;
  /** Of each column: the row that it is free in again. */
  taken: number[];
}

export function createHtmlGrid(): HtmlGrid {
  const tables: Table[] = [newTable()];
  const inner = () => tables.at(-1)!;

  function firstFree(table: Table): number {
    let column = table.column;
    while ((table.taken[column] ?? 0) > table.row) column += 1;
    return column;
  }

  function moved(table: Table, to: number): number {
    const tabs = Math.max(0, to - table.written);
    table.written += tabs;
    return tabs;
  }

  return {
    get open() {
      return tables.length > 1;
    },
    get cells() {
      return inner().cells;
    },
    openTable: () => void tables.push(newTable()),
    closeTable() {
      if (tables.length > 1) tables.pop();
    },
    row: () => void Object.assign(inner(), { column: 0, written: 0, cells: 0, row: inner().row + 1 }),
    cell({ colspan, rowspan }) {
      const table = inner();
      const start = firstFree(table);
      table.cells += 1;
      // Beyond what is kept of rows each cell is one, however many there are.
      const end = Math.max(start + 1, Math.min(start + spanOf(colspan, MAX_COLSPAN), MAX_COLUMNS));
      const rows = rowspan === '0' ? MAX_ROWSPAN : spanOf(rowspan, MAX_ROWSPAN);
      if (rows > 1)
        for (let column = start; column < Math.min(end, MAX_COLUMNS); column += 1)
          table.taken[column] = table.row + rows;
      table.column = end;
      return moved(table, start);
    },
    endRow() {
      const table = inner();
      const { taken } = table;
      // What is free again is looked at once.
      taken.length = taken.findLastIndex((until) => until > table.row) + 1;
      return moved(table, Math.max(table.column, taken.length) - 1);
    },
    endGroup() {
      inner().taken = [];
    },
  };
}

function newTable(): Table {
  return { column: 0, written: 0, cells: 0, row: 0, taken: [] };
}

function spanOf(value: string | undefined, most: number): number {
  const span = Number.parseInt(value ?? '1', 10);
  return span >= 1 ? Math.min(span, most) : 1;
}
