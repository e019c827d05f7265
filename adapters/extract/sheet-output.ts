import { SourceFailure } from '../../domain/errors.ts';
import { MAX_HELD_CHARACTERS, MAX_SHEET_CELLS } from './limits.ts';

/** Lines of a sheet, and its heading before the first of them. */
export interface SheetOutput {
  begin(name: string): void;
  /** A line begins with what is written next. */
  line(): void;
  write(text: string): void;
  /** Throws SourceFailure `document-too-large` where all sheets have too many. */
  count(cells: number): void;
  end(): void;
}

export function createSheetOutput(write: (text: string) => void): SheetOutput {
  let heading: string | undefined;
  let started = false;
  let cells = 0;
  let newLine = false;

  return {
    begin(name) {
      heading = name.replace(/\s+/g, ' ').trim();
    },
    line() {
      newLine = true;
    },
    write(text) {
      if (heading !== undefined) {
        write(`${started ? '\n\n' : ''}## ${heading}\n\n`);
        heading = undefined;
      } else if (newLine) write('\n');
      newLine = false;
      started = true;
      write(text);
    },
    count(more) {
      cells += more;
      if (cells > MAX_SHEET_CELLS) throw tooManyCells();
    },
    end() {
      if (started) write('\n');
    },
  };
}

export function tooManyCells(): SourceFailure {
  return new SourceFailure('document-too-large', `The sheets have more than ${MAX_SHEET_CELLS} cells: split them.`);
}

/** @throws SourceFailure where that is more than may be held of one cell. */
export function held(text: string): string {
  if (text.length <= MAX_HELD_CHARACTERS) return text;
  throw new SourceFailure('document-too-large', 'One cell of the document has more text than can be taken: split it.');
}
