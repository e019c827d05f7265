import { describe, expect, it } from 'vitest';
import { extractHere } from './extract-here.ts';

const textOf = async (body: string) => (await extractHere('a.html', `<!doctype html><html><body>${body}`)).text;

describe('a table of a page', () => {
  /** A cell of two paragraphs broke its row in two. */
  it('has each row in one line, whatever stands in its cells', async () => {
    expect(
      await textOf(
        '<table><tr><td>x<td><p>l1</p><p>l2</p><td><ul><li>a<li>b</ul><td>1<br>2<td><pre>p\n\tq</pre><td>z<tr><td><p>l1</p><p>l2</p></td><td><br>y</td></table>end',
      ),
    ).toBe('x\tl1 l2\t- a - b\t1 2\tp q\tz\nl1 l2\ty\n\nend\n');
  });

  it('has empty cells for those that another one spans', async () => {
    expect(
      await textOf(
        '<table><tr><td colspan=2>ab<td>c<td rowspan=3>d<tr><td>1<td rowspan="2" colspan="2">23<tr><td>x<tr><td>1<td>2<td>3<td>4</table>',
      ),
    ).toBe('ab\t\tc\td\n1\t23\t\t\nx\t\t\t\n1\t2\t3\t4\n');
  });

  it('ends what spans rows with its head and body', async () => {
    expect(
      await textOf(
        '<table><thead><tr><th rowspan=5>h<th>i</thead><tbody><tr><td rowspan=0>a<td>b<tr><td>c</tbody><tfoot><tr><td>e<td>f</table>',
      ),
    ).toBe('h\ti\na\tb\n\tc\ne\tf\n');
  });

  it('keeps its columns apart from those of a table in a cell', async () => {
    expect(
      await textOf(
        '<table><tr><td rowspan=2>a<td><table><tr><td rowspan=9>i<td>j<tr><td>k</table><td>z<tr><td>b<td>c</table>end',
      ),
    ).toBe('a\ti\tj\n\tk\tz\n\tb\tc\n\nend\n');
  });

  it('leaves paragraphs what they are where the table is a layout', async () => {
    expect(
      await textOf(
        '<table><tr><td><h1>News</h1><p>one</p><p>two<br>three</p><tr><td><p>four</p><p>five</p></td></tr></table>end',
      ),
    ).toBe('# News\n\none\n\ntwo\nthree\n\nfour\n\nfive\n\nend\n');
  });

  it('does not swallow the rest of a page where it is never closed', async () => {
    const rest = `${'word '.repeat(7_000).trim()}`;
    expect(await textOf(`<table><tr><td>a<td>b<p>c<div>${rest}</div><p>d<p>e`)).toBe(`a\tb c ${rest}\n\nd\n\ne\n`);
  });

  it.each([
    ['columns', 'colspan=1000000', `a${'\t'.repeat(100)}b\nc\td\n`],
    ['rows', 'rowspan=99999999999', 'a\tb\n\tc\td\n'],
    ['columns and rows', 'colspan=4294967297 rowspan=4294967297', `a${'\t'.repeat(100)}b\n${'\t'.repeat(100)}c\td\n`],
    ['no columns and rows', 'colspan=-1 rowspan=-1', 'a\tb\nc\td\n'],
    ['what is no number', 'colspan=all rowspan', 'a\tb\nc\td\n'],
  ])('may span any number of %s', async (_what, attributes, expected) => {
    expect(await textOf(`<table><tr><td ${attributes}>a<td>b<tr><td>c<td>d</table>`)).toBe(expected);
  });

  it('has a thousand columns at most that others can span, and any number of cells', async () => {
    const row = '<td colspan=100 rowspan=1000>a'.repeat(2_000);
    const text = await textOf(`<table><tr>${row}<tr><td>b</table>`);
    expect(text).toBe(
      `${`a${'\t'.repeat(100)}`.repeat(9)}a${`\t`.repeat(100)}${'a\t'.repeat(1_989)}a\n${'\t'.repeat(1_000)}b\n`,
    );
  });
});

describe('a heading of a page', () => {
  it('is one line', async () => {
    expect(await textOf('<h1>Head<br>line<br>\n<br>three</h1><p>a<br>b</p><h2><div>Sub<br>head</div></h2>c')).toBe(
      '# Head line three\n\na\nb\n\n## Sub head\n\nc\n',
    );
  });

  it('does not go on to the end of the page where another end tag closes it', async () => {
    expect(await textOf('<h1>Head</h2><p>a<br>b</p>c')).toBe('# Head\n\na\nb\n\nc\n');
  });
});

