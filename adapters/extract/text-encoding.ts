import type { Document } from './document.ts';
import { SAMPLE_BYTES } from './limits.ts';
import { decodes, isUtf32, NO_TEXT, succeeds } from './text-decoder.ts';

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
}

/** @returns undefined where the document is not text in any encoding that is known here. */
export function detectEncoding(document: Document): TextEncodingFound | UnknownEncoding | undefined {
  const sample = document.read(0, SAMPLE_BYTES);
  const marked = byMark(sample);
  if (marked)
    return marked.label.startsWith('utf-32') && !isUtf32(sample.subarray(4), marked.label) ? undefined : marked;
  const { controls, utf8, beyondAscii } = scan(document);
  if (controls) return withoutMark(sample);
  // Japanese mail of the last century: escape sequences, and not one byte beyond ASCII.
  if (beyondAscii === undefined && sample.includes('\x1b$') && decodes(sample, 'iso-2022-jp')) {
    return { label: 'iso-2022-jp', from: 0 };
  }
  // What is valid UTF-8 beyond ASCII is never anything else by chance.
  if (utf8) return { label: 'utf-8', from: 0 };
  return { sample: document.read(Math.max(0, (beyondAscii ?? 0) - BEFORE_BYTES), SAMPLE_BYTES) };
}

/** Words around the first foreign letter help to tell what it is. */
const BEFORE_BYTES = 1024;

function byMark(sample: Buffer): TextEncodingFound | undefined {
  const hex = sample.toString('hex', 0, 4);
  if (hex === 'fffe0000') return { label: 'utf-32le', from: 4 };
  if (hex === '0000feff') return { label: 'utf-32be', from: 4 };
  if (hex.startsWith('efbbbf')) return { label: 'utf-8', from: 3 };
  if (hex.startsWith('fffe')) return { label: 'utf-16le', from: 2 };
  if (hex.startsWith('feff')) return { label: 'utf-16be', from: 2 };
  return undefined;
}

/** Tab, line feed, form feed, carriage return and escape (terminal logs) occur in text; other control bytes do not. */
const CONTROL = new Uint8Array(256);
CONTROL.fill(1, 0, 32);
for (const allowed of [9, 10, 12, 13, 27]) CONTROL[allowed] = 0;

interface Scan {
  readonly controls: boolean;
  readonly utf8: boolean;
  /** Where the first byte beyond ASCII is. */
  readonly beyondAscii?: number;
}

/** Over all of it: one byte in the last megabyte decides between two encodings. */
function scan(document: Document): Scan {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let utf8 = true;
  let beyondAscii: number | undefined;
  for (const { chunk, at } of document.chunks()) {
    for (let index = 0; index < chunk.length; index += 1) {
      const byte = chunk[index]!;
      if (CONTROL[byte]) return { controls: true, utf8 };
      if (byte > 0x7f) beyondAscii ??= at - chunk.length + index;
    }
    utf8 &&= succeeds(() => decoder.decode(chunk, { stream: true }));
  }
  utf8 &&= succeeds(() => decoder.decode());
  return { controls: false, utf8, ...(beyondAscii !== undefined && { beyondAscii }) };
}

function withoutMark(sample: Buffer): TextEncodingFound | undefined {
  for (const label of ['utf-32le', 'utf-32be']) {
    if (sample.length >= 8 && isUtf32(sample, label)) return { label, from: 0 };
  }
  const [best] = ['utf-16le', 'utf-16be']
    .map((label) => ({ label, score: utf16Score(sample, label) }))
    .filter(({ score }) => score > 0)
    .toSorted((one, other) => other.score - one.score);
  return best && { label: best.label, from: 0 };
}

/** In any script: these are in every text, and in the other byte order they would be something else. */
const COMMON = /[\x20-\x7e\r\n\u3000-\u3002\uff0c]/g;

/** Fewer pairs in which nothing is wrong prove nothing, but for the text of the western world: half its bytes are zero. */
const ENOUGH_PAIRS = 16;

/** @returns how many of the characters occur in any text; 0 where it cannot be one. */
function utf16Score(sample: Buffer, label: string): number {
  const pairs = Math.floor(sample.length / 2);
  if (pairs < 2 || !decodes(sample.subarray(0, 2 * pairs), label)) return 0;
  const text = new TextDecoder(label).decode(sample.subarray(0, 2 * pairs), { stream: true });
  if (NO_TEXT.test(text)) return 0;
  const common = text.match(COMMON)?.length ?? 0;
  return common > 0.4 * pairs || (pairs >= ENOUGH_PAIRS && common > 0.02 * pairs) ? common : 0;
}

/** The label that a page or an XML document declares for itself. UTF-16 is none: what is in it cannot say so this way. */
export function declaredCharset(head: string): string | undefined {
  const label = (/^\s*<\?xml[^>]{0,200}?\sencoding\s*=\s*["']([\w:.-]{1,40})["']/.exec(head) ??
    /<meta[^>]{0,500}?charset\s*=\s*["']?\s*([\w:.-]{1,40})/i.exec(head))?.[1];
  return label === undefined ? undefined : encodingNamed(label);
}

/** @returns the name that TextDecoder has for it, if it is one of the encodings that say so in a label only. */
export function encodingNamed(label: string): string | undefined {
  try {
    const { encoding } = new TextDecoder(label);
    return /^utf-/.test(encoding) ? undefined : encoding;
  } catch {
    return undefined;
  }
}
