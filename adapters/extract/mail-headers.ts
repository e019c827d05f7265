import { isUtf8 } from 'node:buffer';
import { createDecoder } from './text-decoder.ts';

/** The lines before the body of a message or of one of its parts: each byte is one character, lines are unfolded. */
export interface MailHeaders {
  /** As it was sent; '' where there is none. */
  raw(name: string): string;
  /** For a person: encoded words are decoded. */
  text(name: string): string;
  has(name: string): boolean;
}

const HEADER = /^([!-9;-~]{1,100})[ \t]*:[ \t]*(.*)$/;

export function parseHeaders(block: string): MailHeaders {
  const values = new Map<string, string>();
  for (const line of block.replace(/\r?\n[ \t]+/g, ' ').split(/\r?\n/)) {
    const [, name, value] = HEADER.exec(line) ?? [];
    // The first is what mail programs show.
    if (name !== undefined && !values.has(name.toLowerCase())) values.set(name.toLowerCase(), value!.trim());
  }
  const raw = (name: string) => values.get(name) ?? '';
  return { raw, text: (name) => decodeWords(raw(name)), has: (name) => values.has(name) };
}

/** Any of these, and a name that says so; or what only the programs that carry mail write. */
const KNOWN = ['from', 'to', 'subject', 'date', 'received', 'message-id', 'mime-version', 'return-path'];
const CARRIED = ['received', 'message-id', 'mime-version', 'return-path', 'delivered-to', 'dkim-signature'];

/** @returns whether the text begins with the header lines of a message, and nothing else is before its first empty line. */
export function isMail(start: string, named: boolean): boolean {
  // Nearly all that is no mail ends here.
  if (!/^(?:From |[!-9;-~]{1,100}[ \t]*:)/.test(start)) return false;
  const lines = start.replace(/^From [^\r\n]*\r?\n/, '').split(/\r?\n/);
  const end = lines.indexOf('');
  const block = end === -1 ? lines.slice(0, -1) : lines.slice(0, end);
  if (block.length === 0 || !block.every((line, index) => HEADER.test(line) || (index > 0 && /^[ \t]/.test(line)))) {
    return false;
  }
  const { has, raw } = parseHeaders(block.join('\n'));
  if (named) return KNOWN.some(has);
  // A page with its pictures, as Word and wikis save it under names like .doc: nobody has sent it.
  if (has('mime-version') && MULTIPART.test(raw('content-type'))) return true;
  return has('from') && (has('date') || has('subject') || has('to')) && CARRIED.some(has);
}

const MULTIPART = /^multipart\/[\w.+-]+\s*;(?:.*[;\s])?boundary\s*=/i;

/** RFC 2047: `=?utf-8?Q?Gr=C3=BC=C3=9Fe?=`. A character may be cut between two of them. */
const WORD = /=\?([^?*\s]{1,60})(?:\*[^?]{0,60})?\?([bq])\?([^?]*)\?=/gi;

export function decodeWords(raw: string): string {
  let text = '';
  let end = 0;
  let pending: { readonly charset: string; bytes: Buffer } | undefined;
  const flush = () => {
    if (pending) text += decodeIn(pending.bytes, pending.charset);
    pending = undefined;
  };
  for (const word of raw.matchAll(WORD)) {
    const between = raw.slice(end, word.index);
    const charset = word[1]!.toLowerCase();
    if (between.trim() !== '' || pending?.charset !== charset) flush();
    // Between two words spaces mean nothing.
    if (between.trim() !== '' || end === 0) text += plain(between);
    const bytes = wordBytes(word[2]!, word[3]!);
    pending = { charset, bytes: pending ? Buffer.concat([pending.bytes, bytes]) : bytes };
    end = word.index + word[0].length;
  }
  flush();
  return (text + plain(raw.slice(end))).replace(/[\s\p{Cc}]+/gu, ' ').trim();
}

function wordBytes(encoding: string, content: string): Buffer {
  if (encoding.toLowerCase() === 'b') return Buffer.from(content, 'base64');
  const text = content
    .replaceAll('_', ' ')
    .replace(/=([0-9a-f]{2})/gi, (_all, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(text, 'latin1');
}

/** What programs send that do not encode: UTF-8, or else the western alphabet. */
function plain(raw: string): string {
  const bytes = Buffer.from(raw, 'latin1');
  return isUtf8(bytes) ? bytes.toString() : createDecoder('windows-1252').decode(bytes);
}

function decodeIn(bytes: Buffer, charset: string): string {
  try {
    return createDecoder(charset).decode(bytes);
  } catch {
    return plain(bytes.toString('latin1'));
  }
}

/** @returns a parameter of a header like Content-Type, put together from its pieces where it is cut (RFC 2231). */
export function parameterOf(raw: string, name: string): string | undefined {
  const pieces: { readonly index: number; readonly encoded: boolean; readonly value: string }[] = [];
  for (const [, key, index, star, quoted, token] of raw.matchAll(PARAMETER)) {
    if (key!.toLowerCase() !== name) continue;
    const value = quoted === undefined ? token! : quoted.replace(/\\(.)/g, '$1');
    pieces.push({ index: Number(index ?? 0), encoded: star !== undefined, value });
  }
  if (pieces.length === 0) return undefined;
  const [first] = pieces;
  if (!first!.encoded && pieces.length === 1) return decodeWords(first!.value);
  const sorted = pieces.toSorted((one, other) => one.index - other.index);
  const charset = /^([^']*)'[^']*'/.exec(sorted[0]!.value);
  const bytes = sorted.map(({ encoded, value }, index) => {
    const content = index === 0 && charset ? value.slice(charset[0].length) : value;
    return Buffer.from(encoded ? percentDecoded(content) : content, 'latin1');
  });
  return decodeIn(Buffer.concat(bytes), charset?.[1] || 'utf-8');
}

/** `name="value"`, `name*=utf-8''value`, `name*0*=…`. */
const PARAMETER = /;\s*([\w-]{1,60})(?:\*(\d{1,3}))?(\*)?\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^;\s"]*))/g;

function percentDecoded(content: string): string {
  return content.replace(/%([0-9a-f]{2})/gi, (_all, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}
