import type { CorpusDocument } from '../document.ts';
import { type Placed, pdfOfPlaced } from './pdf.ts';

const LETTER_WIDTH = 6; // of the font of pdfOfPlaced, at a size of 12

const HEBREW = /\p{sc=Hebrew}/u;

/** Words as they stand in a line from the left to the right, which are drawn in another order: that in which they are read. */
function drawn(y: number, seen: readonly string[], read: readonly number[]): Placed[] {
  const starts = seen.map(
    (_, index) => 100 + LETTER_WIDTH * (seen.slice(0, index).join(' ').length + Math.min(index, 1)),
  );
  return read.map((index) => {
    const word = seen[index]!;
    return { text: HEBREW.test(word) ? [...word].toReversed().join('') : word, x: starts[index]!, y };
  });
}

export const RIGHT_TO_LEFT_DOCUMENTS: readonly CorpusDocument[] = [
  {
    about:
      'a page in Hebrew whose words are drawn one by one, with Latin words and numbers among them, and the other way round',
    filename: 'hebrew.pdf',
    mediaType: 'application/pdf',
    pages: 1,
    bytes: pdfOfPlaced([
      [
        ...drawn(780, ['טוב', 'I', '2', 'we', '12', 'עולם', 'שלום'], [6, 5, 4, 1, 2, 3, 0]),
        ...drawn(760, ['We', 'say', '17', 'עולם', '12', 'שלום', 'here'], [0, 1, 5, 4, 3, 2, 6]),
      ],
    ]),
    text: 'שלום עולם 12 I 2 we טוב\nWe say 17 שלום 12 עולם here\n',
  },
];
