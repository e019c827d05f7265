import { commentBy } from './block-text.ts';
import { MAX_SHEET_COLUMNS } from './limits.ts';
import { createOdfSpaces } from './odf-spaces.ts';
import { createSheetOutput, held } from './sheet-output.ts';
import { valueText } from './xlsx-values.ts';
import type { Attribute, XmlHandler } from './xml-reader.ts';

export interface OdfSheets {
  readonly handler: XmlHandler;
  end(): void;
}

/** Drawings, and what was changed or is checked, stand between the cells and are none. */
const SKIPPED = new Set([
  'table:tracked-changes',
  'table:content-validations',
  'table:shapes',
  'office:forms',
  'draw:frame',
  'draw:custom-shape',
  'dc:date',
  'dc:creator',
]);

interface Cell {
  readonly columns: number;
  /** What its value is, where that is not its text. */
  readonly value: string | undefined;
  text: string;
}

/** Sheet by sheet as xlsx-text.ts has them. Cells and rows that are alike are written once in the document, with a count. */
export function createOdfSheets(write: (text: string) => void): OdfSheets {
  const output = createSheetOutput(write);
  const spaces = createOdfSpaces();
  let row = '';
  let rowNumber = 0;
  let rows = 1;
  let column = 0;
  /** The column after the last that is in `row`. */
  let written = 0;
  let cell: Cell | undefined;
  let inParagraph = false;
  let comment: string | undefined;
  let comments = '';

  function openRow(attribute: Attribute): void {
    row = '';
    column = 0;
    written = 0;
    rows = countOf(attribute('table:number-rows-repeated'), MAX_ROWS);
  }

  function closeRow(): void {
    if (written > 0) {
      for (let index = 0; index < rows; index += 1) {
        output.count(written);
        output.line();
        output.write(row);
      }
    }
    rowNumber += rows;
  }

  function openCell(attribute: Attribute): void {
    const columns = countOf(attribute('table:number-columns-repeated'), MAX_SHEET_COLUMNS);
    cell = { columns, value: shownValueOf(attribute), text: '' };
  }

  function closeCell({ columns, value, text }: Cell): void {
    const shown = (value ?? text).replace(/\s+/g, ' ').trim();
    if (shown !== '') {
      const first = '\t'.repeat(written === 0 ? column : column + 1 - written);
      row = held(row + first + shown + held(`\t${shown}`.repeat(columns - 1)));
      written = column + columns;
    }
    column += columns;
  }

  function put(text: string): void {
    if (comment !== undefined) comment = held(comment + text);
    else if (cell) cell.text = held(cell.text + text);
  }

  function closeComment(): void {
    const text = comment?.replace(/\s+/g, ' ').trim();
    if (text) comments = held(`${comments}${commentBy(nameOf(column, rowNumber))}${text}\n`);
    comment = undefined;
  }

  function closeSheet(): void {
    if (comments !== '') {
      output.line();
      output.write(comments.trimEnd());
    }
    comments = '';
  }

  const handler: XmlHandler = {
    open(name, attribute) {
      if (SKIPPED.has(name)) return 'skip';
      if (name === 'table:table') {
        output.begin(attribute('table:name') ?? '');
        rowNumber = 0;
      } else if (name === 'table:table-row') openRow(attribute);
      else if (name === 'table:table-cell' || name === 'table:covered-table-cell') openCell(attribute);
      else if (name === 'office:annotation') comment = '';
      else if (name === 'text:p') {
        spaces.begin();
        inParagraph = true;
        put(' ');
      } else if (inParagraph) put(spaces.element(name, attribute) ?? '');
      return undefined;
    },
    close(name) {
      if (name === 'text:p') inParagraph = false;
      else if (name === 'office:annotation') closeComment();
      else if (name === 'table:table-row') closeRow();
      else if (name === 'table:table') closeSheet();
      else if (cell && (name === 'table:table-cell' || name === 'table:covered-table-cell')) {
        closeCell(cell);
        cell = undefined;
      }
    },
    text(part) {
      if (inParagraph) put(spaces.text(part));
    },
  };
  return { handler, end: () => output.end() };
}

/** More rows than any sheet has. */
const MAX_ROWS = 10_000_000;

function countOf(value: string | undefined, most: number): number {
  const count = Number(value ?? 1);
  return Number.isInteger(count) && count >= 1 ? Math.min(count, most) : 1;
}

/** The value itself, where what is shown would be rounded, or a date in the manner of some country. */
function shownValueOf(attribute: Attribute): string | undefined {
  switch (attribute('office:value-type')) {
    case 'float':
    case 'percentage':
    case 'currency':
      return valueText(attribute('office:value') ?? '', 'number', false) || undefined;
    case 'date':
      return attribute('office:date-value')
        ?.replace(/\.\d+$/, '')
        .replace('T00:00:00', '');
    case 'time':
      return durationOf(attribute('office:time-value') ?? '');
    case 'boolean':
      return attribute('office:boolean-value') === 'true' ? 'TRUE' : 'FALSE';
    default:
      return attribute('office:string-value') || undefined;
  }
}

/** `PT26H30M00S` as 26:30:00. */
function durationOf(value: string): string | undefined {
  const [, sign, hours, minutes, seconds] = /^(-?)PT(\d+)H(\d+)M(\d+)/.exec(value) ?? [];
  if (hours === undefined) return undefined;
  return `${sign}${[hours, minutes!, seconds!].map((part) => part.padStart(2, '0')).join(':')}`;
}

/** As a sheet names its cells: B2. */
function nameOf(column: number, row: number): string {
  let letters = '';
  for (let rest = column + 1; rest > 0; rest = Math.floor((rest - 1) / 26)) {
    letters = String.fromCharCode(65 + ((rest - 1) % 26)) + letters;
  }
  return letters + (row + 1);
}
