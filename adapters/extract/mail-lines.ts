import type { Document } from './document.ts';

export interface MailLine {
  /** Where what is before it ends, without its line break. */
  readonly at: number;
  readonly end: number;
  /** Which of the boundaries it is; undefined for a line that the next message begins with. */
  readonly index?: number;
  /** The last boundary of its multipart. */
  readonly closes?: true;
}

interface Boundary {
  readonly boundary: string;
}

const WINDOW_BYTES = 256 * 1024;

/** Longer lines are no boundaries: RFC 2046 gives them 70 characters. */
const LINE_BYTES = 256;

/** Finds the lines that parts and messages begin with. Only a window of the document is held. */
export function createMailLines(document: Document, onBytes: (bytes: number) => void) {
  const isBox = document.read(0, 5).toString('latin1') === 'From ';
  let start = 0;
  let window: Buffer = Buffer.alloc(0);

  /** Makes the window hold a line that begins there, or all that is left. */
  function move(to: number): void {
    const end = start + window.length;
    if (to >= start && (to + 2 * LINE_BYTES <= end || (end === document.bytes && end > 0))) return;
    start = to;
    window = document.read(to, WINDOW_BYTES);
    onBytes(to);
  }

  function lineAt(at: number): { readonly line: string; readonly end: number } | undefined {
    move(at);
    const text = window.toString('latin1', at - start, at - start + LINE_BYTES);
    const length = text.indexOf('\n');
    if (length !== -1) return { line: text.slice(0, length), end: at + length + 1 };
    return at + text.length === document.bytes ? { line: text, end: document.bytes } : undefined;
  }

  /** @returns where the next line break is with such a line behind it, as a position in the window; -1 for none in it. */
  function candidate(from: number): number {
    const boundary = window.indexOf('\n--', from);
    const message = isBox ? window.indexOf('\nFrom ', from) : -1;
    return boundary === -1 || (message !== -1 && message < boundary) ? message : boundary;
  }

  /** @param from the start of a line. */
  function next(from: number, open: readonly Boundary[]): MailLine | undefined {
    if (open.length === 0 && !isBox) return undefined;
    for (let position = Math.max(0, from - 1); position < document.bytes; ) {
      move(position);
      const found = candidate(position - start);
      if (found === -1) {
        if (start + window.length === document.bytes) return undefined;
        position = start + window.length - '\nFrom '.length;
        continue;
      }
      const before = start + found - (window[found - 1] === 0x0d ? 1 : 0);
      const afterEmpty = window[before - start - 1] === 0x0a;
      position = start + found + 1;
      const { line, end } = lineAt(position) ?? { line: '', end: 0 };
      const boundary = boundaryIn(line, open);
      if (boundary) return { at: before, end, ...boundary };
      if (afterEmpty && /^From \S.*\d\d:\d\d/.test(line)) return { at: before, end };
    }
    return undefined;
  }

  return { start: isBox ? (lineAt(0)?.end ?? 0) : 0, next };
}

/** The innermost one: some programs use the same boundary again inside. */
export function boundaryIn(line: string, open: readonly Boundary[]): Pick<MailLine, 'index' | 'closes'> | undefined {
  if (!line.startsWith('--')) return undefined;
  const text = line.slice(2).trimEnd();
  const index = open.findLastIndex(({ boundary }) => boundary === text);
  if (index !== -1) return { index };
  const closed = text.endsWith('--') ? open.findLastIndex(({ boundary }) => boundary === text.slice(0, -2)) : -1;
  return closed === -1 ? undefined : { index: closed, closes: true };
}
