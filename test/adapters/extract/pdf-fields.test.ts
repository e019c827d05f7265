import { describe, expect, it } from 'vitest';
import { fieldsIn, type PdfAnnotation } from '../../../adapters/extract/pdf-fields.ts';
import { writePdfPage } from '../../../adapters/extract/pdf-lines.ts';
import { withFields } from '../../../adapters/extract/pdf-placing.ts';
import { readPdf } from '../../../adapters/extract/pdf-text.ts';
import { type PdfLayout, uprighted } from '../../../adapters/extract/pdf-turns.ts';
import { printed } from '../../corpus/pdf/printed.ts';

const rect = [0, 0, 100, 16];
const filled: PdfAnnotation = { subtype: 'Widget', fieldType: 'Tx', fieldValue: 'Ada', annotationFlags: 4, rect };

const textsOf = (...annotations: PdfAnnotation[]) => fieldsIn(annotations).map(({ text }) => text);

describe('what is filled in on a page of a PDF', () => {
  it('is the value of a field, in lines where it has some', () => {
    expect(textsOf(filled, { ...filled, fieldValue: ' Ada \r\n\tKing\r' })).toEqual(['Ada', 'Ada \n King']);
  });

  it.each([{ password: true }, { hidden: true }, { annotationFlags: 2 }, { annotationFlags: 32 }])(
    'is not what nobody sees there: %j',
    (unseen) => {
      expect(textsOf({ ...filled, ...unseen })).toEqual([]);
    },
  );

  it.each([
    { fieldValue: ' \n' },
    { fieldValue: null },
    { fieldType: 'Sig' },
    { subtype: 'Link' },
    { rect: null },
    { rect: [0, 0, Number.NaN, 1] },
  ])('is nothing where there is nothing to write or no place: %j', (change) => {
    expect(textsOf({ ...filled, ...change })).toEqual([]);
  });

  it('is what a choice is called, where it is stored under another name', () => {
    const options = [
      { exportValue: '1', displayValue: 'one' },
      { exportValue: '2', displayValue: 'two' },
    ];
    expect(textsOf({ ...filled, fieldType: 'Ch', fieldValue: ['2', 'other'], options })).toEqual(['two, other']);
  });

  it('is a tick in a box only where it is this box', () => {
    const radio: PdfAnnotation = { ...filled, fieldType: 'Btn', radioButton: true, fieldValue: 'b' };
    expect(textsOf({ ...radio, buttonValue: 'b' }, { ...radio, buttonValue: 'a' })).toEqual(['[x]']);
    expect(textsOf({ ...radio, fieldValue: 'Off', buttonValue: 'Off' })).toEqual([]);
    expect(textsOf({ ...radio, radioButton: false, buttonValue: 'b' })).toEqual([]);
  });
});

const piece = (str: string, x: number, y: number, hasEOL = true) => ({
  str,
  hasEOL,
  width: 6 * str.length,
  height: 12,
  transform: [12, 0, 0, 12, x, y],
});

function page(items: PdfLayout['items'], fields: PdfLayout['fields']): string {
  let text = '';
  const headings = new Map([['h', 1]]);
  writePdfPage(withFields(uprighted({ items, fields })), headings, (more) => {
    text += more;
  });
  return text;
}

const at = (text: string, left: number, bottom: number) =>
  ({ text, rect: [left, bottom, left + 100, bottom + 16] }) as const;

describe('a field on a page of a PDF', () => {
  it('stands in its row, where the others of the row are its neighbours', () => {
    const items = [piece('Name', 50, 700, false), piece('Age', 300, 700), piece('below', 50, 680)];
    expect(page(items, [at('36', 330, 696), at('Ada', 80, 696)])).toBe('Name Ada\tAge 36\nbelow\n');
  });

  it('is a line of its own below the one above it, and no part of a heading there', () => {
    const items = [
      { type: 'beginMarkedContentProps', id: 'h' },
      piece('Title', 50, 700),
      { type: 'endMarkedContent' },
      piece('below', 50, 600),
    ];
    expect(page(items, [at('first', 50, 660), at('second', 50, 630), at('last', 50, 10)])).toBe(
      '# Title\n\nfirst\nsecond\nbelow\n\nlast\n',
    );
  });

  it('stands above all others where nothing is above it', () => {
    expect(page([piece('below', 50, 600, false)], [at('first', 50, 660)])).toBe('first\nbelow\n');
  });

  it('is in its place where the page is turned', () => {
    const upwards = (each: ReturnType<typeof piece>) => ({
      ...each,
      transform: [0, 12, -12, 0, -each.transform[5]!, each.transform[4]!],
    });
    const items = [piece('Name', 50, 700), piece('below', 50, 680)].map(upwards);
    const fields = [{ text: 'Ada', rect: [-712, 80, -696, 180] }] as const;
    expect(page(items, fields)).toBe('Name Ada\nbelow\n');
  });

  it('comes last where there are more than anybody fills in', () => {
    const many = Array.from({ length: 5_000 }, (_, index) => piece('text', 50, index));
    const fields = Array.from({ length: 5_000 }, (_, index) => at('value', 80, index));
    expect(page(many, fields)).toMatch(/^(text\n+)+(value[\t ]?)+/);
  });
});

describe('fields of a PDF of many pages', () => {
  it('are found on each of them', async () => {
    const bytes = await printed((pdf) => {
      pdf.addPage().font('Helvetica').initForm();
      for (let number = 1; number <= 201; number += 1) {
        if (number > 1) pdf.addPage();
        if (number % 50 <= 1) pdf.formText(`field${number}`, 72, 72, 200, 16, { value: `on page ${number}` });
      }
    });
    let text = '';
    const write = (more: string) => {
      text += more;
    };
    const document = { bytes: bytes.length, read: () => bytes, *chunks() {} };
    const { pages } = await readPdf(document, { maxPages: 1000, write, onPage() {} });
    const expected = [1, 50, 51, 100, 101, 150, 151, 200, 201].map((number) => `on page ${number}`);
    expect({ pages, lines: text.split(/[\f\n]+/).filter((line) => line !== '') }).toEqual({
      pages: 201,
      lines: expected,
    });
  });
});
