import type { CorpusDocument } from '../document.ts';
import { HELVETICA } from './cjk.ts';
import { deflated, type PdfObject, type Placed, pdfOfObjects } from './pdf.ts';

/** A field or a text on top of a page: what its dictionary has beside its kind and place. */
export interface Annotation {
  readonly rect: readonly [number, number, number, number];
  readonly entries: string;
}

const field = (kind: string, rect: Annotation['rect'], entries: string): Annotation => ({
  rect,
  entries: `/Subtype /Widget /FT /${kind} /T (f) ${entries}`,
});

export const textField = (value: string, rect: Annotation['rect'], more = '') =>
  field('Tx', rect, `/V (${value}) ${more}`);

/** A page of printed text, and a form on it: its fields have no appearance, as where the reader is to make it. */
export function pdfOfForm(placed: readonly Placed[], annotations: readonly Annotation[]): Buffer {
  const content = placed.map(({ text, x, y, size = 12 }) => `BT /F1 ${size} Tf ${x} ${y} Td (${text}) Tj ET`);
  const refs = annotations.map((_, index) => `${5 + index} 0 R`).join(' ');
  return pdfOfObjects([
    `<< /Type /Catalog /Pages 2 0 R /AcroForm << /NeedAppearances true /Fields [${refs}] /DA (/F1 0 Tf 0 g) >> >>`,
    '<< /Type /Pages /Count 1 /Kids [3 0 R] >>',
    `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << /Font << /F1 ${HELVETICA} >> >> /Contents 4 0 R /Annots [${refs}] >>`,
    deflated(content.join('\n')),
    ...annotations.map(
      ({ rect, entries }): PdfObject =>
        `<< /Type /Annot /F 4 /Rect [${rect.join(' ')}] /DA (/F1 0 Tf 0 g) ${entries} >>`,
    ),
  ]);
}

const common = { filename: 'form.pdf', mediaType: 'application/pdf', pages: 1 };

export const FORM_DOCUMENTS: readonly CorpusDocument[] = [
  {
    ...common,
    about:
      'a form that is filled in: two fields in a row, a choice, boxes, a text of several lines, and what is not to be seen',
    bytes: pdfOfForm(
      [
        { text: 'Registration', x: 50, y: 780, size: 18 },
        { text: 'Name:', x: 50, y: 740 },
        { text: 'Born:', x: 300, y: 740 },
        { text: 'Country:', x: 50, y: 716 },
        { text: 'member', x: 70, y: 692 },
        { text: 'guest', x: 170, y: 692 },
        { text: 'Remarks', x: 50, y: 668 },
        { text: 'Thank you.', x: 50, y: 560 },
      ],
      [
        textField('1815-12-10', [340, 736, 440, 752]),
        textField('Ada Lovelace', [90, 736, 290, 752]),
        field('Ch', [105, 712, 290, 728], '/Ff 131072 /V (gb) /Opt [[(gb) (United Kingdom)] [(fr) (France)]]'),
        field('Btn', [50, 690, 62, 702], '/V /Yes /AS /Yes /AP << /N << /Yes null /Off null >> >>'),
        field('Btn', [150, 690, 162, 702], '/V /Off /AS /Off /AP << /N << /Yes null /Off null >> >>'),
        textField('Needs a chair.\\rAnd a lamp.', [50, 600, 400, 660], '/Ff 4096'),
        textField('not to be seen', [90, 580, 290, 596], '/F 2'),
        textField('swordfish', [90, 620, 290, 636], '/Ff 8192'),
        textField('', [90, 640, 290, 656]),
      ],
    ),
    text: [
      'Registration',
      '',
      'Name: Ada Lovelace\tBorn: 1815-12-10',
      'Country: United Kingdom',
      '[x] member\tguest',
      'Remarks',
      'Needs a chair.',
      'And a lamp.',
      '',
      'Thank you.',
      '',
    ].join('\n'),
  },
  {
    ...common,
    about: 'a form that is a picture, all of whose text is in its fields',
    bytes: pdfOfForm(
      [],
      [
        textField('London', [90, 700, 290, 716]),
        textField('Ada', [90, 736, 190, 752]),
        textField('Lovelace', [300, 736, 400, 752]),
      ],
    ),
    text: 'Ada\tLovelace\nLondon\n',
  },
  {
    ...common,
    about: 'a page with notes that were typed onto it, beside a link',
    bytes: pdfOfForm(
      [
        { text: 'Draft of the contract', x: 50, y: 780 },
        { text: 'Signed in Vienna.', x: 50, y: 700 },
      ],
      [
        { rect: [50, 730, 300, 748], entries: '/Subtype /FreeText /Contents (Ask the lawyer first.)' },
        { rect: [300, 695, 400, 712], entries: '/Subtype /FreeText /Contents (No: in Graz.)' },
        { rect: [50, 600, 70, 620], entries: '/Subtype /Link /Contents (a link)' },
      ],
    ),
    text: 'Draft of the contract\nAsk the lawyer first.\nSigned in Vienna.\tNo: in Graz.\n',
  },
];
