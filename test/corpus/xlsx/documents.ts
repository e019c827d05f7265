import type { CorpusDocument, UnreadableDocument } from '../document.ts';
import { XML } from '../ooxml.ts';
import { NAMESPACE, row, xlsxOf } from './xlsx.ts';

const XLSX = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet';

const comments = `${XML}<comments xmlns="${NAMESPACE}"><authors><author>Ada</author></authors><commentList><comment ref="B2" authorId="0"><text><r><rPr><b/></rPr><t>Ada:</t></r><r><t xml:space="preserve">
geprüft</t></r></text></comment></commentList></comments>`;

const accounts: CorpusDocument = {
  about: 'accounts with every kind of value, merged cells, comments, a chart and a hidden sheet',
  filename: 'Konten.xlsx',
  mediaType: XLSX,
  title: 'Konten',
  bytes: xlsxOf({
    title: 'Konten',
    strings: [
      '<t>Größe</t>',
      '<r><rPr><b/></rPr><t>fett</t></r><r><t xml:space="preserve"> &amp; mager</t></r>',
      '<t>東京</t><rPh sb="0" eb="2"><t>トウキョウ</t></rPh><phoneticPr fontId="1"/>',
      '<t xml:space="preserve"> zwei\nZeilen	mit Tab </t>',
      '<t>Ende_x000D_ _x0041_ 🙂</t>',
      '<t/>',
    ],
    formats: [
      'yyyy\\-mm\\-dd\\ hh:mm',
      '[h]:mm:ss',
      '#,##0.00\\ &quot;d&quot;',
      '[$-409]mmm\\-yy;@',
      'h:mm\\ AM/PM',
      '0.00E+00;[Red]\\-0',
      'mm:ss.0',
    ],
    builtIn: [14, 22, 46, 9],
    sheets: [
      {
        name: 'Übersicht &amp; Stand',
        comments,
        rows: [
          row(1, 'A1 s 0 0', 'B1 s 0 1', 'C1 s 0 2'),
          row(2, 'A2 n 0 1234567.5', 'B2 n 0 0.30000000000000004', 'C2 n 3 2.5', 'D2 n 6 1.5E-3', 'E2 n 11 0.19'),
          row(
            4,
            'A4 n 8 45306',
            'B4 n 1 45306.572916666664',
            'C4 n 2 1.1041666666666667',
            'D4 n 4 45306',
            'E4 n 5 0.75',
            'F4 n 9 45306.5',
            'G4 n 10 -0.5',
          ),
          row(5, 'A5 n 8 59', 'B5 n 8 60', 'C5 n 8 61', 'D5 n 8 0.25', 'E5 n 8 -1', 'F5 n 8 9999999', 'G5 n 7 0.0021'),
          row(7, 'B7 s 0 3', 'AA7 s 0 4'),
          row(8, 'A8 s 0 5', 'B8 n 0 '),
          '<row r="9"><c r="A9" t="str"><f>A1&amp;"!"</f><v>Größe!</v></c><c r="B9"><f>B2*2</f><v>0.6</v></c><c r="C9"><f>NOW()</f></c><c r="D9" t="b"><v>1</v></c><c r="E9" t="b"><v>0</v></c><c r="F9" t="e"><v>#DIV/0!</v></c><c r="G9" t="inlineStr"><is><r><t>in</t></r><r><t>line</t></r></is></c><c r="H9" t="d"><v>2026-01-05T00:00:00</v></c></row>',
        ].join(''),
      },
      { name: 'Diagramm' },
      { name: 'Leer', rows: '<row r="1"><c r="A1" s="1"/></row>' },
      { name: 'Verborgen', hidden: true, rows: row(1, 'A1 n 0 7') },
      {
        name: 'Gespräch',
        rows: row(3, 'B3 s 0 0'),
        comments: `${XML}<comments xmlns="${NAMESPACE}"><commentList><comment ref="B3"><text><t>[Threaded comment] Your version of Excel</t></text></comment></commentList></comments>`,
        threads: `${XML}<ThreadedComments xmlns="http://schemas.microsoft.com/office/spreadsheetml/2018/threadedcomments"><threadedComment ref="B3" id="{1}"><text>Wirklich?</text></threadedComment><threadedComment ref="B3" id="{2}" parentId="{1}"><text>Ja.</text></threadedComment></ThreadedComments>`,
      },
    ],
  }),
  text: `## Übersicht & Stand

Größe\tfett & mager\t東京
1234567.5\t0.3\t2.5\t0.0015\t0.19
2024-01-15\t2024-01-15T13:45:00\t26:30:00\t2024-01-15\t18:00:00\t2024-01-15T12:00:00\t-12:00:00
1900-02-28\t1900-02-29\t1900-03-01\t06:00:00\t-1\t9999999\t00:03:01
\tzwei Zeilen mit Tab${'\t'.repeat(25)}Ende  A 🙂
Größe!\t0.6\t\tTRUE\tFALSE\t#DIV/0!\tinline\t2026-01-05T00:00:00
Comment (B2): Ada: geprüft

## Verborgen

7

## Gespräch

\tGröße
Comment (B3): Wirklich?
Comment (B3): Ja.
`,
};

