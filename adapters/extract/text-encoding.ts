import { type ByteScan, HEAD_BYTES, isMostlyUtf8, scanBytes, type Utf8Count } from './byte-scan.ts';
import type { Document } from './document.ts';
import { SAMPLE_BYTES } from './limits.ts';
import { decodes } from './text-decoder.ts';
import { isMarkedText, wideEncodingOf } from './wide-text.ts';

export interface TextEncodingFound {
  /** A label that `createDecoder` knows. */
  readonly label: string;
  /** Where the text begins, after a byte order mark. */
  readonly from: number;
}

/** None that shows by itself: what the text declares, else what it looks like, decides. */
export interface UnknownEncoding {
  /** The start of what is beyond ASCII, with some of the text before it. No character is cut at its start. */
  readonly sample: Buffer;
  /** Of all of it. */
  readonly utf8: Utf8Count;
  readonly from: number;
}

export type EncodingFound = (TextEncodingFound | UnknownEncoding) & {
  /** There are bytes in it that texts do not have, but so few that it may be one all the same. */
  readonly controls: boolean;
};

/** @returns undefined where the document is not text in any encoding that is known here. */
export function detectEncoding(document: Document): EncodingFound | undefined {
  const sample = document.read(0, SAMPLE_BYTES);
  const mark = markOf(sample);
  if (mark && mark.label !== 'utf-8') {
    return isMarkedText(sample.subarray(mark.from), mark.label) ? { ...mark, controls: false } : undefined;
  }
  const from = mark?.from ?? 0;
  const scan = scanBytes(document, from, (start) => start.headControls > mostControls(start, HEAD_BYTES));
  const controls = scan.controls > 0;
  if (controls && !(isMostlyUtf8(scan.utf8) && hasFewControls(scan))) {
    const label = mark ? undefined : wideEncodingOf(sample);
    if (label !== undefined) return { label, from, controls: false };
    if (!hasFewControls(scan)) return undefined;
  }
  // Japanese mail of the last century: escape sequences, and not one byte beyond ASCII.
  if (scan.beyondAscii === undefined && sample.includes('\x1b$') && decodes(sample, 'iso-2022-jp')) {
    return { label: 'iso-2022-jp', from, controls };
  }
  // What is UTF-8 beyond ASCII is never anything else by chance, even where a byte of it is broken.
  if (isMostlyUtf8(scan.utf8, mark !== undefined)) return { label: 'utf-8', from, controls };
  const start = Math.max(from, (scan.beyondAscii ?? 0) - BEFORE_BYTES);
  return { sample: document.read(start, SAMPLE_BYTES), utf8: scan.utf8, from, controls };
}

/** Words around the first foreign letter help to tell what it is. */
const BEFORE_BYTES = 1024;

function markOf(sample: Buffer): TextEncodingFound | undefined {
  const hex = sample.toString('hex', 0, 4);
  if (hex === 'fffe0000') return { label: 'utf-32le', from: 4 };
  if (hex === '0000feff') return { label: 'utf-32be', from: 4 };
  if (hex.startsWith('efbbbf')) return { label: 'utf-8', from: 3 };
  if (hex.startsWith('fffe')) return { label: 'utf-16le', from: 2 };
  if (hex.startsWith('feff')) return { label: 'utf-16be', from: 2 };
  return undefined;
}

/** A tenth of any bytes are control characters; no bytes that were not written as text are valid UTF-8 for long. */
const BYTES_PER_CONTROL = { utf8: 20, other: 50 };

/** In the start alone as well: a table, or an archive of texts, is told by its header. */
function hasFewControls(scan: ByteScan): boolean {
  return scan.headControls <= mostControls(scan, HEAD_BYTES) && scan.controls <= mostControls(scan, scan.bytes);
}

function mostControls({ bytes, foreign, utf8 }: ByteScan, looked: number): number {
  const isUtf8 = isMostlyUtf8(utf8);
  const share = Math.min(bytes, looked) / (isUtf8 ? BYTES_PER_CONTROL.utf8 : BYTES_PER_CONTROL.other);
  // One in a short text, where most of it is words.
  return Math.max(isUtf8 || foreign <= bytes / 3 ? 1 : 0, share);
}

/** The label that a page or an XML document declares for itself. UTF-16 is none: what is in it cannot say so this way. */
export function declaredCharset(head: string): string | undefined {
  const label = (/^\s*<\?xml[^>]{0,200}?\sencoding\s*=\s*["']([\w:.-]{1,40})["']/.exec(head) ??
    /<meta[^>]{0,500}?charset\s*=\s*["']?\s*([\w:.-]{1,40})/i.exec(head))?.[1];
  return label === undefined ? undefined : encodingNamed(label);
}

/** @returns the name that TextDecoder has for it, if text in it can say so itself. */
export function encodingNamed(label: string): string | undefined {
  try {
    const { encoding } = new TextDecoder(label);
    return encoding.startsWith('utf-16') ? undefined : encoding;
  } catch {
    return undefined;
  }
}

/** @returns whether a text that is not UTF-8 without a fault is in the encoding that it declares. */
export function isDeclaredRightly(declared: string, sample: Buffer, utf8: Utf8Count): boolean {
  return encodingNamed(declared) === 'utf-8' ? isMostlyUtf8(utf8, true) : decodes(sample, declared);
}
