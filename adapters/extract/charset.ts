import { ALPHABETS, type Alphabet, RARITY } from './charset-alphabets.ts';
import { FREQUENT, PAIR_ENCODINGS, type PairEncoding } from './charset-pairs.ts';
import { rawDecoder } from './text-decoder.ts';

/** More words than are in this change nothing. */
const STATISTICS_BYTES = 4 * 1024;

const DEFAULT = 'windows-1252';

/**
 * By how likely the words that have letters beyond ASCII are in each alphabet and encoding, letter by letter. Of a letter or two
 * there is little to tell: then it is the old default of the web.
 * @returns the label of the encoding that the bytes, which are beyond ASCII and no valid UTF-8, look most like.
 */
export function charsetOf(sample: Buffer): string {
  const words = wordsIn(sample);
  const bytes = Buffer.from(words.join('\n'), 'latin1');
  let best = DEFAULT;
  let most = Number.NEGATIVE_INFINITY;
  const offer = (label: string, likelihood: number) => {
    if (likelihood - RARITY[label]! <= most) return;
    most = likelihood - RARITY[label]!;
    best = label;
  };
  const readings = new Map<string, Reading>();
  for (const alphabet of ALPHABETS) {
    const costs = costsOf(alphabet);
    for (const label of alphabet.encodings) {
      const reading = readings.get(label) ?? readingOf(rawDecoder(label).decode(bytes));
      readings.set(label, reading);
      offer(label, reading.likelihood + likelihoodOfWords(reading.words, costs));
    }
  }
  for (const encoding of PAIR_ENCODINGS) offer(encoding.label, likelihoodOfPairs(bytes, encoding));
  return best;
}

/** The second byte of a character may be any of ASCII from @ on, so that no character is cut here. */
function wordsIn(sample: Buffer): string[] {
  const words: string[] = [];
  let length = 0;
  for (const word of sample.toString('latin1').split(/[^@-~\x80-\xff]+/)) {
    if (!/[\x80-\xff]/.test(word)) continue;
    words.push(word.slice(0, STATISTICS_BYTES - length));
    length += word.length + 1;
    if (length >= STATISTICS_BYTES) break;
  }
  return words;
}

/** All of these as powers of e. A letter of ASCII among others of ASCII: */
const ASCII_LETTER = -3;
/** In a word of an alphabet that has none. */
const FOREIGN_LETTER = -8;
/** In no language that is known here. */
const UNKNOWN_LETTER = -9;
const BEGINS_LARGE = -1.5;
const STAYS_LARGE = -0.7;
/** As in `wORD`. */
const BECOMES_LARGE = -5;
const PUNCTUATION = -4.5;
const SYMBOL = -8;
/** More of it where it stands between two letters. */
const INSIDE_A_WORD = -7;
const NOTHING = -20;
/** A sign of two bytes and a letter of ASCII without a space between them. */
const BESIDE_ASCII = -4;

/** Of letters in the order of how frequent they are each has this much of the one before. */
const DECLINE = { accented: 0.75, ascii: 0.88, other: 0.9 };

/** Of the letters of a word that has any beyond ASCII, these are. */
const ACCENTED = 0.2;

type Costs = ReadonlyMap<string, number>;

function costsOf({ letters, ascii }: Alphabet): Costs {
  if (ascii === undefined) return new Map(declining(letters, 1, DECLINE.other));
  return new Map([...declining(letters, ACCENTED, DECLINE.accented), ...declining(ascii, 1 - ACCENTED, DECLINE.ascii)]);
}

/** @param share what all of them have together. */
function declining(letters: string, share: number, decline: number): [string, number][] {
  const first = (share * (1 - decline)) / (1 - decline ** letters.length);
  return [...letters].map((letter, index) => [letter, Math.log(first * decline ** index)]);
}

