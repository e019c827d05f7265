import type { CorpusDocument } from '../document.ts';
import { type Placed, pdfOfPlaced } from './pdf.ts';

const common = { filename: 'lines.pdf', mediaType: 'application/pdf', pages: 1 };

const page = (about: string, placed: readonly Placed[], text: string): CorpusDocument => ({
  ...common,
  about,
  bytes: pdfOfPlaced([placed]),
  text,
});

const seen = (text: string) => [...text].toReversed().join('');

/** The words of a line from the left to the right, each behind the same space. */
function spread(y: number, start: number, gap: number, words: readonly string[]): Placed[] {
  let x = start;
  return words.map((text) => {
    const placed = { text, x, y };
    x += 6 * text.length + gap;
    return placed;
  });
}

export const LINE_DOCUMENTS: readonly CorpusDocument[] = [
  page(
    'a large title and a small byline, which begins to the right of it and below it',
    [
      { text: 'Annual report', x: 50, y: 700, size: 28 },
      { text: 'by John Smith', x: 400, y: 684, size: 10 },
      { text: 'Sales rose in the last year.', x: 50, y: 660 },
    ],
    'Annual report\nby John Smith\n\nSales rose in the last year.\n',
  ),
  page(
    'the same from right to left',
    [
      { text: seen('דוח שנתי'), x: 200, y: 700, size: 28 },
      { text: seen('מאת: משה'), x: 400, y: 684, size: 10 },
      { text: seen('הפסקה הראשונה'), x: 380, y: 660 },
    ],
    'דוח שנתי\nמאת: משה\n\nהפסקה הראשונה\n',
  ),
  page(
    'a sender to the right of the name of a firm, and above it',
    [
      { text: 'ACME', x: 50, y: 700, size: 28 },
      { text: '1 Main Street', x: 400, y: 714, size: 10 },
      { text: 'Berlin', x: 400, y: 700, size: 10 },
    ],
    'ACME\n1 Main Street\nBerlin\n',
  ),
  page(
    'small signs beside large ones: a raised price, a lowered figure, a letter as high as two lines, cells of two sizes',
    [
      { text: '19', x: 50, y: 700, size: 28 },
      { text: '99', x: 78, y: 711.5, size: 12 },
      { text: 'a month', x: 96, y: 700, size: 10 },
      { text: 'H', x: 50, y: 660 },
      { text: '2', x: 56, y: 657, size: 7 },
      { text: 'O', x: 59.5, y: 660 },
      { text: 'O', x: 50, y: 606, size: 40 },
      { text: 'nce upon a time', x: 72, y: 624 },
      { text: 'there was a king.', x: 72, y: 610 },
      { text: 'Total', x: 50, y: 570, size: 20 },
      { text: '1.200', x: 400, y: 574, size: 8 },
    ],
    '1999 a month\nH2O\nOnce upon a time\nthere was a king.\nTotal\t1.200\n',
  ),
  page(
    'letters that were drawn last, into the room that was left for them in the line',
    [
      { text: 'Xin chao th', x: 50, y: 780 },
      { text: 'gi', x: 125, y: 780 },
      { text: 'i. da nang b', x: 143, y: 780 },
      { text: 't', x: 221, y: 780 },
      { text: 'ế', x: 116, y: 780 },
      { text: 'ớ', x: 137, y: 780 },
      { text: 'ộ', x: 215, y: 780 },
      { text: 'The next line.', x: 50, y: 766 },
    ],
    'Xin chao thế giới. da nang bột\nThe next line.\n',
  ),
  page(
    'a title that was drawn twice to look bold, and a name over the line that it was written on',
    [
      { text: 'Annual report', x: 50, y: 780 },
      { text: 'Annual report', x: 50.4, y: 780 },
      { text: 'Name: ____________', x: 50, y: 740 },
      { text: 'J. Smith', x: 92, y: 740 },
    ],
    'Annual report\nName: ____________ J. Smith\n',
  ),
  page(
    'a narrow paragraph with a line that is spread out to its width, and a table whose gaps are all alike',
    [
      ...spread(780, 50, 9, ['are', 'new', 'works', 'in', 'the', 'city']),
      ...spread(766, 50, 33, ['a', 'research', 'centre']),
      ...spread(752, 50, 9, ['and', 'offices', 'of', 'that', 'firm']),
      ...spread(700, 50, 60, ['10', '20', '30']),
      ...spread(686, 50, 60, ['40', '50', '60']),
    ],
    'are new works in the city\na research centre\nand offices of that firm\n\n10\t20\t30\n40\t50\t60\n',
  ),
];
