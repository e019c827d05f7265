import type { CorpusDocument } from '../document.ts';
import { HELVETICA } from './cjk.ts';
import { deflated, type Placed, pdfOfObjects } from './pdf.ts';

const PARAGRAPHS: readonly Placed[] = [
  { text: 'A first paragraph that has', x: 50, y: 780 },
  { text: 'two lines.', x: 50, y: 766 },
  { text: 'Another paragraph of', x: 50, y: 738 },
  { text: 'two lines.', x: 50, y: 724 },
];

const TABLE: readonly Placed[] = [
  { text: 'Land', x: 50, y: 690 },
  { text: 'Umsatz', x: 400, y: 690 },
  { text: 'Wien', x: 50, y: 676 },
  { text: '1.200', x: 400, y: 676 },
];

const TEXT = 'A first paragraph that has\ntwo lines.\n\nAnother paragraph of\ntwo lines.\n';

/** All of a page turned about its lower left corner, against the clock; the letters may lean to the right. */
function pdfTurned(degrees: number, { rotate = 0, oblique = 0, placed = [...PARAGRAPHS, ...TABLE] } = {}): Buffer {
  const across = Math.cos((degrees * Math.PI) / 180);
  const up = Math.sin((degrees * Math.PI) / 180);
  const content = placed.map(({ text, x, y }) => {
    const matrix = [across, up, across * oblique - up, up * oblique + across, across * x - up * y, up * x + across * y];
    return `BT /F1 12 Tf ${matrix.map((each) => each.toFixed(5)).join(' ')} Tm (${text}) Tj ET`;
  });
  return pdfOfObjects([
    '<< /Type /Catalog /Pages 2 0 R >>',
    '<< /Type /Pages /Count 1 /Kids [3 0 R] >>',
    `<< /Type /Page /Parent 2 0 R /MediaBox [-842 -842 842 842] /Rotate ${rotate} /Resources << /Font << /F1 ${HELVETICA} >> >> /Contents 4 0 R >>`,
    deflated(content.join('\n')),
  ]);
}

const common = {
  filename: 'turned.pdf',
  mediaType: 'application/pdf',
  pages: 1,
  text: `${TEXT}\nLand\tUmsatz\nWien\t1.200\n`,
};

export const TURNED_DOCUMENTS: readonly CorpusDocument[] = [
  { ...common, about: 'a page that is printed upwards and shown turned', bytes: pdfTurned(90, { rotate: 90 }) },
  { ...common, about: 'a page that is printed downwards', bytes: pdfTurned(-90) },
  { ...common, about: 'a page that is upside down', bytes: pdfTurned(180, { rotate: 180 }) },
  { ...common, about: 'a page that lay askew in a scanner', bytes: pdfTurned(1) },
  {
    ...common,
    about: 'a page in letters that lean',
    bytes: pdfTurned(0, { oblique: 0.3, placed: [...PARAGRAPHS] }),
    text: TEXT,
  },
];
