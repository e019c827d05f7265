import { describe, expect, it } from 'vitest';
import { docxOf, paragraph, styled, table } from '../../corpus/docx/docx.ts';
import { odfOf } from '../../corpus/odf/odf.ts';
import { pptxOf, slideTable } from '../../corpus/pptx/pptx.ts';
import { extractHere } from './extract-here.ts';

const LINE_BREAK = '<w:r><w:t>l1</w:t><w:br/><w:t>l2</w:t><w:tab/><w:t>l3</w:t></w:r>';

const docx = (body: string) => extractHere('a.docx', docxOf({ body }));
const slide = (shapes: string) => extractHere('a.pptx', pptxOf({ slides: [{ shapes }] }));
const odt = (body: string) => extractHere('a.odt', odfOf({ kind: 'text', body }));

const odtTable = (...rows: readonly (readonly string[])[]) =>
  `<table:table>${rows.map((row) => `<table:table-row>${row.map((cell) => `<table:table-cell>${cell}</table:table-cell>`).join('')}</table:table-row>`).join('')}</table:table>`;

/** A cell of two paragraphs broke its row in two, and whoever reads rows by their tabs read two wrong ones. */
describe('a row of a table is one line', () => {
  it('in Word, whatever stands in its cells', async () => {
    const cell = paragraph('l1') + paragraph('l2');
    const { text } = await docx(
      table([cell, 'y', cell, 'z'], ['a', paragraph(LINE_BREAK), styled('berschrift1', 'b')]),
    );
    expect(text).toBe('l1 l2\ty\tl1 l2\tz\na\tl1 l2 l3\t# b\n');
  });

  it('on a slide', async () => {
    const cell =
      '<a:tc><a:txBody><a:p><a:r><a:t>l1</a:t></a:r></a:p><a:p><a:r><a:t>l2</a:t></a:r><a:br/><a:r><a:t>l3</a:t></a:r></a:p></a:txBody></a:tc>';
    expect((await slide(slideTable(['x', cell, 'z'], [cell, 'y']))).text).toBe('x\tl1 l2 l3\tz\nl1 l2 l3\ty\n');
  });

  it('in OpenDocument', async () => {
    const cell =
      '<text:p>l1<text:line-break/>l2</text:p><text:list><text:list-item><text:p>l3</text:p></text:list-item></text:list>';
    const { text } = await odt(odtTable(['<text:p>x</text:p>', cell, '<text:p>z</text:p>'], [cell, '']));
    expect(text).toBe('x\tl1 l2 - l3\tz\nl1 l2 - l3\t\n');
  });

  it('but not where it is one cell alone, a frame around paragraphs', async () => {
    const { text } = await docx(`${table([paragraph('l1') + paragraph(LINE_BREAK)], ['b'])}${paragraph('end')}`);
    expect(text).toBe('l1\nl1\nl2\tl3\nb\n\nend\n');
  });

  it('and not where a table stands in the cell, which has rows of its own', async () => {
    const inner = table([paragraph('l1') + paragraph('l2'), 'b'], ['c', 'd']);
    const { text } = await docx(table([paragraph('x') + inner + paragraph('y'), 'z'], ['end', '']));
    expect(text).toBe('x\nl1 l2\tb\nc\td\ny\tz\nend\t\n');
  });

  it('and a cell that is as long as a page waits for no other one', async () => {
    const long = 'word '.repeat(7_000).trim();
    const { text } = await docx(table([paragraph('a') + paragraph(long) + paragraph('b'), 'z']));
    expect(text).toBe(`a\n${long}\nb\tz\n`);
  });
});

describe('a heading is one line', () => {
  it('in Word', async () => {
    const { text } = await docx(
      styled('berschrift2', '<w:r><w:t>Head</w:t><w:br/><w:t>line</w:t></w:r>') + paragraph(LINE_BREAK),
    );
    expect(text).toBe('## Head line\n\nl1\nl2\tl3\n');
  });

  it('in OpenDocument', async () => {
    const { text } = await odt(
      '<text:h text:outline-level="2">Head<text:line-break/>line</text:h><text:p>a<text:line-break/>b</text:p>',
    );
    expect(text).toBe('## Head line\n\na\nb\n');
  });
});