describe('what a page hides', () => {
  it.each([
    ['an attribute', '<p hidden>no</p>'],
    ['an attribute of XHTML', '<p hidden="hidden">no<b>no</b></p>'],
    ['its style', '<p style="color: red; DISPLAY : none">no</p>'],
    ['a style that none overrides', "<p style='display:none!important;x:y'>no<br>no</p>"],
    ['an element around it', '<div hidden><table><tr><td>no<td>no</table><pre>no</pre><ul><li>no</ul><h1>no</div>'],
    ['an element whose end is missing', '<div><section hidden><p>no<p>no</div>'],
  ])('by %s is left out', async (_how, hidden) => {
    expect(await textOf(`<p>a</p>${hidden}<p>b\n c</p><ul><li>d</ul>`)).toBe('a\n\nb c\n\n- d\n');
  });

  it('is no cell of a row', async () => {
    expect(await textOf('<table><tr><td>a<td style="display:none">no<td>b<tr hidden><td>no</table>')).toBe('a\tb\n');
  });

  it.each([
    ['all of it until a script shows it', '<html style="display:none"><body style="display:none" hidden><p>a</p>'],
    ['until it is searched for', '<p hidden="until-found">a</p>'],
    ['in another style', '<p style="--x-display:none;display:nonesuch;display:inline">a</p>'],
    ['in what is only called so', '<p data-hidden class="hidden" title="hidden">a</p>'],
  ])('is text all the same: %s', async (_what, page) => {
    expect((await extractHere('a.html', `<!doctype html>${page}`)).text).toBe('a\n');
  });
});

describe('a formula of a page', () => {
  const math = (inside: string) => `<p>So <math xmlns="http://www.w3.org/1998/Math/MathML">\n ${inside} </math> it is.`;
  const row = (...inside: readonly string[]) => `<mrow>${inside.join('\n')}</mrow>`;

  it.each([
    ['a half', '<mfrac><mn>1</mn> <mn>2</mn></mfrac>', '1/2'],
    ['sums', `<mfrac>${row('<mi>a</mi>', '<mo>+</mo>', '<mi>b</mi>')}<mi>c</mi></mfrac>`, '(a+b)/c'],
    ['scripts', '<msup><mi>x</mi><mn>2</mn></msup><msub><mi>y</mi><mi>i</mi></msub>', 'x^2 y_i'],
    ['both', '<msubsup><mi>x</mi><mi>i</mi><mrow><mi>n</mi><mo>+</mo><mn>1</mn></mrow></msubsup>', 'x_i^(n+1)'],
    [
      'a sum',
      '<munderover><mo>∑</mo><mrow><mi>i</mi><mo>=</mo><mn>1</mn></mrow><mi>n</mi></munderover><mi>i</mi>',
      '∑_(i=1)^n i',
    ],
    ['roots', '<msqrt><mi>x</mi><mo>+</mo><mn>1</mn></msqrt><mroot><mi>x</mi><mn>3</mn></mroot>', '√(x+1)√(3&x)'],
    ['a limit', '<munder><mi>lim</mi><mi>x</mi></munder><mo>&#x2061;</mo><mi>f</mi>', 'lim_x f'],
    ['accents', '<mover><mi>v</mi><mo>→</mo></mover><mover><mi>x</mi><mo>*</mo></mover>', 'v\u20d7 x^(*)'],
    [
      'a matrix',
      '<mo>(</mo><mtable><mtr><mtd><mi>a</mi></mtd><mtd><mi>b</mi></mtd></mtr><mtr><mtd><mi>c</mi></mtd></mtr></mtable><mo>)</mo>',
      '(a, b; c)',
    ],
    [
      'what is not shown',
      '<semantics><mi>a</mi><annotation encoding="application/x-tex">\\a</annotation><annotation-xml><ci>a</ci></annotation-xml></semantics><mphantom><mi>b</mi></mphantom>',
      'a',
    ],
    ['a prefix', '<m:mfrac><m:mn>1</m:mn><m:mn>2</m:mn></m:mfrac>', '1/2'],
  ])('is one line: %s', async (_what, inside, line) => {
    expect(await textOf(math(inside))).toBe(`So ${line} it is.\n`);
  });

  it('ends with the paragraph that it stands in, closed or not', async () => {
    expect(await textOf('<p>a <math><mfrac><mn>1</mn><mn>2</mn><p>b <i>c</i></p><ul><li>d</ul></math>e')).toBe(
      'a 1/2\n\nb c\n\n- d\n\ne\n',
    );
  });

  /** Where a picture of it is shown. */
  it('is read where only it is hidden', async () => {
    expect(
      await textOf(
        '<p>So <span style="display: none">no<math><mfrac><mn>1</mn><mn>2</mn></mfrac></math>no</span><img alt="1/2"> it is<b hidden>no</b>.<p>end',
      ),
    ).toBe('So 1/2 it is.\n\nend\n');
  });
});

describe('a page that is made to do harm', () => {
  /** Each space looked through all those before it: a page of 18 MB took the whole time of a document. */
  it('may be nothing but spaces that are entities', async () => {
    expect(await textOf(`<p>a${'&nbsp;'.repeat(2_000_000)}b</p>`)).toBe(`a${'\u00a0'.repeat(1_000)}b\n`);
  });

  it('may have a tag of a million attributes, and one that does not end', async () => {
    const many = Array.from({ length: 1_000_000 }, (_, index) => `a${index}=1`).join(' ');
    expect(await textOf(`<p ${many} hidden>no</p>a<p hidden="`)).toBe('a\n');
  });
});
