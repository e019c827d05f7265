import type { PdfMark, PdfPiece } from './pdf-lines.ts';

type Item = PdfPiece | PdfMark;

/** What the PDF library has for a glyph of which nothing says what letter it is, mostly; in no case something to read. */
const UNREADABLE = /(?!\s)\p{Cc}|\p{Noncharacter_Code_Point}/gu;

/** Of all letters: as many are missed by who reads the text, and a stray one in a bullet or an arrow is not. */
const MUCH = 0.02;

export interface PdfLetters {
  /** @returns a page without what is no letter. */
  readable(items: readonly Item[]): readonly Item[];
  readonly isAnyLost: boolean;
  readonly isMuchLost: boolean;
}

/** Leaves out what cannot be read on the pages of a document, and knows how much that is. */
export function createPdfLetters(): PdfLetters {
  let all = 0;
  let lost = 0;
  return {
    readable(items) {
      let isChanged = false;
      const kept = items.map((item) => {
        if (!('str' in item)) return item;
        all += item.str.length;
        const str = item.str.replace(UNREADABLE, '');
        if (str.length === item.str.length) return item;
        lost += item.str.length - str.length;
        isChanged = true;
        return { ...item, str: str.replace(/ {2,}/g, ' ') };
      });
      return isChanged ? kept : items;
    },
    get isAnyLost() {
      return lost > 0;
    },
    get isMuchLost() {
      return lost > MUCH * all;
    },
  };
}
