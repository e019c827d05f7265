import { pdfOfForm, textField } from '../../corpus/pdf/forms.ts';
import { deflated, pdfOfObjects } from '../../corpus/pdf/pdf.ts';
import { filled, type HostileDocument, MEGABYTE } from './hostile.ts';
import {
  CATALOG,
  FONT,
  laughs,
  metadata,
  multiplying,
  ONE_PAGE,
  page,
  paged,
  sharedPages,
  TEXT,
  twice,
  type0,
  withFont,
} from './pdf-parts.ts';

const documents: ReadonlyArray<Omit<HostileDocument, 'filename'>> = [
  {
    about: 'a PDF of some kB whose page inflates to 1.5 GB of spaces, deflated twice',
    make: () => paged(twice(1_500, ' ')),
    ends: ['document-memory', 'document-broken'],
    heavy: true,
  },
  {
    about: 'a PDF whose page draws a text 5 million times',
    make: () => paged(twice(200, TEXT)),
    ends: ['document-memory', 'document-timeout', 'document-too-large'],
    heavy: true,
  },
  {
    about: 'a PDF that says it has 100,000 pages and has one',
    make: () => pdfOfObjects([CATALOG, ONE_PAGE.replace('1', '100000'), page(), { dictionary: '', stream: TEXT }]),
    ends: ['document-too-large', 'text'],
  },
  {
    about: 'a PDF of 2 kB with 100,000 pages that are all the same one',
    make: () => sharedPages(5),
    ends: 'document-too-large',
  },
  {
    about: 'a PDF with a negative number of pages',
    make: () => pdfOfObjects([CATALOG, ONE_PAGE.replace('1', '-1'), page(), { dictionary: '', stream: TEXT }]),
    ends: 'document-empty',
  },
  {
    about: 'a PDF whose pages contain themselves',
    make: () => pdfOfObjects([CATALOG, '<< /Type /Pages /Count 5 /Kids [2 0 R 2 0 R] /Parent 2 0 R >>']),
    ends: ['document-broken', 'document-scanned'],
  },
  {
    about: 'a PDF whose page draws an object that draws itself',
    make: () =>
      paged(
        { dictionary: '', stream: `${TEXT}/X Do` },
        [
          {
            dictionary: '/Type /XObject /Subtype /Form /BBox [0 0 9 9] /Resources << /XObject << /X 5 0 R >> >>',
            stream: '/X Do /X Do',
          },
        ],
        '/XObject << /X 5 0 R >>',
      ),
    ends: ['text', 'document-broken', 'document-memory'],
  },
  {
    about: 'a PDF of 3 kB whose objects draw each other a billion times',
    make: () => multiplying(9),
    ends: ['document-timeout', 'document-memory', 'document-too-large'],
    heavy: true,
  },
  {
    about: 'a PDF with arrays 200,000 deep',
    make: () => paged({ dictionary: '', stream: TEXT }, [`${'['.repeat(200_000)}1`], '/XObject << /X 5 0 R >>'),
    ends: ['text', 'document-broken', 'document-memory'],
  },
  {
    about: 'a PDF whose catalogue has dictionaries 200,000 deep',
    make: () =>
      pdfOfObjects([
        `<< /Type /Catalog /Pages 2 0 R /X ${'<</X '.repeat(200_000)} >>`,
        ONE_PAGE,
        page(),
        { dictionary: '', stream: TEXT },
      ]),
    ends: ['text', 'document-broken', 'document-memory'],
  },
  {
    about: 'a PDF whose font gives a width to two billion letters',
    make: () => withFont(type0('/W [0 2147483647 500]')),
    ends: ['text', 'document-memory', 'document-timeout', 'document-broken'],
    heavy: true,
  },
  {
    about: 'a PDF whose font maps four billion letters',
    make: () =>
      withFont(type0('/DW 500', '/ToUnicode 5 0 R'), [
        {
          dictionary: '',
          stream:
            '1 begincodespacerange <00000000> <ffffffff> endcodespacerange 1 beginbfrange <00000000> <ffffffff> <0041> endbfrange',
        },
      ]),
    ends: ['text', 'document-memory', 'document-timeout', 'document-broken'],
    heavy: true,
  },
  {
    about: 'a PDF whose table of objects leads to itself',
    make: () =>
      pdfOfObjects([CATALOG, ONE_PAGE, page(), { dictionary: '', stream: TEXT }], {
        trailer: '/Prev 15',
        startxref: 15,
      }),
    ends: ['text', 'document-broken'],
  },
  {
    about: 'a PDF whose table says that it has two billion objects',
    make: () =>
      Buffer.from(
        pdfOfObjects([CATALOG, ONE_PAGE, page(), { dictionary: '', stream: TEXT }])
          .toString('latin1')
          .replace('xref\n0 5', 'xref\n0 2147483647')
          .replace('/Size 5', '/Size 2147483647'),
        'latin1',
      ),
    ends: ['text', 'document-broken', 'document-memory'],
  },
  {
    about: 'a PDF whose stream says that it is 2 GB long',
    make: () => paged({ dictionary: '/Length 2147483647', stream: TEXT }),
    ends: ['text', 'document-broken', 'document-scanned', 'document-memory'],
  },
  {
    about: 'a PDF whose stream says that its rows are 2 GB long',
    make: () => paged(deflated(TEXT, '/DecodeParms << /Predictor 12 /Columns 2147483647 >>')),
    ends: ['text', 'document-broken', 'document-scanned', 'document-memory'],
  },
  {
    about: 'a PDF whose stream went through 1,000 filters',
    make: () => paged({ dictionary: `/Filter [${'/ASCIIHexDecode '.repeat(1_000)}]`, stream: '41>' }),
    ends: ['text', 'document-broken', 'document-scanned'],
  },
  {
    about: 'a PDF with a title of 5 MB',
    make: () =>
      pdfOfObjects(
        [CATALOG, ONE_PAGE, page(), { dictionary: '', stream: TEXT }, `<< /Title (${'t'.repeat(5 * MEGABYTE)}) >>`],
        { trailer: '/Info 5 0 R' },
      ),
    ends: 'text',
  },
  {
    about: 'a PDF whose metadata has entities that multiply',
    make: () => metadata(`${laughs}<x:xmpmeta xmlns:x="adobe:ns:meta/"><dc:title>&a12;</dc:title></x:xmpmeta>`),
    ends: 'text',
  },
  {
    about: 'a PDF whose metadata has elements 100,000 deep',
    make: () => metadata('<a>'.repeat(100_000)),
    ends: ['text', 'document-memory'],
  },
  {
    about: 'a PDF of numbers that no page has',
    make: () =>
      paged({
        dictionary: '',
        stream: `1e308 0 0 1e308 1e308 1e308 cm BT /F1 1e38 Tf 1e38 Tc 1e38 Tw 1e38 Tz ${'(a) Tj '.repeat(1_000)} ET ${'q '.repeat(100_000)}`,
      }),
    ends: ['text', 'document-timeout'],
    heavy: true,
  },
  {
    about: 'a PDF with 200,000 pieces of text in one line',
    make: () => withFont(FONT, [], `BT ${'/F1 9 Tf (a) Tj /F2 9 Tf (b) Tj '.repeat(100_000)} ET`),
    ends: 'text',
  },
  {
    about: 'a PDF whose page has 2,000 lines of 40 columns, none of them prose',
    make: () =>
      pdfOfForm(
        Array.from({ length: 2_000 }, (_, row) =>
          Array.from({ length: 40 }, (_, column) => ({ text: 'an', x: 14 * column, y: 840 - 0.4 * row, size: 0.3 })),
        ).flat(),
        [],
      ),
    ends: 'text',
  },
  {
    about: 'a PDF with 20,000 fields on one page with 20,000 pieces of text',
    make: () =>
      pdfOfForm(
        Array.from({ length: 20_000 }, (_, index) => ({ text: 'a', x: 10 + 20 * (index % 25), y: index / 25 })),
        Array.from({ length: 20_000 }, (_, index) => textField('v', [15, index / 25, 25, index / 25 + 10])),
      ),
    ends: ['text', 'document-timeout'],
  },
  {
    about: 'a PDF with a field that is inside itself, and has a name without end',
    make: () =>
      pdfOfForm(
        [{ text: 'Hello', x: 50, y: 700 }],
        [
          {
            rect: [50, 600, 90, 620],
            entries: '/Subtype /Widget /FT /Tx /T (f) /V (v) /Parent 5 0 R /Kids [5 0 R 5 0 R]',
          },
        ],
      ),
    ends: ['text', 'document-broken', 'document-memory'],
  },
  {
    about: 'a PDF whose notes draw themselves and mark what is everywhere',
    make: () =>
      pdfOfForm(
        [{ text: 'Hello', x: 50, y: 700 }],
        Array.from({ length: 3_000 }, () => ({
          rect: [0, 0, 1e9, 1e9] as const,
          entries: `/Subtype /Highlight /QuadPoints [${'0 0 0 1e9 1e9 0 1e9 1e9 '.repeat(20)}] /Contents (c) /AP << /N 5 0 R >>`,
        })),
      ),
    ends: ['text', 'document-timeout', 'document-memory'],
  },
  {
    about: 'a PDF with 500,000 objects that nobody needs',
    make: () =>
      pdfOfObjects([
        CATALOG,
        ONE_PAGE,
        page(),
        { dictionary: '', stream: TEXT },
        ...Array.from({ length: 500_000 }, () => 'null'),
      ]),
    ends: 'text',
  },
  {
    about: 'a PDF of 30 MB without a table of its objects, to be looked for in zeros',
    make: () => Buffer.concat([Buffer.from('%PDF-1.7\n'), filled(30, '\0')]),
    ends: ['document-broken', 'document-memory'],
    heavy: true,
  },
  {
    about: 'a PDF of 10 MB that begins an object over and over',
    make: () => Buffer.concat([Buffer.from('%PDF-1.7\n'), filled(10, '1 0 obj <<')]),
    ends: ['document-broken', 'document-memory', 'document-timeout'],
    heavy: true,
  },
];

export const HOSTILE_PDFS: readonly HostileDocument[] = documents.map((each) => ({ filename: 'hostile.pdf', ...each }));
