import { SourceFailure } from '../../domain/errors.ts';
import { MAX_SHEET_COLUMNS } from './limits.ts';
import { held, type SheetOutput } from './sheet-output.ts';
import type { StringTable } from './string-table.ts';
import { type NumberKind, valueText } from './xlsx-values.ts';
import type { Attribute, XmlHandler } from './xml-reader.ts';

export interface XlsxSheetOptions {
  readonly strings: StringTable;
  /** By the number of a style. */
  readonly kinds: readonly NumberKind[];
  readonly from1904: boolean;
  readonly output: SheetOutput;
}

interface Cell {
  readonly column: number;
  readonly type: string | undefined;
  readonly style: number;
  value: string;
}

/** Rows with tabs between their cells; what a sheet leaves out between two cells is empty cells, empty rows are left out. */
export function createXlsxSheet({ strings, kinds, from1904, output }: XlsxSheetOptions): XmlHandler {
  let cell: Cell | undefined;
  let inValue = false;
  /** The column after the last cell, and after the last that was written. */
  let column = 0;
  let written = 0;

  function openCell(attribute: Attribute): void {
    const named = columnOf(attribute('r') ?? '') ?? column;
    cell = { column: named, type: attribute('t'), style: Number(attribute('s') ?? 0), value: '' };
    output.count(Math.max(1, named + 1 - column));
    column = named + 1;
  }

  function closeCell({ column, type, style, value }: Cell): void {
    const text = cleaned(textOf(type, value, kinds[style] ?? 'number'));
    if (text === '') return;
    if (written === 0) output.line();
    // The first column is 0, and the first cell of a row stands after as many tabs as its column.
    output.write('\t'.repeat(written === 0 ? column : Math.max(1, column + 1 - written)) + text);
    written = column + 1;
  }

  function textOf(type: string | undefined, value: string, kind: NumberKind): string {
    switch (type) {
      case 's':
        return sharedString(strings, value);
      case 'b':
        return value === '' ? '' : value === '1' || value === 'true' ? 'TRUE' : 'FALSE';
      case 'str':
      case 'inlineStr':
      case 'e':
      case 'd':
        return value;
      default:
        return valueText(value, kind, from1904);
    }
  }

  return {
    open(name, attribute) {
      if (name === 's:f' || name === 's:rPh') return 'skip';
      if (name === 's:row') {
        column = 0;
        written = 0;
      } else if (name === 's:c') openCell(attribute);
      inValue = cell !== undefined && (name === 's:v' || name === 's:t');
      return undefined;
    },
    close(name) {
      inValue = false;
      if (name !== 's:c' || !cell) return;
      closeCell(cell);
      cell = undefined;
    },
    text(part) {
      if (inValue && cell) cell.value = held(cell.value + part);
    },
  };
}

/** @returns undefined where a cell does not say in which column it is. */
function columnOf(reference: string): number | undefined {
  let column = 0;
  for (let index = 0; index < reference.length; index += 1) {
    const letter = reference.charCodeAt(index) & ~0x20;
    if (letter < 65 || letter > 90) break;
    column = column * 26 + letter - 64;
    if (column > MAX_SHEET_COLUMNS) {
      throw new SourceFailure('document-broken', 'The document is damaged, a cell is in no column: save it anew.');
    }
  }
  return column === 0 ? undefined : column - 1;
}

function sharedString(strings: StringTable, value: string): string {
  const text = /^\s*\d{1,9}\s*$/.test(value) ? strings.get(Number(value)) : value.trim() === '' ? '' : undefined;
  if (text === undefined) {
    throw new SourceFailure('document-broken', 'The document is damaged, the text of a cell is missing: save it anew.');
  }
  return text;
}

/** A row stays a line. What XML cannot have, Excel writes as `_x000D_`. */
function cleaned(text: string): string {
  const unescaped = text.includes('_x')
    ? text.replace(/_x([0-9A-Fa-f]{4})_/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)))
    : text;
  return unescaped.replace(SPACES, ' ').trim();
}

const SPACES = /\p{Cc}+/gu;
