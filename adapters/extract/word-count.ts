/** What is known of a text that has gone through. */
export interface WordCount {
  add(text: string): void;
  readonly characters: number;
  /** Undefined where most words are not parted: Thai, Lao, Khmer and Burmese have no space between them. */
  readonly words: number | undefined;
  readonly hasWords: boolean;
}

/** Of all characters: where as many are of writing without spaces, what stands between two spaces is no word. */
const UNPARTED_SHARE = 0.1;

/**
 * Counts as word processors do: what stands between two spaces is a word, and so is each character of Chinese and Japanese.
 * Compared by code, which is a hundred times as fast as asking patterns.
 */
export function createWordCount(): WordCount {
  let characters = 0;
  let words = 0;
  let unparted = 0;
  let after: 'space' | 'word' | 'sign' = 'space';

  function letter(code: number): void {
    if (after === 'word') return;
    // Around words of a writing with spaces, a sign that stands alone is one; a comma between Chinese characters is not.
    if (after === 'sign' && isPunctuation(code)) return;
    after = 'word';
    words += 1;
  }

  function far(code: number): void {
    // The second half of a surrogate pair is no character of its own.
    if (code >= 0xdc00 && code <= 0xdfff) characters -= 1;
    else if (isSign(code)) {
      words += 1;
      after = 'sign';
    } else if (isEastAsianPunctuation(code)) after = 'sign';
    else if (isSpace(code)) after = 'space';
    else if (!isMark(code)) letter(code);
  }

  return {
    add(text) {
      const { length } = text;
      for (let index = 0; index < length; index += 1) {
        const code = text.charCodeAt(index);
        // Most of most texts, and nothing to ask about it.
        if (code > 0x20 && code < 0xa0 && after === 'word') continue;
        if (code < 0x2e80 && isSpace(code)) after = 'space';
        else if (code < 0x0e00) letter(code);
        else if (code >= 0x2e80) far(code);
        else {
          if (isUnparted(code)) unparted += 1;
          letter(code);
        }
      }
      characters += length;
    },
    get characters() {
      return characters;
    },
    get words() {
      return unparted > UNPARTED_SHARE * characters ? undefined : words;
    },
    get hasWords() {
      return words > 0;
    },
  };
}

/** As `\s` has it. Control characters separate words too. */
function isSpace(code: number): boolean {
  if (code <= 0x20) return true;
  if (code < 0xa0) return false;
  return (
    code === 0xa0 ||
    code === 0x1680 ||
    (code >= 0x2000 && code <= 0x200a) ||
    code === 0x2028 ||
    code === 0x2029 ||
    code === 0x202f ||
    code === 0x205f ||
    code === 0x3000 ||
    code === 0xfeff
  );
}

/** Of ASCII, and what is shared by all writings: dashes, quotation marks, dots. */
function isPunctuation(code: number): boolean {
  if (code >= 0x80) return code >= 0x2010 && code <= 0x205e;
  return !((code >= 0x30 && code <= 0x39) || (code >= 0x41 && code <= 0x5a) || (code >= 0x61 && code <= 0x7a));
}

/** Thai and Lao, Burmese, Khmer. */
function isUnparted(code: number): boolean {
  return code <= 0x0eff || (code >= 0x1000 && code <= 0x109f) || (code >= 0x1780 && code <= 0x17ff);
}

/** Han and kana. */
function isSign(code: number): boolean {
  if (code <= 0x30ff) return isSignOfBlock(code);
  return (
    (code >= 0x31f0 && code <= 0x31ff) ||
    (code >= 0x3400 && code <= 0x4dbf) ||
    (code >= 0x4e00 && code <= 0x9fff) ||
    // The first half of what was added later.
    (code >= 0xd840 && code <= 0xd8bf) ||
    (code >= 0xf900 && code <= 0xfaff) ||
    (code >= 0xff66 && code <= 0xff9d)
  );
}

/** Radicals, the signs of repetition and of zero, numbers of merchants, and kana. */
function isSignOfBlock(code: number): boolean {
  if (code >= 0x3041) return !isMark(code) && code !== 0x309b && code !== 0x309c && code !== 0x30a0 && code !== 0x30fb;
  return code <= 0x2fdf || (code >= 0x3005 && code <= 0x3007) || (code >= 0x3021 && code <= 0x3029);
}

/** What belongs to the kana before it. */
function isMark(code: number): boolean {
  return code === 0x3099 || code === 0x309a || code === 0xff9e || code === 0xff9f;
}

function isEastAsianPunctuation(code: number): boolean {
  if (code === 0x3000 || isMark(code)) return false;
  return (
    (code >= 0x3001 && code <= 0x30ff) ||
    (code >= 0xfe30 && code <= 0xfe4f) ||
    (code >= 0xff01 && code <= 0xff0f) ||
    (code >= 0xff1a && code <= 0xff20) ||
    (code >= 0xff3b && code <= 0xff40) ||
    (code >= 0xff5b && code <= 0xff65)
  );
}
