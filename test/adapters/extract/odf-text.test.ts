import { describe, expect, it } from 'vitest';
import { odfOf } from '../../corpus/odf/odf.ts';
import { extractHere } from './extract-here.ts';

const odt = (body: string, styles = '') => extractHere('a.odt', odfOf({ kind: 'text', body, styles }));

describe('a number of spaces in OpenDocument', () => {
  it.each([
    ['-5', ''],
    ['-99999999999', ''],
    ['0', ''],
    ['1e400', ' '.repeat(1_000)],
    ['99999999999', ' '.repeat(1_000)],
    ['many', ''],
    ['2.7', '  '],
  ])('may be %s', async (count, spaces) => {
    const { text } = await odt(`<text:p>a<text:s text:c="${count}"/>b</text:p>`);
    expect(text).toBe(`a${spaces}b\n`);
  });
});

describe('what OpenDocument hides', () => {
  const SECTION = (display: string, inside: string) =>
    `<text:section text:name="S" text:display="${display}">${inside}</text:section>`;

  it('is left out: a section with all that is in it', async () => {
    const hidden = SECTION(
      'none',
      `<text:h text:outline-level="1">no</text:h><text:list><text:list-item><text:p>no</text:p></text:list-item></text:list>${SECTION('true', '<text:p>no</text:p>')}<table:table><table:table-row><table:table-cell><text:p>no</text:p></table:table-cell></table:table-row></table:table>`,
    );
    const { text } = await odt(`<text:p>a</text:p>${hidden}<text:p>b</text:p>${SECTION('true', '<text:p>c</text:p>')}`);
    expect(text).toBe('a\n\nb\n\nc\n');
  });

  it('is left out: characters and paragraphs in a style that is not shown', async () => {
    const styles =
      '<style:style style:name="T1" style:family="text"><style:text-properties text:display="none"/></style:style><style:style style:name="T2" style:family="text"><style:text-properties text:display="true"/></style:style>';
    const { text } = await odt(
      '<text:p>a<text:span text:style-name="T1">no<text:line-break/>no</text:span><text:span text:style-name="T2">b</text:span></text:p><text:p text:style-name="T1">no</text:p><text:p>c</text:p>',
      styles,
    );
    expect(text).toBe('ab\n\nc\n');
  });
});
