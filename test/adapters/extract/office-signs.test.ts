import { describe, expect, it } from 'vitest';
import { docxOf, paragraph, run } from '../../corpus/docx/docx.ts';
import { pptxOf, shape } from '../../corpus/pptx/pptx.ts';
import { extractHere } from './extract-here.ts';

const m = (name: string, ...inside: readonly string[]) => `<m:${name}>${inside.join('')}</m:${name}>`;
const t = (text: string) => m('r', m('t', text));
const sign = (name: string, value: string) => `<m:${name} m:val="${value}"/>`;
const fraction = (over: string, under: string, properties = '') =>
  m('f', m('fPr', properties), m('num', over), m('den', under));
const power = (base: string, exponent: string) => m('sSup', m('sSupPr', ''), m('e', base), m('sup', exponent));

const docx = async (content: string) => (await extractHere('a.docx', docxOf({ body: paragraph(content) }))).text;

/** A half was read as 12, and what stood in a formula of a slide as nothing. */
describe('a formula', () => {
  it.each([
    ['a half', fraction(t('1'), t('2')), '1/2'],
    ['a mixed number', t('3') + fraction(t('1'), t('2')) + t('kg'), '3 1/2 kg'],
    ['a fraction of sums', fraction(t('a') + t('+b'), t('2ab')), '(a+b)/(2ab)'],
    ['a fraction in a fraction', fraction(fraction(t('1'), t('x')), t('12.5')), '(1/x)/12.5'],
    ['a fraction without a bar', m('d', m('e', fraction(t('n'), t('k'), sign('type', 'noBar')))), '(n¦k)'],
    ['powers', `${power(t('e'), t('x+1'))}${t('y')}${power(t('z'), t('2'))}${t('0 2')}`, 'e^(x+1)yz^2 0 2'],
    ['a power of a sum', power(m('d', m('e', t('a+b'))), t('2')), '((a+b))^2'],
    ['an index', m('sSub', m('e', t('x')), m('sub', t('1'))) + t('+1'), 'x_1+1'],
    ['both', m('sSubSup', m('e', t('x')), m('sub', t('i,j')), m('sup', t('2'))), 'x_(i,j)^2'],
    ['an index before', m('sPre', m('sub', t('6')), m('sup', t('12')), m('e', t('C'))), '_6^12C'],
    ['a root', m('rad', m('radPr', sign('degHide', '1')), m('deg'), m('e', t('x+1'))), '√(x+1)'],
    ['a cube root', m('rad', m('deg', t('3')), m('e', t('x'))), '√(3&amp;x)'],
    [
      'a sum',
      m('nary', m('naryPr', sign('chr', '∑')), m('sub', t('i=1')), m('sup', t('n')), m('e', t('i'))),
      '∑_(i=1)^n i',
    ],
    ['an integral', m('nary', m('naryPr', ''), m('e', t('f dx'))), '∫ f dx'],
    [
      'a limit',
      m('func', m('fName', m('limLow', m('e', t('lim')), m('lim', t('x→0')))), m('e', t('x'))),
      'lim_(x→0) x',
    ],
    [
      'brackets',
      m('d', m('dPr', sign('begChr', '['), sign('sepChr', ';'), sign('endChr', '')), m('e', t('a')), m('e', t('b'))),
      '[a;b',
    ],
    [
      'a matrix',
      m('m', m('mr', m('e', t('a')), m('e', t('b'))), m('mr', m('e', t('c')), m('e', t('d')))),
      'a, b; c, d',
    ],
    [
      'an accent',
      m('acc', m('accPr', sign('chr', '̂')), m('e', t('x'))) + fraction(t('1'), m('bar', m('e', t('y')))),
      'x\u0302 1/y',
    ],
    ['what is hidden in it', t('a') + m('r', '<w:rPr><w:vanish/></w:rPr>', m('t', 'no')) + t('b'), 'ab'],
    ['parts that are missing', fraction('', '') + m('rad') + m('f') + m('sSup', m('e')), '/√/'],
  ])('is one line: %s', async (_what, formula, line) => {
    expect(await docx(`${run('So ')}<m:oMath>${formula}</m:oMath>${run(' it is.')}`)).toBe(
      `So ${line.replace('&amp;', '&')} it is.\n`,
    );
  });
});

