import { MAX_CELL_CHARACTERS, SAMPLE_BYTES } from './limits.ts';
import type { TextReader } from './text-reader.ts';

/**
 * Rows in, rows out: one a line, with tabs between their cells and no quotes. A tab or a line break inside a cell becomes a
 * space. Nothing is held but the start, so that a row, or a cell, may be as long as it likes; nothing is refused either.
 */
export function createCsvText(out: (text: string) => void): TextReader {
  let start: string | undefined = '';
  let rows: ReturnType<typeof createRows> | undefined;

  function begin(text: string): void {
    const { separator, from } = separatorOf(text.slice(0, SAMPLE_BYTES));
    start = undefined;
    rows = createRows(separator, out);
    rows.write(text.slice(from));
  }

  return {
    write(text) {
      if (rows) return rows.write(text);
      start += text;
      if (start!.length >= SAMPLE_BYTES) begin(start!);
    },
    end() {
      if (!rows) begin(start!);
      return {};
    },
  };
}

/** Where as many rows speak for one as for another: a comma is in numbers and in prose, a tab hardly anywhere. */
const SEPARATORS = ['\t', ';', '|', ','];

const SAMPLE_ROWS = 50;

/** The one that most rows have the same number of. Excel's own first line, `sep=;`, is believed, and is no row. */
function separatorOf(sample: string): { readonly separator: string; readonly from: number } {
  const declared = /^sep=([^\r\n" ])\r?\n/i.exec(sample);
  if (declared) return { separator: declared[1]!, from: declared[0].length };
  const rows = sample
    .replace(/"(?:[^"]|"")*"/g, '')
    .split(/\r\n?|\n/, SAMPLE_ROWS)
    .filter((row) => row.trim() !== '');
  let separator = ',';
  let most = 0;
  for (const each of SEPARATORS) {
    const agreeing = rowsThatAgree(rows.map((row) => row.split(each).length - 1));
    if (agreeing > most) {
      most = agreeing;
      separator = each;
    }
  }
  return { separator, from: 0 };
}

function rowsThatAgree(counts: readonly number[]): number {
  const rows = new Map<number, number>();
  for (const count of counts) {
    if (count > 0) rows.set(count, (rows.get(count) ?? 0) + 1);
  }
  return Math.max(0, ...rows.values());
}

type State = 'start' | 'plain' | 'quoted' | 'quote';

/** In state `quote` the next character tells whether the last one, a quote in a quoted cell, ended it or was doubled. */
function createRows(separator: string, out: (text: string) => void) {
  const plainEnds = new RegExp(
    `[\\r\\n\\t${separator === '\\' || separator === ']' ? `\\${separator}` : separator}]`,
    'g',
  );
  const quotedEnds = /["\r\n\t]/g;
  let state: State = 'start';
  let quotedCharacters = 0;
  let afterReturn = false;

  /** Takes what is no sign of its own. @returns where the sign is, or the length. */
  function take(text: string, at: number, ends: RegExp): number {
    ends.lastIndex = at;
    const end = ends.exec(text)?.index ?? text.length;
    if (end > at) out(text.slice(at, end));
    return end;
  }

  function startOfCell(text: string, at: number): number {
    if (text[at] === ' ') return at + 1;
    state = text[at] === '"' ? 'quoted' : 'plain';
    quotedCharacters = 0;
    return state === 'quoted' ? at + 1 : at;
  }

  function plain(text: string, at: number): number {
    const end = take(text, at, plainEnds);
    const sign = text[end];
    if (sign === undefined) return end;
    if (sign === separator) out('\t');
    else if (sign === '\t') out(' ');
    else endRow(sign);
    if (sign === separator || sign !== '\t') state = 'start';
    return end + 1;
  }

  function quoted(text: string, at: number): number {
    const end = take(text, at, quotedEnds);
    const sign = text[end];
    if (sign === undefined) return end;
    quotedCharacters += end - at;
    if (sign === '"') state = 'quote';
    else if (sign !== '\t' && quotedCharacters > MAX_CELL_CHARACTERS) {
      // The quote was none, or its end is missing: it must not make one row of all that follows.
      endRow(sign);
      state = 'start';
    } else {
      out(' ');
      afterReturn = sign === '\r';
    }
    return end + 1;
  }

  function endRow(sign: string): void {
    out('\n');
    afterReturn = sign === '\r';
  }

  function afterQuote(text: string, at: number): number {
    state = text[at] === '"' ? 'quoted' : 'plain';
    if (state === 'plain') return at;
    out('"');
    return at + 1;
  }

  const steps = { start: startOfCell, plain, quoted, quote: afterQuote };
  return {
    write(text: string) {
      for (let at = 0; at < text.length; ) {
        const skip = afterReturn && text[at] === '\n';
        afterReturn = false;
        at = skip ? at + 1 : steps[state](text, at);
      }
    },
  };
}
