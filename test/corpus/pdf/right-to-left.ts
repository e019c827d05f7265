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

const page = (about: string, placed: readonly Placed[], text: string): CorpusDocument => ({
  about,
  filename: 'right-to-left.pdf',
  mediaType: 'application/pdf',
  pages: 1,
  bytes: pdfOfPlaced([placed]),
  text,
});

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
  page(
    'a page in Hebrew whose brackets are said to be what they look like, with Latin brackets among them',
    [
      ...drawn(780, ['(', 'ישראל', ')', 'תל'], [3, 2, 1, 0]),
      ...drawn(760, ['(', 'ABC', ')', 'ירושלים', '(Ltd)', 'עולם'], [5, 4, 3, 2, 1, 0]),
      ...drawn(740, ['עולם', '1', '('], [2, 1, 0]),
    ],
    'תל ( ישראל )\nעולם (Ltd) ירושלים ( ABC )\n) 1 עולם\n',
  ),
  page(
    'a page in Hebrew whose brackets are said to be what they are, some in a piece with words',
    [
      ...drawn(780, [')', 'ישראל', '(', 'תל'], [3, 2, 1, 0]),
      ...drawn(760, ['עולם', ')', 'א'], [2, 1, 0]),
      { text: ')לארשי( לת', x: 100, y: 740 },
    ],
    'תל ( ישראל )\nא ) עולם\nתל (ישראל)\n',
  ),
  page(
    'a page in Arabic whose letters are said to be what they look like in their words, and one with joined letters',
    [
      { text: 'يﻮﻨﺳ ﺮﻳﺮﻘﺗ ﻻ', x: 100, y: 780 },
      { text: 'eﬃcient ﬁle', x: 100, y: 760 },
    ],
    'لا تقرير سنوي\nefficient file\n',
  ),
];
