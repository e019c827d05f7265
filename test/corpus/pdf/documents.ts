import type { CorpusDocument, UnreadableDocument } from '../document.ts';
import { CJK_DOCUMENTS } from './cjk.ts';
import { COLUMN_DOCUMENTS } from './columns.ts';
import { FORM_DOCUMENTS } from './forms.ts';
import { LINE_DOCUMENTS } from './lines.ts';
import { deflated, type PdfObject, pdfOfObjects, pdfOfPlaced } from './pdf.ts';
import { printed } from './printed.ts';
import { RIGHT_TO_LEFT_DOCUMENTS } from './right-to-left.ts';
import { TURNED_DOCUMENTS } from './turned.ts';

const PDF = 'application/pdf';

const PARAGRAPH =
  'Die Erträge stiegen um 12 % – „mehr als erwartet“, so der Vorstand. Der Umsatz in Österreich wuchs um 3 %, der in Spanien fiel.';

const COLUMN =
  'A column is read to its end before the next one begins, however the lines of both stand beside each other. ';

const TABLE = [
  ['Land', 'Umsatz', 'Änderung'],
  ['Österreich', '1.200', '+3 %'],
  ['España', '900', '-1 %'],
];

const report: CorpusDocument = {
  about: 'a report with paragraphs, two columns, a table and a second page',
  filename: 'Bericht.pdf',
  mediaType: PDF,
  title: 'Jahresbericht 2025',
  pages: 2,
  bytes: await printed((pdf) => {
    pdf.addPage({ size: 'A4' }).fontSize(20).text('Jahresbericht');
    pdf.moveDown().fontSize(11).text(PARAGRAPH);
    pdf.moveDown().text(COLUMN.repeat(2).trim(), { columns: 2, columnGap: 30, height: 70 });
    for (const [row, cells] of TABLE.entries()) {
      for (const [column, cell] of cells.entries()) {
        pdf.text(cell, 72 + 140 * column, 400 + 22 * row, { lineBreak: false });
      }
    }
    pdf.addPage({ size: 'A4', layout: 'landscape' }).text('Zweite Seite, quer.');
  }, 'Jahresbericht 2025'),
  text: [
    'Jahresbericht',
    '',
    'Die Erträge stiegen um 12 % – „mehr als erwartet“, so der Vorstand. Der Umsatz in',
    'Österreich wuchs um 3 %, der in Spanien fiel.',
    '',
    'A column is read to its end before the next',
    'one begins, however the lines of both',
    'stand beside each other. A column is read',
    'to its end before the next one begins,',
    'however the lines of both stand beside',
    'each other.',
    '',
    'Land\tUmsatz\tÄnderung',
    'Österreich\t1.200\t+3 %',
    'España\t900\t-1 %',
    '\fZweite Seite, quer.',
    '',
  ].join('\n'),
};

const scripts: CorpusDocument = {
  about: 'a page in Hebrew, Arabic, Japanese and Greek, from right to left, without its fonts',
  filename: 'scripts.pdf',
  mediaType: PDF,
  pages: 1,
  bytes: pdfOfPlaced([
    [
      { text: [...'שלום עולם'].toReversed().join(''), x: 300, y: 780 },
      { text: [...'مرحبا بالعالم'].toReversed().join(''), x: 300, y: 760 },
      { text: '吾輩は猫である。', x: 50, y: 740 },
      { text: 'Ὦ ξεῖν᾽, ἀγγέλλειν 🙂', x: 50, y: 720 },
    ],
  ]),
  text: 'שלום עולם\nمرحبا بالعالم\n吾輩は猫である。\nὮ ξεῖν᾽, ἀγγέλλειν 🙂\n',
};

const disordered: CorpusDocument = {
  about: 'a form whose cells were placed by hand, in lines that stand close and far',
  filename: 'form.pdf',
  mediaType: PDF,
  pages: 2,
  bytes: pdfOfPlaced([
    [
      { text: 'Invoice', x: 50, y: 780, size: 18 },
      { text: 'No.', x: 50, y: 740 },
      { text: '2026-17', x: 200, y: 740 },
      { text: 'Due', x: 50, y: 726 },
      { text: '1 April', x: 200, y: 726 },
      { text: 'Please pay', x: 50, y: 690 },
      { text: 'in time.', x: 50, y: 676 },
    ],
    [],
  ]),
  text: 'Invoice\n\nNo.\t2026-17\nDue\t1 April\n\nPlease pay\nin time.\n\f',
};

