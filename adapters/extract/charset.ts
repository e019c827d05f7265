import { analyse } from 'chardet';
import { encodingNamed } from './text-encoding.ts';

/** Statistics of more than this change nothing, and take ten milliseconds for each 16 kB. */
const STATISTICS_BYTES = 8 * 1024;

/** In percent. Below, a few accents are all that there is to go by: the old default of the web is the better guess. */
const ENOUGH_CONFIDENCE = 20;

/** As close as this to the western alphabet, another one differs in letters that the text does not have. */
const CLOSE_CONFIDENCE = 2;

const WESTERN = 'windows-1252';

/** What C1 control characters are in ISO 8859 are letters and quotation marks in what Windows writes. */
const C1 = /[\x80-\x9f]/;

/** @returns the label of the encoding that the bytes, which are beyond ASCII and no valid UTF-8, look most like. */
export function charsetOf(sample: Buffer): string {
  const text = sample.toString('latin1');
  if (isForeign(text)) {
    const bytes = Buffer.from(text.replace(ASCII_RUN, '$1 $2'), 'latin1').subarray(0, STATISTICS_BYTES);
    return foreign(bytes, guesses(bytes));
  }
  const bytes = sample.subarray(0, STATISTICS_BYTES);
  const found = guesses(bytes);
  return fits(bytes, WESTERN) ? western(found) : (found[0]?.label ?? WESTERN);
}

/** No western language has an accent on most letters of the words that have any, but for words of one letter. */
function isForeign(text: string): boolean {
  const words = text.match(/[A-Za-z]+[\x80-\xff]+|[\x80-\xff][A-Za-z\x80-\xff]+/g)?.join('') ?? '';
  return words.length >= 4 && words.replace(/[A-Za-z]/g, '').length > 0.6 * words.length;
}

/** English around a word of another language would be taken for the language of all. The second byte of a character may be ASCII. */
const ASCII_RUN = /([\t\r\n -~]{20})[\t\r\n -~]+([\t\r\n -~]{20})/g;

interface Guess {
  readonly label: string;
  readonly confidence: number;
}

/** The likeliest first. */
function guesses(bytes: Buffer): Guess[] {
  return analyse(bytes)
    .map(({ name, confidence }) => ({ label: labelOf(name), confidence }))
    .filter((each): each is Guess => each.confidence > 0 && each.label !== undefined && fits(bytes, each.label));
}

function labelOf(name: string): string | undefined {
  // That it is none was seen before.
  if (name === 'UTF-8') return undefined;
  // The same but for eight signs that only frames are drawn with, where Ukrainian has its letters.
  return name === 'KOI8-R' ? 'koi8-u' : encodingNamed(name);
}

/** In an encoding that does not have all of the bytes it would be another text. */
function fits(bytes: Buffer, label: string): boolean {
  try {
    return !C1.test(new TextDecoder(label, { fatal: true }).decode(bytes, { stream: true }));
  } catch {
    return false;
  }
}

function western([best, ...others]: readonly Guess[]): string {
  const western = others.find(({ label }) => label === WESTERN)?.confidence ?? 0;
  if (!best || best.confidence < ENOUGH_CONFIDENCE || best.confidence - western <= CLOSE_CONFIDENCE) return WESTERN;
  return best.label;
}

function foreign(bytes: Buffer, found: readonly Guess[]): string {
  const best = found.find(({ label }) => label !== WESTERN);
  // The statistics do not know what DOS wrote in Russian, and are not sure of anything else then.
  if ((best?.confidence ?? 0) < ENOUGH_CONFIDENCE && isCyrillic(new TextDecoder('ibm866').decode(bytes)))
    return 'ibm866';
  return best?.label ?? WESTERN;
}

function isCyrillic(text: string): boolean {
  const letters = text.match(/[\u0410-\u0451]/g)?.length ?? 0;
  const others = text.match(/[\u0080-\u040f\u0452-\uffff]/g)?.length ?? 0;
  return letters > 20 * others;
}
