import { describe, expect, it } from 'vitest';
import { docxOf, paragraph } from '../../corpus/docx/docx.ts';
import { extractHere } from './extract-here.ts';

const NAMESPACE = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"';

/** @param body up to the end of the last section, which `docxOf` would add. */
const sectionsOf = (body: string) =>
  extractHere(
    'a.docx',
    docxOf({ body: '', document: `<w:document ${NAMESPACE}><w:body>${body}</w:body></w:document>` }),
  );

const section = (type: string | undefined, inside = '') =>
  `<w:sectPr w:rsidR="1"><w:headerReference w:type="default"/>${type === undefined ? '' : `<w:type w:val="${type}"/>`}<w:cols/>${inside}</w:sectPr>`;

/** The section that ended was asked how it began: pages ended one section too late. */
describe('a section of Word', () => {
  it('begins as it says itself, which stands at its end', async () => {
    const types = ['nextPage', 'continuous', undefined, 'nextColumn', 'evenPage', 'oddPage'];
    const body = types.map((type, index) => paragraph(`${index}`) + paragraph('end', section(type))).join('');
    const { text } = await sectionsOf(`${body}${paragraph('last')}${section('continuous')}`);
    expect(text).toBe('0\n\nend\n\n1\n\nend\n\f2\n\nend\n\n3\n\nend\n\f4\n\nend\n\f5\n\nend\n\nlast\n');
  });

  it('begins on a page where it says nothing, and where the last one is missing', async () => {
    const { text } = await sectionsOf(
      paragraph('a', section('continuous')) + paragraph('b', section(undefined)) + paragraph('c'),
    );
    expect(text).toBe('a\n\fb\n\fc\n');
  });

  it('is not what it was before a tracked change', async () => {
    const before = `<w:sectPrChange w:id="1">${section('continuous')}</w:sectPrChange>`;
    const { text } = await sectionsOf(
      paragraph('a', section('nextPage', before)) +
        paragraph('b', section('continuous')) +
        paragraph('c') +
        section('nextPage', before),
    );
    expect(text).toBe('a\n\nb\n\fc\n');
  });

  it('begins on a page in a text that is too long to be read twice', async () => {
    const long = `<w:p>${'<w:bookmarkEnd/>'.repeat(5_000_000)}</w:p>`;
    const { text } = await sectionsOf(
      `${paragraph('a', section(undefined))}${long}${paragraph('b')}${section('continuous')}`,
    );
    expect(text).toBe('a\n\fb\n');
  });
});