const tagged: CorpusDocument = {
  about: 'a page whose writer marked its headings, as word processors do',
  filename: 'tagged.pdf',
  mediaType: PDF,
  title: 'Marked',
  pages: 1,
  bytes: await printed(
    (pdf) => {
      pdf.addPage({ size: 'A4' });
      const whole = pdf.struct('Document');
      pdf.addStructure(whole);
      const part = pdf.struct('Sect');
      const parts: [string, number, string][] = [
        ['H1', 18, 'Über uns'],
        ['P', 11, 'Ein Absatz.'],
        ['H2', 14, 'Eine Überschrift, die so lang ist, dass sie in zwei Zeilen steht, und trotzdem eine ist'],
        ['P', 11, 'Noch einer.'],
        ['H', 11, 'Ende'],
      ];
      for (const [role, size, text] of parts) part.add(pdf.struct(role, {}, () => pdf.fontSize(size).text(text)));
      part.end();
      whole.add(part);
      whole.end();
    },
    'Marked',
    { tagged: true, pdfVersion: '1.7' },
  ),
  text: '# Über uns\n\nEin Absatz.\n\n## Eine Überschrift, die so lang ist, dass sie in zwei Zeilen steht, und trotzdem eine ist\n\nNoch einer.\n\n# Ende\n',
};

/** Its objects, for those that are wrong somewhere. */
function simple(content: string): PdfObject[] {
  return [
    '<< /Type /Catalog /Pages 2 0 R >>',
    '<< /Type /Pages /Count 1 /Kids [3 0 R] >>',
    '<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << /Font << /F1 << /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >> >> >> /Contents 4 0 R >>',
    deflated(`BT /F1 12 Tf 50 700 Td (${content}) Tj ET`),
  ];
}

export const PDF_DOCUMENTS: readonly CorpusDocument[] = [
  report,
  scripts,
  disordered,
  tagged,
  {
    about: 'a page whose table of objects is missing, as it is after a transfer that changed line ends',
    filename: 'repaired.pdf',
    mediaType: PDF,
    pages: 1,
    bytes: pdfOfObjects(simple('Found all the same'), { withoutTable: true, startxref: 99_999 }),
    text: 'Found all the same\n',
  },
  {
    about: 'a page of an old scanner with bytes before its beginning',
    filename: 'prefixed.pdf',
    mediaType: PDF,
    pages: 1,
    bytes: Buffer.concat([Buffer.from('\x00\x01\x1b%-12345X@PJL\n'), pdfOfObjects(simple('After a job header'))]),
    text: 'After a job header\n',
  },
  {
    about: 'a page that may be read and not printed',
    filename: 'protected.pdf',
    mediaType: PDF,
    pages: 1,
    bytes: await printed((pdf) => pdf.addPage().text('Not to be printed'), undefined, {
      ownerPassword: 'x',
      permissions: {},
      pdfVersion: '1.7',
    }),
    text: 'Not to be printed\n',
  },
  ...CJK_DOCUMENTS,
  ...FORM_DOCUMENTS,
  ...COLUMN_DOCUMENTS,
  ...TURNED_DOCUMENTS,
  ...RIGHT_TO_LEFT_DOCUMENTS,
  ...LINE_DOCUMENTS,
];

export const PDF_FAILURES: readonly UnreadableDocument[] = [
  {
    about: 'a page that is a picture',
    filename: 'scan.pdf',
    bytes: await printed((pdf) => pdf.addPage().rect(10, 10, 100, 100).fill('black')),
    code: 'document-scanned',
    says: 'text recognition',
  },
  {
    about: 'a page of signs of which nothing says what letters they are',
    filename: 'boxes.pdf',
    bytes: pdfOfPlaced([[{ text: '\0\0\0 \0\0', x: 50, y: 700 }]]),
    code: 'document-broken',
    says: 'font that cannot be read',
  },
  {
    about: 'a PDF with a password',
    filename: 'secret.pdf',
    bytes: await printed((pdf) => pdf.addPage().text('secret'), undefined, { userPassword: 'x', pdfVersion: '1.7' }),
    code: 'document-encrypted',
    says: 'password',
  },
  { about: 'only the header of a PDF', filename: 'a.pdf', bytes: Buffer.from('%PDF-1.7\n'), code: 'document-broken' },
  {
    about: 'a PDF without pages',
    filename: 'a.pdf',
    bytes: pdfOfObjects(['<< /Type /Catalog /Pages 2 0 R >>', '<< /Type /Pages /Count 0 /Kids [] >>']),
    code: 'document-empty',
  },
];
