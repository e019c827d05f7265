import { describe, expect, it } from 'vitest';
import { docxOf, item, paragraph, run, styled, table } from '../../corpus/docx/docx.ts';
import { epubOf } from '../../corpus/epub/epub.ts';
import { odfOf } from '../../corpus/odf/odf.ts';
import { extractHere } from './extract-here.ts';

const docx = async (...body: readonly string[]) => (await extractHere('a.docx', docxOf({ body: body.join('') }))).text;

// A program that was pasted into a document lost what its lines begin with, and in Python with it what it means.
describe('the indentation of a line', () => {
  const PROGRAM = 'if x:\n\n    return 1\n\n\telse\n';

  it.each<[string, string | Buffer, string]>([
    [
      'a.docx',
      docxOf({
        body: ['if x:', '    return 1', '<w:r><w:tab/><w:t>else</w:t></w:r>'].map((each) => paragraph(each)).join(''),
      }),
      PROGRAM,
    ],
    ['a.rtf', '{\\rtf1\\ansi if x:\\par {    }{return 1}\\par\\tab else\\par}', PROGRAM],
    [
      'a.odt',
      odfOf({
        kind: 'text',
        body: '<text:p>if x:</text:p><text:p><text:s text:c="4"/>return 1</text:p><text:p><text:tab/>else</text:p>',
      }),
      PROGRAM,
    ],
    ['a.html', '<!doctype html>\n  <p>if x:\n  <pre>    return 1\n\telse</pre>', 'if x:\n\n    return 1\n\telse\n'],
    [
      'a.epub',
      epubOf({ pages: { 'a.xhtml': '<p>if x:</p>\n  <pre>    return 1\n\telse</pre>' } }),
      'if x:\n\n    return 1\n\telse\n',
    ],
  ])('is kept where it counts: %s', async (filename, content, text) => {
    expect((await extractHere(filename, content)).text).toBe(text);
  });

  it('is not what the XML of a Word document is laid out with', async () => {
    const laidOut = '<w:r><w:t>\n      if x:</w:t></w:r><w:r><w:t> y</w:t></w:r>';
    expect(await docx(paragraph(laidOut))).toBe('if x: y\n');
  });

  it('is not one space that is left of what was deleted', async () => {
    expect(await docx(paragraph(`<w:del>${run('gone')}</w:del>${run(' rest')}`))).toBe('rest\n');
  });

  it('is that of its own line, and none in a heading, an item or a cell', async () => {
    expect(await docx(paragraph(`<w:r><w:tab/><w:br/></w:r>${run('  a')}`))).toBe('  a\n');
    const cells = table(['   b', '   c']);
    expect(await docx(styled('berschrift1', '   Title'), item(0, '   one'), cells)).toBe('# Title\n\n- one\n\nb\tc\n');
  });

  it('is looked for in no time, however many spaces there are', async () => {
    const spaces = `${' '.repeat(60_000)}\\line `;
    const { text } = await extractHere('a.rtf', `{\\rtf1\\ansi ${`${spaces}x\\par `.repeat(50)}}`);
    expect(text).toBe(`${'x\n\n'.repeat(49)}x\n`);
  });
});
