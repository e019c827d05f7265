import { MAX_CELL_CHARACTERS } from './limits.ts';

/**
 * The text of tables, a row of which is one line: line breaks and tabs in a cell are spaces. Only where a row is one cell alone,
 * which is a frame or a layout and no row of data, do its paragraphs stay what they are; its text waits until that is known.
 */
export interface CellText {
  /** Of a cell, or of what is in no table. */
  write(text: string): void;
  /** What stands between cells and rows, as it is. */
  between(text: string): void;
  /** Its first cell comes next. */
  row(): void;
  /** A further cell of the row. */
  nextCell(): void;
  /** The row ends, or a table begins or ends in its cell. */
  leave(): void;
}

export function createCellText(out: (text: string) => void): CellText {
  /** In no cell; in the first of its row, whose text is held; in a row of more than one. */
  let place: 'outside' | 'first' | 'row' = 'outside';
  let held = '';

  function release(text: string): void {
    held = '';
    if (text !== '') out(text);
  }

  function leave(): void {
    release(held);
    place = 'outside';
  }

  return {
    write(text) {
      if (place === 'row') out(inOneLine(text));
      else if (place === 'outside') out(text);
      else {
        held += text;
        // No cell of data is as long: this is a page that is laid out with a table.
        if (held.length > MAX_CELL_CHARACTERS) leave();
      }
    },
    between: (text) => out(text),
    row() {
      release(held);
      place = 'first';
    },
    nextCell() {
      release(inOneLine(held));
      place = 'row';
    },
    leave,
  };
}

export function inOneLine(text: string): string {
  return text.replace(/[\t\n\v\f\r]+/g, ' ');
}
