import { withoutControls } from './control-signs.ts';
import { decodes, isUtf32, NO_TEXT, rawDecoder } from './text-decoder.ts';

/** Logs of terminals are full of it. */
const ESCAPE = '\x1b';

/** Bullets and arrows of symbol fonts. */
const SYMBOLS = /[\uf000-\uf0ff]/;

/** More than this of what is no text, and half of a pair, is no text at all: of any bytes read as UTF-16 it is a seventh. */
const MAX_SHARE = 0.05;

/** @returns whether what follows a byte order mark is a text as well: the two bytes of it may be any. */
export function isMarkedText(bytes: Uint8Array, label: string): boolean {
  const characters = [...rawDecoder(label).decode(bytes, { stream: true })];
  const wrong = characters.filter(
    (character) =>
      character === '\ufffd' || (NO_TEXT.test(character) && character !== ESCAPE && !SYMBOLS.test(character)),
  );
  return wrong.length <= MAX_SHARE * characters.length;
}

/** @returns the label of UTF-16 or UTF-32 that has no byte order mark. */
export function wideEncodingOf(sample: Buffer): string | undefined {
  for (const label of ['utf-32le', 'utf-32be']) {
    if (sample.length >= 8 && isUtf32(sample, label)) return label;
  }
  const [one, other] = ['utf-16le', 'utf-16be'].map((label) => ({ label, common: commonIn(sample, label) }));
  const [best, worse] = one!.common >= other!.common ? [one!, other!] : [other!, one!];
  // Zeros between the words of a list are as good as spaces in either order.
  return best.common > 2 * worse.common && isUtf16(sample, best.label) ? best.label : undefined;
}

/** In any script: these are in every text, and in the other byte order they would be something else. */
const COMMON = /[\x20-\x7e\r\n\u3000-\u3002\uff0c]/g;

function commonIn(sample: Buffer, label: string): number {
  return utf16(sample, label).match(COMMON)?.length ?? 0;
}

function utf16(sample: Buffer, label: string): string {
  return rawDecoder(label).decode(pairsOf(sample), { stream: true });
}

function pairsOf(sample: Buffer): Buffer {
  return sample.subarray(0, sample.length - (sample.length % 2));
}

/** Fewer pairs in which nothing is wrong prove nothing, but for the text of the western world: half its bytes are zero. */
const ENOUGH_PAIRS = 16;

/** Of this many characters one may be a control character, as in a text of single bytes. */
const CHARACTERS_PER_CONTROL = 50;

function isUtf16(sample: Buffer, label: string): boolean {
  const pairs = Math.floor(sample.length / 2);
  if (pairs < 2 || !decodes(pairsOf(sample), label)) return false;
  const text = utf16(sample, label);
  const cleaned = withoutControls(text).replaceAll(ESCAPE, '');
  const escapes = text.split(ESCAPE).length - 1;
  if (text.length - cleaned.length - escapes > pairs / CHARACTERS_PER_CONTROL || NO_TEXT.test(cleaned)) return false;
  const common = commonIn(sample, label);
  return common > 0.4 * pairs || (pairs >= ENOUGH_PAIRS && common > 0.02 * pairs);
}
