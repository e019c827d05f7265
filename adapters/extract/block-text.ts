import { createCellText, inOneLine } from './cell-text.ts';

/**
 * Puts paragraphs, lists, tables and pages together as text, as html-text.ts does it for a page: a blank line between
 * paragraphs, headings as Markdown, lists with dashes, the rows of a table as lines with tabs between their cells, a form
 * feed where a page breaks. What is empty leaves no trace.
 */
export interface BlockText {
  /** What is written next begins a paragraph, or is it still if nothing was written since. */
  begin(block?: Block): void;
  /**
   * As it is, spaces and line breaks too; but not those that a paragraph ends with, nor line breaks in a heading. Of those
   * that it begins with only an indentation is kept, as programs have it, and only where nothing else stands before the text.
   */
  write(text: string): void;
  pageBreak(): void;
  openTable(): void;
  row(): void;
  cell(): void;
  /** The cell that was begun takes the place of several. */
  widen(columns: number): void;
  endRow(): void;
  closeTable(): void;
  end(): void;
}

export interface Block {
  /** Written before the paragraph's text. */
  readonly prefix?: string;
  /** Follows another one of such a list without a blank line. */
  readonly list?: 'items' | 'notes';
  /** A line break in it is a space. */
  readonly oneLine?: true;
}

export function heading(level: number): Block {
  return { prefix: `${'#'.repeat(Math.min(6, Math.max(1, level)))} `, oneLine: true };
}

/** @param depth 0 for an item of the outermost list. */
export function listItem(depth: number): Block {
  return { prefix: `${'  '.repeat(Math.min(MAX_INDENT, Math.max(0, depth)))}- `, list: 'items' };
}

/** @returns what stands before a comment, in all formats. */
export function commentBy(author: string | undefined): string {
  return author?.trim() ? `Comment (${author.trim()}): ` : 'Comment: ';
}

const MAX_INDENT = 9;

/** Word stops at 63; a table without bounds would be made of tabs alone. */
export const MAX_COLUMNS = 1_000;

/** Deeper than any program: a line that is centred with spaces, or filled with them. */
const MAX_INDENTATION = 100;

/** Of spaces in a row. They are held until a word follows. */
export const MAX_SPACES = 1_000;

interface Table {
  /** Nothing of this table is out yet; of this row; of this cell. */
  empty: boolean;
  rowEmpty: boolean;
  cellEmpty: boolean;
  /** Where this cell begins and ends, and up to where this row is out. */
  column: number;
  columns: number;
  written: number;
}

export function createBlockText(out: (text: string) => void): BlockText {
  const tables: Table[] = [];
  const cells = createCellText(out);
  let started = false;
  let block: Block | undefined = {};
  let oneLine = false;
  let lastList: Block['list'];
  let pageBreaks = false;
  /** What ends the text so far, and goes out only if more of its paragraph follows. */
  let space = '';

  function write(written: string): void {
    const text = oneLine ? inOneLine(written) : written;
    const words = text.trimEnd();
    if (words === '') {
      if (space.length < MAX_SPACES) space += text;
      return;
    }
    separate();
    cells.write(block ? beginning(block, space + words) : space + words);
    space = text.slice(words.length);
    started = true;
    if (block) lastList = block.list;
    block = undefined;
    for (const table of tables) table.cellEmpty = false;
  }

  function beginning({ prefix = '' }: Block, text: string): string {
    const words = text.trimStart();
    const isIndented = prefix === '' && !oneLine && tables.length === 0;
    return prefix + (isIndented ? indentationIn(text.slice(0, text.length - words.length)) : '') + words;
  }

  /** Writes what stands between the text so far and a paragraph that begins. */
  function separate(): void {
    if (tables.length > 0) rows();
    else if (started && block) {
      const goesOn = block.list !== undefined && block.list === lastList && !pageBreaks;
      cells.between(goesOn ? '\n' : betweenBlocks());
    }
  }

  /** Of each table that the text is in, from the outermost: the row that is to begin, the cells before this one. */
  function rows(): void {
    for (const [depth, table] of tables.entries()) {
      const beginsCell = depth > 0 && table.empty && tables[depth - 1]!.cellEmpty;
      if (table.rowEmpty)
        cells.between(beginsCell || !started ? '' : depth === 0 && table.empty ? betweenBlocks() : '\n');
      else if (depth === tables.length - 1 && block && !table.cellEmpty) cells.write('\n');
      cells.between(tabs(table, table.column));
      table.rowEmpty = false;
      table.empty = false;
    }
  }

  function betweenBlocks(): string {
    const between = pageBreaks ? '\n\f' : '\n\n';
    pageBreaks = false;
    return between;
  }

  function begin(next: Block = {}): void {
    block = next;
    oneLine = next.oneLine === true;
    space = '';
  }

  function inTable(change: (table: Table) => void): void {
    const table = tables.at(-1);
    if (table) change(table);
  }

  return {
    begin,
    write,
    pageBreak() {
      if (!started || tables.length > 0) return;
      pageBreaks = true;
      if (!block) begin();
    },
    openTable() {
      cells.leave();
      tables.push({ empty: true, rowEmpty: true, cellEmpty: true, column: 0, columns: 0, written: 0 });
      begin();
    },
    row: () =>
      inTable((table) => {
        cells.row();
        Object.assign(table, { rowEmpty: true, column: 0, columns: 0, written: 0 });
      }),
    cell: () =>
      inTable((table) => {
        if (table.columns > 0) cells.nextCell();
        table.column = table.columns;
        table.columns = Math.min(table.columns + 1, MAX_COLUMNS);
        table.cellEmpty = true;
        begin();
      }),
    widen: (columns) =>
      inTable((table) => {
        table.columns = Math.min(table.columns + Math.max(0, columns - 1), MAX_COLUMNS);
      }),
    endRow: () =>
      inTable((table) => {
        cells.leave();
        if (!table.rowEmpty) cells.between(tabs(table, table.columns - 1));
      }),
    closeTable() {
      cells.leave();
      tables.pop();
      lastList = undefined;
      begin();
    },
    end() {
      cells.leave();
      if (started) out('\n');
    },
  };
}

function tabs(table: Table, upTo: number): string {
  const count = Math.max(0, upTo - table.written);
  table.written += count;
  return '\t'.repeat(count);
}

/** What of the spaces before a word stands in its line. One alone is a slip, or was left by what is hidden or deleted. */
function indentationIn(spaces: string): string {
  let from = spaces.length;
  while (from > 0 && ' \t\u00a0'.includes(spaces[from - 1]!)) from -= 1;
  const indentation = spaces.slice(from);
  const isSlip = indentation.length > MAX_INDENTATION || indentation === ' ' || indentation === '\u00a0';
  return isSlip ? '' : indentation;
}