describe('formulas of any size', () => {
  it('are the text that they are where they are too long to be one', async () => {
    const long = t('x').repeat(40_000);
    expect(
      await docx(`<m:oMath>${fraction(long, t('2'))}</m:oMath><m:oMath>${fraction(t('1'), t('2'))}</m:oMath>`),
    ).toBe(`${'x'.repeat(40_000)}21/2\n`);
  });

  it('may nest as deep as a document may, and are such text where it is too deep for one', async () => {
    const deep = (depth: number) =>
      `<m:oMath>${t('a')}${'<m:f><m:den>'.repeat(depth)}${t('x')}${'</m:den></m:f>'.repeat(depth)}${t('b')}</m:oMath>`;
    expect(await docx(deep(50) + deep(480) + deep(1))).toBe(`a${'/('.repeat(49)}/x${')'.repeat(49)}baxba/x b\n`);
  });
});

describe('a formula on a slide', () => {
  const MATH = 'xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math"';

  it('stands where it is, in its variant for programs of today', async () => {
    const formula = `<a14:m xmlns:a14="http://schemas.microsoft.com/office/drawing/2010/main"><m:oMathPara ${MATH}><m:oMath><m:r><a:rPr/><m:t>E=m</m:t></m:r>${power(t('c'), t('2'))}</m:oMath></m:oMathPara></a14:m>`;
    const both = (choice: string, fallback: string) =>
      `<mc:AlternateContent xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"><mc:Choice Requires="a14">${choice}</mc:Choice><mc:Fallback>${fallback}</mc:Fallback></mc:AlternateContent>`;
    const { text } = await extractHere(
      'a.pptx',
      pptxOf({
        slides: [
          {
            shapes: both(
              shape(
                'body',
                `<a:p><a:r><a:t>We know that </a:t></a:r>${formula}<a:r><a:t>, as we do.</a:t></a:r></a:p>`,
              ),
              shape('body', ' '),
            ),
          },
        ],
      }),
    );
    expect(text).toBe('We know that E=mc^2, as we do.\n');
  });
});

/** What was ticked in a form had no tick. */
describe('a sign of a font of signs', () => {
  it.each([
    ['Wingdings', 'F0FC', '✓'],
    ['Wingdings', 'FB', '✗'],
    ['wingdings', 'f0a8', '☐'],
    ['Wingdings', 'F0FE', '☑'],
    ['Wingdings', 'F0E0', '→'],
    ['Wingdings', 'F04A', '☺'],
    ['Wingdings', 'F08C', '❶'],
    ['Wingdings 2', 'F050', '✓'],
    ['Webdings', 'F061', '✔'],
    ['Symbol', 'F061', 'α'],
    ['Symbol', 'F0B3', '≥'],
    ['Symbol', 'F0E5', '∑'],
    ['Segoe UI Symbol', '2713', '✓'],
  ])('of %s, %s, is what it is in Unicode', async (font, code, expected) => {
    expect(await docx(`<w:r><w:t>a</w:t><w:sym w:font="${font}" w:char="${code}"/><w:t>b</w:t></w:r>`)).toBe(
      `a${expected}b\n`,
    );
  });

  it.each([
    ['Wingdings', 'F0FF'],
    ['Wingdings', 'F100'],
    ['constructor', 'F041'],
    ['Arial', 'D83D'],
    ['Arial', '0007'],
    ['Arial', '12345'],
    ['Symbol', 'F'],
    ['Symbol', ''],
    ['Symbol', 'tick'],
  ])('of %s, %s, is nothing where Unicode has none', async (font, code) => {
    expect(await docx(`<w:r><w:t>a</w:t><w:sym w:font="${font}" w:char="${code}"/><w:sym/><w:t>b</w:t></w:r>`)).toBe(
      'ab\n',
    );
  });
});
