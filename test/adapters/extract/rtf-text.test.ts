import { describe, expect, it } from 'vitest';
import { extractHere } from './extract-here.ts';

const STYLES =
  '{\\stylesheet{\\ql\\snext0 Normal;}{\\s1\\sbasedon0\\snext0\\outlinelevel0 heading 1;}{\\s2\\sbasedon0\\snext0 heading 2;}{\\s3\\sbasedon2 Kapitel;}{\\s4\\sbasedon1\\outlinelevel9 Vorspann;}{\\s5 Title;}{\\*\\cs6 \\additive heading 3;}{\\s7\\sbasedon8 a;}{\\s8\\sbasedon7 b;}}';

const textOf = async (body: string) => (await extractHere('a.rtf', `{\\rtf1\\ansi\\ansicpg1252${STYLES}${body}}`)).text;

const para = (text: string, properties = '') => `\\pard\\plain ${properties}{${text}}\\par\n`;

/** They came out as items of lists, because an outline has a place for a number before each of them. */
describe('headings of RTF', () => {
  it('are told by their level, though LibreOffice has an empty number before them', async () => {
    const number = '{\\listtext\\tab}';
    expect(
      await textOf(
        `${para('First chapter', `\\s1\\loch${number}\\ls1\\ilvl0\\outlinelevel0 `)}${para('Text.')}${para('A part', `${number}\\ilvl1\\outlinelevel1\\b `)}${para('Deep', '\\outlinelevel8 ')}`,
      ),
    ).toBe('# First chapter\n\nText.\n\n## A part\n\n###### Deep\n');
  });

  it('keep the number that Word wrote before them', async () => {
    expect(
      await textOf(
        para("Gesch\\'e4ft", '{\\listtext\\pard\\plain\\ltrch\\hich\\f0 1.1\\tab}\\s2\\outlinelevel1 ') +
          para('List', '{\\listtext\\pard\\plain 1)\\tab}\\ilvl1 '),
      ),
    ).toBe('## 1.1 Geschäft\n\n  1) List\n');
  });

  it('are told by their style, and by what that is based on', async () => {
    expect(
      await textOf(
        ['Eins', 'Zwei', 'Kapitel', 'Vorspann', 'Titel', 'drei', 'Kreis', 'Kreis', 'fremd']
          .map((text, index) => para(text, `\\s${index + 1} `))
          .join(''),
      ),
    ).toBe('# Eins\n\n## Zwei\n\n## Kapitel\n\nVorspann\n\n# Titel\n\ndrei\n\nKreis\n\nKreis\n\nfremd\n');
  });

  it('are none where the paragraph says so, nor the paragraph after them', async () => {
    expect(await textOf(`${para('Not', '\\s1\\outlinelevel9 ')}\\pard\\s1 Head\\par\\pard after\\par`)).toBe(
      'Not\n\n# Head\n\nafter\n',
    );
  });

  it('are one line', async () => {
    expect(await textOf(`${para('Head\\line line', '\\s1 ')}${para('a\\line b')}`)).toBe('# Head line\n\na\nb\n');
  });
});

describe('pages of RTF', () => {
  it('end with a form feed', async () => {
    expect(
      await textOf(
        `${para('one\\page ')}${para('two')}\\pard{\\page}\\par${para('three', '\\s2\\pagebb ')}${para('four', '\\pagebb0 ')}\\pard five\\page six\\par\\pard\\pagebb seven\\line\\v0 on\\par`,
      ),
    ).toBe('one\n\ftwo\n\f## three\n\nfour\n\nfive\n\fsix\n\fseven\non\n');
  });

  it('begin with a section, where the section says of itself that it does', async () => {
    expect(
      await textOf(
        'a\\sect\\sectd\\sbknone b\\sect c\\sect\\sectd d\\sect\\sectd\\sbkcol e\\sect\\sbkodd f\\sect\\sectd\\sbkpage\\pard\\plain g\\par\\sect\\sectd',
      ),
    ).toBe('a\n\nb\n\nc\n\fd\n\ne\n\ff\n\fg\n');
  });
});

describe('notes of RTF', () => {
  it('follow the text that refers to them, and comments with who made them', async () => {
    expect(
      await textOf(
        `${para('Word{\\super\\chftn{\\footnote\\pard\\plain\\s1{\\super\\chftn } Note one.\\par\\pard More of it.}} and{\\super\\chftn{\\*\\footnote\\ftnalt\\chftn\\pard\\plain At the end.}}.')}\\pard\\plain{\\*\\atrfstart 1}Really{\\*\\atrfend 1}{\\*\\atnid GH}{\\*\\atnauthor Grace H\\'f6pper}\\chatn{\\*\\annotation{\\*\\atnref 1}{\\*\\atndate 1}\\pard\\plain\\s17 Sure?\\par Yes.}!\\par\\pard{\\*\\annotation Nobody}{\\*\\atnauthor  }{\\*\\annotation\\par}end`,
      ),
    ).toBe(
      'Word[^1] and[^2].\n\nReally!\n\nend\n\n[^1]: Note one.\nMore of it.\n[^2]: At the end.\nComment (Grace Höpper): Sure?\nYes.\nComment (Grace Höpper): Nobody\n',
    );
  });

  it('may stand in a cell and have one, and are hidden with what refers to them', async () => {
    expect(
      await textOf(
        '\\trowd\\cellx1\\cellx2\\pard\\intbl a{\\footnote\\pard\\intbl n\\cell m\\row\\page\\sect o}\\cell b\\cell\\row\\pard{\\v hidden{\\footnote\\plain no}{\\*\\annotation\\plain no}}end{\\footnote open',
      ),
    ).toBe('a[^1]\tb\n\nend[^2]\n\n[^1]: n m o\n[^2]: open\n');
  });
});

