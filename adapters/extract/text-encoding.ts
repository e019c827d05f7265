import type { Document } from './document.ts';
import { SAMPLE_BYTES } from './limits.ts';

export interface TextEncodingFound {
  /** A label that TextDecoder knows. */
  readonly label: string;
  /** Where the text begins, after a byte order mark. */
  readonly from: number;
  /** The bytes said so themselves; otherwise a declaration inside the text may be believed over this. */
  readonly certain: boolean;
}

/** @returns undefined where the document is not text in any encoding that is known here. */
export function detectEncoding(document: Document): TextEncodingFound | undefined {
  const sample = document.read(0, SAMPLE_BYTES);
  const marked = byMark(sample);
  if (marked) return marked.label === 'utf-32' ? undefined : { ...marked, certain: true };
  const bytes = scan(document);
  if (!bytes.controls) {
    // What is valid UTF-8 beyond ASCII is never anything else by chance; without either, the old default of the web.
    return { label: bytes.utf8 ? 'utf-8' : 'windows-1252', from: 0, certain: bytes.utf8 };
  }
  return utf16WithoutMark(sample);
}

function byMark(sample: Buffer): { readonly label: string; readonly from: number } | undefined {
  const hex = sample.toString('hex', 0, 4);
  if (hex === 'fffe0000' || hex === '0000feff') return { label: 'utf-32', from: 4 };
  if (hex.startsWith('efbbbf')) return { label: 'utf-8', from: 3 };
  if (hex.startsWith('fffe')) return { label: 'utf-16le', from: 2 };
  if (hex.startsWith('feff')) return { label: 'utf-16be', from: 2 };
  return undefined;
}

/** Tab, line feed, form feed, carriage return and escape (terminal logs) occur in text; other control bytes do not. */
const CONTROL = new Uint8Array(256);
CONTROL.fill(1, 0, 32);
for (const allowed of [9, 10, 12, 13, 27]) CONTROL[allowed] = 0;

/** Over all of it: one byte in the last megabyte decides between two encodings. */
function scan(document: Document): { readonly controls: boolean; readonly utf8: boolean } {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let utf8 = true;
  for (const { chunk } of document.chunks()) {
    for (let index = 0; index < chunk.length; index += 1) {
      if (CONTROL[chunk[index]!]) return { controls: true, utf8 };
    }
    utf8 &&= decodes(() => decoder.decode(chunk, { stream: true }));
  }
  utf8 &&= decodes(() => decoder.decode());
  return { controls: false, utf8 };
}

function decodes(decode: () => string): boolean {
  try {
    decode();
    return true;
  } catch {
    return false;
  }
}

/** Text of the western world has a zero in every other byte. */
function utf16WithoutMark(sample: Buffer): TextEncodingFound | undefined {
  const pairs = Math.floor(sample.length / 2);
  if (pairs < 2) return undefined;
  let evenZeros = 0;
  let oddZeros = 0;
  for (let pair = 0; pair < pairs; pair += 1) {
    if (sample[2 * pair] === 0) evenZeros += 1;
    if (sample[2 * pair + 1] === 0) oddZeros += 1;
  }
  const label =
    oddZeros > 0.4 * pairs && evenZeros < 0.05 * pairs
      ? 'utf-16le'
      : evenZeros > 0.4 * pairs && oddZeros < 0.05 * pairs
        ? 'utf-16be'
        : undefined;
  if (label === undefined) return undefined;
  const text = new TextDecoder(label).decode(sample.subarray(0, 2 * pairs));
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code < 32 && CONTROL[code]) return undefined;
  }
  return { label, from: 0, certain: true };
}

/** The label that a page declares for itself, if it is one that can be decoded. UTF-16 is none: a page that has it cannot say so. */
export function declaredCharset(head: string): string | undefined {
  const label = /<meta[^>]{0,500}?charset\s*=\s*["']?\s*([\w:.-]{1,40})/i.exec(head)?.[1];
  if (label === undefined) return undefined;
  try {
    const { encoding } = new TextDecoder(label);
    return /^utf-/.test(encoding) ? undefined : encoding;
  } catch {
    return undefined;
  }
}