const plain: CorpusDocument = {
  about: 'a sheet of a library that prefixes all names, leaves out where cells are, and counts days from 1904',
  filename: 'export.xlsx',
  mediaType: XLSX,
  bytes: xlsxOf({
    from1904: true,
    builtIn: [14],
    sheets: [
      {
        name: 'Sheet1',
        part: `<?xml version="1.0"?><x:worksheet xmlns:x="${NAMESPACE}"><x:sheetData><x:row><x:c t="inlineStr"><x:is><x:t>a</x:t></x:is></x:c><x:c/><x:c><x:v>1</x:v></x:c></x:row><x:row><x:c s="1"><x:v>0</x:v></x:c><x:c s="1"><x:v>44562</x:v></x:c></x:row></x:sheetData></x:worksheet>`,
      },
    ],
  }),
  text: '## Sheet1\n\na\t\t1\n1904-01-01\t2026-01-02\n',
};

const rightToLeft: CorpusDocument = {
  about: 'a strict workbook with macros, written from right to left',
  filename: 'ميزانية.xlsm',
  mediaType: 'application/vnd.ms-excel.sheet.macroenabled.12',
  bytes: xlsxOf({
    mainType: 'application/vnd.ms-excel.sheet.macroEnabled.main+xml',
    strings: ['<t>البند</t>', '<t>المبلغ</t>', '<t>إيجار</t>'],
    sheets: [
      {
        name: 'ميزانية',
        part: `<worksheet xmlns="http://purl.oclc.org/ooxml/spreadsheetml/main"><sheetViews><sheetView rightToLeft="1"/></sheetViews><sheetData>${row(1, 'A1 s 0 0', 'B1 s 0 1')}${row(2, 'A2 s 0 2', 'B2 n 0 500')}</sheetData></worksheet>`,
      },
    ],
  }),
  text: '## ميزانية\n\nالبند\tالمبلغ\nإيجار\t500\n',
};

export const XLSX_DOCUMENTS: readonly CorpusDocument[] = [accounts, plain, rightToLeft];

const oneSheet = (rows: string) => xlsxOf({ strings: ['<t>x</t>'], sheets: [{ name: 'Sheet1', rows }] });

export const XLSX_FAILURES: readonly UnreadableDocument[] = [
  {
    about: 'a workbook without a value',
    filename: 'empty.xlsx',
    bytes: oneSheet('<row r="1"><c r="A1" s="0"/></row>'),
    code: 'document-empty',
  },
  {
    about: 'a binary workbook',
    filename: 'binary.xlsb',
    bytes: xlsxOf({ mainType: 'application/vnd.ms-excel.sheet.binary.macroEnabled.main', sheets: [] }),
    code: 'unsupported-media-type',
    says: 'save it as XLSX',
  },
  {
    about: 'a cell whose text is missing',
    filename: 'broken.xlsx',
    bytes: oneSheet(row(1, 'A1 s 0 99')),
    code: 'document-broken',
    says: 'text of a cell is missing',
  },
  {
    about: 'a cell in a column that no sheet has',
    filename: 'wide.xlsx',
    bytes: oneSheet(row(1, 'XFE1 n 0 1')),
    code: 'document-broken',
    says: 'no column',
  },
  {
    about: 'rows that have their only cell in the last column',
    filename: 'sparse.xlsx',
    bytes: oneSheet(Array.from({ length: 1_300 }, (_, index) => row(index + 1, `XFD${index + 1} n 0 1`)).join('')),
    code: 'document-too-large',
  },
];
