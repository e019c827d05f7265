import { isJson } from './json-check.ts';
import { SAMPLE_BYTES } from './limits.ts';
import { endOfProlog } from './xml-prolog.ts';

interface Whole {
  readonly bytes: number;
  /** All of the text, in pieces. */
  pieces(): Iterable<string>;
}

/**
 * Which kind of text. What is unmistakable goes by the content; where the same text could be two kinds, `named` (the type
 * that the file's name promises) decides between them.
 */
export function textTypeOf(sample: string, named: string | undefined, document: Whole): string {
  const start = sample.trimStart();
  if (isXml(start, named)) return isXhtml(start) ? 'text/html' : 'application/xml';
  if (isHtml(start, named)) return 'text/html';
  if ((named === 'application/json' || /^[[{]/.test(start)) && isJson(document.pieces())) return 'application/json';
  // A table may have one column only.
  if (named === 'text/csv' || named === 'text/markdown') return named;
  const truncated = document.bytes > SAMPLE_BYTES;
  if (named === undefined && isCsv(sample, truncated)) return 'text/csv';
  if (named === undefined && isMarkdown(sample)) return 'text/markdown';
  return 'text/plain';
}

/** Without its first line it is told by what no page has: a DOCTYPE of its own, or a namespace in the first element. */
function isXml(start: string, named: string | undefined): boolean {
  if (/^<\?xml[\s?]/.test(start)) return true;
  if (named === 'application/xml') return /^<(?:[A-Za-z_]|!--|!DOCTYPE\s)/.test(start);
  const root = withoutComments(start);
  return /^<(?:!DOCTYPE\s+(?!html\b)[\w:.-]+|(?!html\b)[A-Za-z_][\w:.-]*\s[^<>]{0,2000}?\bxmlns(?::[\w.-]+)?\s*=)/i.test(
    root,
  );
}

/** By its root alone: feeds have whole pages in their items. */
function isXhtml(start: string): boolean {
  const root = endOfProlog(start);
  if (root !== undefined && /^<html[\s/>]/i.test(start.slice(root, root + 6))) return true;
  return /^<\?xml[^>]{0,200}>\s*<!DOCTYPE\s+html\b/i.test(start);
}

function withoutComments(start: string): string {
  return start.replace(/^(?:<!--[\s\S]*?-->\s*)+/, '');
}

/** A page says so itself. The weak signs, tags that Markdown has as well, count only where the name does not say otherwise. */
function isHtml(start: string, named: string | undefined): boolean {
  const page = withoutComments(start);
  if (/^<(?:!doctype\s+html|html|head|body|title|meta|script|style)[\s/>]/i.test(page)) return true;
  if (named === 'text/html') return /<[a-z][a-z0-9]{0,15}[\s/>]/i.test(page);
  return named === undefined && /^<(?:h[1-6]|p|div|table|ul|ol|a|b|br|span|section|article|main)[\s/>]/i.test(page);
}

/** Without a name: three lines or more, all with the same number of the same separator, and at least two of it. */
function isCsv(sample: string, truncated: boolean): boolean {
  const lines = sample.split(/\r?\n/);
  // The last line of a sample is cut somewhere.
  if (truncated) lines.pop();
  while (lines.at(-1) === '') lines.pop();
  const rows = lines.slice(0, 50);
  if (rows.length < 3) return false;
  return [',', ';', '\t', '|'].some((separator) => {
    const columns = separatorsIn(rows[0]!, separator);
    return columns >= 2 && rows.every((row) => separatorsIn(row, separator) === columns);
  });
}

function separatorsIn(row: string, separator: string): number {
  return row.replace(/"[^"]*"/g, '').split(separator).length - 1;
}

/** Two different signs of it: one alone occurs in any note or listing. */
function isMarkdown(sample: string): boolean {
  const signs = [
    /^#{1,6} \S/m,
    /^(?:```|~~~)/m,
    /\[[^\]\n]{1,200}\]\([^)\s]{1,500}\)/,
    /^\|(?: ?:?-+:? ?\|){2,}/m,
    /(?<![\w*])\*\*[^*\n]{1,200}\*\*(?![\w*])/,
    /^(?:[-*+]|\d{1,3}\.) \S.*\n(?:[-*+]|\d{1,3}\.) \S/m,
  ];
  return signs.filter((sign) => sign.test(sample)).length >= 2;
}
