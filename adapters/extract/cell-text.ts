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
  let characters = 0;

  function enter(next: typeof place): void {
    if (held !== '') out(next === 'row' ? inOneLine(held) : held);
    held = '';
    characters = 0;
    place = next;
  }

  return {
    write(text) {
      characters += text.length;
      // No cell of data is as long: this is a page that is laid out with a table, or one whose table was never closed.
      if (place !== 'outside' && characters > MAX_CELL_CHARACTERS) enter('outside');
      if (place === 'first') held += text;
      else out(place === 'row' ? inOneLine(text) : text);
    },
    between: (text) => out(text),
    row: () => enter('first'),
    nextCell: () => enter('row'),
    leave: () => enter('outside'),
  };
}

export function inOneLine(text: string): string {
  return text.replace(/[\t\n\v\f\r]+/g, ' ');
}