/** What is no letter but by its history: 5 µm, 1º. */
const LETTER = /(?![µªº])[\p{L}\p{M}]/u;
const TYPOGRAPHY = /[\u00a0«»“”„‚‘’–—…•·°§©®™€£№±²³¼½¾×÷µªº¿¡،؟؛\u00ad\u200c-\u200f]/;

/** What the bytes are in one encoding, whatever the alphabet. */
interface Reading {
  /** Of all that is not in the words, and of their capitals. */
  readonly likelihood: number;
  /** Those that have letters beyond ASCII, in small letters. */
  readonly words: readonly string[];
}

function readingOf(text: string): Reading {
  const words: string[] = [];
  let likelihood = 0;
  let word = '';
  for (const [index, character] of [...text, '\n'].entries()) {
    if (LETTER.test(character)) {
      word += character;
      continue;
    }
    if (/[^A-Za-z]/.test(word)) {
      likelihood += likelihoodOfCapitals(word);
      // Of it there are two small letters.
      words.push(word.replaceAll('İ', 'ı').toLowerCase());
    } else likelihood += ASCII_LETTER * word.length;
    if (character > '\x7f') likelihood += likelihoodOfSign(character, text[index - 1] ?? '', text[index + 1] ?? '');
    word = '';
  }
  return { likelihood, words };
}

/** DOS draws its tables with these: the first ones make the lines, and the last ones only their ends. */
const FRAMES = new Map([...declining('─═│║', 0.8, 0.6), ...declining('┌┐└┘├┤┬┴┼╔╗╚╝╠╣╦╩╬░▒▓█▄▀', 0.2, 0.95)]);

function likelihoodOfSign(sign: string, before: string, after: string): number {
  if (/[\p{Cc}\ufffd]/u.test(sign)) return NOTHING;
  const letters = [before, after].filter((each) => LETTER.test(each)).length;
  const line = FRAMES.get(sign);
  if (line !== undefined) return line + (letters > 0 ? INSIDE_A_WORD : 0);
  const isOfWord = /^(?:.[’\u00ad].|l·l)$/i.test(before + sign + after);
  const sum = letters === 2 && !isOfWord ? INSIDE_A_WORD : 0;
  return sum + (TYPOGRAPHY.test(sign) ? PUNCTUATION : SYMBOL);
}

function likelihoodOfCapitals(word: string): number {
  let sum = 0;
  let before = '';
  for (const letter of word) {
    if (letter !== letter.toLowerCase()) {
      sum += before === '' ? BEGINS_LARGE : before !== before.toUpperCase() ? BECOMES_LARGE : STAYS_LARGE;
    }
    before = letter;
  }
  return sum;
}

function likelihoodOfWords(words: readonly string[], costs: Costs): number {
  let sum = 0;
  for (const word of words) {
    for (const letter of word) sum += costs.get(letter) ?? (letter <= '\x7f' ? FOREIGN_LETTER : UNKNOWN_LETTER);
  }
  return sum;
}

function likelihoodOfPairs(bytes: Buffer, { label, frequent, pair, single }: PairEncoding): number {
  const known = new Set(frequent);
  let sum = FREQUENT * [...new TextDecoder(label).decode(bytes)].filter((each) => known.has(each)).length;
  for (let at = 0; at < bytes.length; at += 1) {
    const byte = bytes[at]!;
    if (byte < 0x80) {
      if (byte !== 0x0a) sum += ASCII_LETTER;
      if (isLetterOfAscii(byte) && bytes[at + 1]! > 0x7f) sum += BESIDE_ASCII;
      continue;
    }
    const alone = single?.(byte);
    const together = alone === undefined && at + 1 < bytes.length ? pair(byte, bytes[at + 1]!) : undefined;
    sum += alone ?? together ?? NOTHING;
    if (together !== undefined) at += 1;
    if (isLetterOfAscii(bytes[at + 1] ?? 0)) sum += BESIDE_ASCII;
  }
  return sum;
}

function isLetterOfAscii(byte: number): boolean {
  return (byte >= 0x41 && byte <= 0x5a) || (byte >= 0x61 && byte <= 0x7a);
}