describe('tables of RTF', () => {
  it('have each row in one line, whatever stands in its cells', async () => {
    expect(
      await textOf(
        `${para('before')}\\trowd\\cellx1\\cellx2\\cellx3\\pard\\intbl x\\cell l1\\par l2\\line l3\\tab l4\\cell\\pard\\s1 z\\cell\\row\\pard\\trowd\\pard\\intbl\\cell{\\listtext\\'b7\\tab}i\\par{\\listtext\\'b7\\tab}j\\cell\\cell\\row\\trowd\\pard\\intbl\\cell\\cell\\cell\\row${para('after')}`,
      ),
    ).toBe('before\n\nx\tl1 l2 l3 l4\t# z\n\t- i - j\t\n\nafter\n');
  });

  it('are apart where an empty paragraph stands between them', async () => {
    const row = '\\trowd\\cellx1\\cellx2\\pard\\intbl a\\cell b\\cell\\row ';
    expect(await textOf(`${row}${row}\\pard\\par${row}`)).toBe('a\tb\na\tb\n\na\tb\n');
  });

  it('are read where their paragraphs do not say that they are in one, and end with one that has no end', async () => {
    expect(
      await textOf('\\trowd\\cellx1\\cellx2\\pard a\\cell b\\cell\\row\\trowd\\pard c\\cell d\\par\\pard e\\par f'),
    ).toBe('a\tb\nc\td\n\ne\n\nf\n');
  });

  it('have those in their cells in their row, and text boxes too', async () => {
    expect(
      await textOf(
        '\\trowd\\cellx1\\cellx2\\pard\\intbl x\\cell\\pard\\intbl\\itap2 i\\nestcell j\\nestcell{\\*\\nesttableprops\\trowd\\nestrow}\\pard\\intbl y{\\shp{\\*\\shpinst{\\shptxt\\pard box\\par}}}\\cell\\row\\pard end',
      ),
    ).toBe('x\ti j  y box\n\nend\n');
  });
});

it('puts the text boxes of RTF between what stands before and after them', async () => {
  const box = '{\\shp{\\*\\shpinst{\\shptxt\\pard Boxed\\par\\pard twice\\par}}}';
  expect(await textOf(`\\pard\\s1 Head${box} tail\\par\\pard\\s1${box}Head\\par`)).toBe(
    '# Head\n\nBoxed\n\ntwice\n\ntail\n\nBoxed\n\ntwice\n\n# Head\n',
  );
});

it('knows the paragraph after hidden words by what was said among them', async () => {
  expect(await textOf('\\pard\\s1 Head\\par\\v no\\pard\\plain yes\\par')).toBe('# Head\n\nyes\n');
});

describe('signs in RTF', () => {
  const FONTS =
    '{\\fonttbl{\\f0\\fcharset0 Arial;}{\\f1\\froman\\fcharset2 Symbol;}{\\f2\\fnil\\fcharset2{\\*\\panose 05}Wingdings;}{\\f3\\fcharset2 Rare Signs;}}';

  it('are what they are in Unicode, in a font that has them in the places of letters', async () => {
    expect(
      await textOf(
        `${FONTS}\\pard{\\f1 a\\'b3 b\\u-3998?} {\\f2\\'fc\\u-3844\\'fc\\'ff} {\\f3 a\\'95}\\par\\pard{\\pntext\\f2\\'a7\\tab}item\\par`,
      ),
    ).toBe('α≥ ββ ✓✓ a•\n\n- item\n');
  });

  it('are read from the field that is one, and from no other', async () => {
    const field = (instruction: string, result: string) =>
      `{\\field{\\*\\fldinst{ ${instruction} }}{\\fldrslt{${result}}}}`;
    expect(
      await textOf(
        `\\pard ${field('SYMBOL 252 \\\\f "Wingdings" \\\\s 12', '\\f14 x')} {\\field{\\*\\fldinst SYMBOL 0x61 \\\\f Symbol}} ${field('PAGE', '7')} ${field('SYMBOL', 'y')}\\par`,
      ),
    ).toBe('✓ α 7 y\n');
  });
});
