import type { Mutant, NamedTest } from './mutant.ts';

const test =
  (file: string) =>
  (title: string): NamedTest => ({ file: `test/adapters/extract/${file}.test.ts`, title });
const docx = test('docx-text');
const html = test('html-text');
const odf = test('odf-text');
const rtf = test('rtf-text');
const rows = test('table-rows');
const signs = test('office-signs');
const failures = test('worker-failure');
const documents = test('documents');
const words = test('word-count');

/** From a document to its text. */
export const EXTRACTING: readonly Mutant[] = [
  {
    name: 'section-asked-how-it-began',
    what: 'The form feed of a section of Word stands one section too late.',
    file: 'adapters/extract/docx-body.ts',
    find: `section += 1;
    if (sections[section] ?? true) block.pageBreak();`,
    replace: `if (sections[section] ?? true) block.pageBreak();
    section += 1;`,
    killedBy: [docx('begins as it says itself, which stands at its end')],
  },
  {
    name: 'cell-breaks-its-row',
    what: 'A cell of two paragraphs breaks the row of its table.',
    file: 'adapters/extract/cell-text.ts',
    find: "else out(place === 'row' ? inOneLine(text) : text);",
    replace: 'else out(text);',
    killedBy: [rows('in Word, whatever stands in its cells'), rows('on a slide')],
  },
  {
    name: 'first-cell-breaks-its-row',
    what: 'The first cell of a row keeps its line breaks, though others follow.',
    file: 'adapters/extract/cell-text.ts',
    find: "out(next === 'row' ? inOneLine(held) : held)",
    replace: 'out(held)',
    killedBy: [rows('in OpenDocument')],
  },
  {
    name: 'cell-held-without-end',
    what: 'A page that is laid out with one cell is held whole, and comes out as one line where another cell follows.',
    file: 'adapters/extract/cell-text.ts',
    find: "if (place !== 'outside' && characters > MAX_CELL_CHARACTERS) enter('outside');",
    replace: '',
    killedBy: [rows('and a cell that is as long as a page waits for no other one')],
  },
  {
    name: 'spans-without-bounds',
    what: 'A few bytes of a page make millions of tabs.',
    file: 'adapters/extract/html-grid.ts',
    find: 'return span >= 1 ? Math.min(span, most) : 1;',
    replace: 'return span >= 1 ? span : 1;',
    killedBy: [html('may span any number of ')],
  },
  {
    name: 'hidden-elements-are-text',
    what: 'What a page hides is part of its text.',
    file: 'adapters/extract/html-text.ts',
    find: 'if (skipped > 0 || isHiddenAt(depth) || math.take(part)) return;',
    replace: 'if (skipped > 0 || math.take(part)) return;',
    killedBy: [html('is left out'), html('is no cell of a row')],
  },
  {
    name: 'hidden-sections-are-text',
    what: 'A section that OpenDocument hides is part of its text.',
    file: 'adapters/extract/odf-body.ts',
    find: "return attribute('text:display') === 'none';",
    replace: 'return false;',
    killedBy: [odf('is left out: a section with all that is in it')],
  },
  {
    name: 'every-range-error-is-memory',
    what: 'A mistake of a reader is told as a document that is too large for the memory.',
    file: 'adapters/extract/worker-failure.ts',
    find: 'if (error instanceof RangeError) return TOO_LARGE.test(error.message);',
    replace: 'if (error instanceof RangeError) return true;',
    killedBy: [failures('is a mistake of the reader with ')],
  },
  {
    name: 'headings-are-items',
    what: 'The headings of LibreOffice come out of RTF as items of lists.',
    file: 'adapters/extract/rtf-layout.ts',
    find: 'if (level !== undefined)',
    replace: 'if (level !== undefined && bullet === undefined)',
    killedBy: [rtf('are told by their level, though LibreOffice has an empty number before them')],
  },
  {
    name: 'pages-end-as-lines',
    what: 'The end of a page in RTF is no form feed.',
    file: 'adapters/extract/rtf-layout.ts',
    find: `leaveTable();
      block.pageBreak();`,
    replace: 'leaveTable();',
    killedBy: [rtf('end with a form feed')],
  },
  {
    name: 'comments-are-dropped',
    what: 'The comments of RTF are left out.',
    file: 'adapters/extract/rtf-words.ts',
    find: "  'annotation',\n",
    replace: '',
    killedBy: [rtf('follow the text that refers to them, and comments with who made them')],
  },
  {
    name: 'fractions-are-numbers',
    what: 'A half is read as twelve.',
    file: 'adapters/extract/office-math.ts',
    find: "=== 'noBar' ? '¦' : '/'",
    replace: "=== 'noBar' ? '¦' : ''",
    killedBy: [signs('is one line: ')],
  },
  {
    name: 'name-in-a-document-becomes-a-path',
    what: 'A PDF names any file that the parser can read, as the character map of its font.',
    file: 'adapters/extract/pdf-cmaps.ts',
    find: ' || !FILES.has(filename)',
    replace: '',
    killedBy: [
      {
        file: 'test/adapters/extract/pdf-cmaps.test.ts',
        title: 'are never looked for under a name that none of them has',
      },
    ],
  },
  {
    name: 'password-of-a-form-is-its-text',
    what: 'What somebody typed into the password field of a PDF goes into its text.',
    file: 'adapters/extract/pdf-fields.ts',
    find: 'hidden === true || password === true ||',
    replace: 'hidden === true ||',
    killedBy: [{ file: 'test/adapters/extract/pdf-fields.test.ts', title: 'is not what nobody sees there' }],
  },
  {
    name: 'unreadable-font-is-a-scan',
    what: 'A PDF whose font cannot be read is called one of scanned pictures.',
    file: 'adapters/extract/pdf-text.ts',
    find: '      if ((isFontUnreadable() || letters.isAnyLost) && !hasText) throw unreadableFonts();\n',
    replace: '',
    killedBy: [{ file: 'test/adapters/extract/pdf-fonts.test.ts', title: 'is not called a scan' }],
  },
  {
    name: 'table-is-read-column-by-column',
    what: 'The rows of a table in a PDF are taken apart as if its columns were prose.',
    file: 'adapters/extract/pdf-columns.ts',
    find: 'begin(GOES_ON) >= MIN_GOING_ON',
    replace: 'begin(GOES_ON) >= 0',
    killedBy: [{ file: 'test/adapters/extract/pdf-columns.test.ts', title: 'stay rows where they' }],
  },
  {
    name: 'byline-is-in-the-title',
    what: 'A small line in a PDF that begins to the right of a large one is put into that line.',
    file: 'adapters/extract/pdf-line-ends.ts',
    find: 'if (line && before && isInOtherLine(item, line)) {',
    replace: 'if (line && before && !item) {',
    killedBy: [
      documents('a large title and a small byline'),
      documents('the same from right to left'),
      documents('a sender to the right of the name of a firm'),
    ],
  },
  {
    name: 'raised-signs-are-lines',
    what: 'A price with raised cents and a paragraph with a large first letter are broken in two.',
    file: 'adapters/extract/pdf-line-ends.ts',
    find: 'return !isAbove || start - (lastStart + last.width) > BESIDE * piece.height;',
    replace: 'return true;',
    killedBy: [documents('small signs beside large ones')],
  },
  {
    name: 'brackets-as-they-look',
    what: 'In Hebrew and Arabic that Chrome printed, brackets close before they open.',
    file: 'adapters/extract/pdf-brackets.ts',
    find: 'return drawn > typed ? lines.map((line) => line.map(turned)) : lines;',
    replace: 'return lines;',
    killedBy: [documents('a page in Hebrew whose brackets are said to be what they look like')],
  },
  {
    name: 'letters-as-they-look',
    what: 'No word of Arabic that Chrome printed is found by who searches for it.',
    file: 'adapters/extract/pdf-lines.ts',
    find: '\\u{fe70}-\\u{fefc}',
    replace: '',
    killedBy: [documents('a page in Arabic whose letters are said to be what they look like')],
  },
  {
    name: 'late-letters-at-the-end',
    what: 'Letters that were drawn last stand at the end of their line in a PDF, and not in their words.',
    file: 'adapters/extract/pdf-bidi.ts',
    find: 'return inPlace(pieces);',
    replace: 'return pieces;',
    killedBy: [documents('letters that were drawn last')],
  },
  {
    name: 'boxes-are-nul',
    what: 'Signs of a PDF that nobody can read are NUL characters in its text.',
    file: 'adapters/extract/pdf-letters.ts',
    find: "const str = item.str.replace(UNREADABLE, '');",
    replace: 'const str = item.str;',
    killedBy: [{ file: 'test/adapters/extract/pdf-fonts.test.ts', title: 'are told of where they are many' }],
  },
  {
    name: 'spread-words-are-cells',
    what: 'The words of a justified line in a narrow column are parted by tabs.',
    file: 'adapters/extract/pdf-justified.ts',
    find: 'if (!isSpread(line)) return line;',
    replace: 'if (line) return line;',
    killedBy: [documents('a narrow paragraph with a line that is spread out')],
  },
  {
    name: 'even-tables-are-prose',
    what: 'A table whose gaps are all alike loses its cells.',
    file: 'adapters/extract/pdf-justified.ts',
    find: 'return isInParagraph ?',
    replace: 'return true || isInParagraph ?',
    killedBy: [documents('a narrow paragraph with a line that is spread out')],
  },
  {
    name: 'text-has-control-characters',
    what: 'What a document names by its number, a NUL or a bell, goes into the text and the preview.',
    file: 'adapters/extract/text-sink.ts',
    find: 'hasControls(found) ? withoutControls(found) : found',
    replace: 'found',
    killedBy: [words('are in no text: ')],
  },
  {
    name: 'chinese-is-one-word',
    what: 'A line of Chinese or Japanese is one word.',
    file: 'adapters/extract/word-count.ts',
    find: 'if (code >= 0x2e80) far(code);',
    replace: 'if (code > 0xffff) far(code);',
    killedBy: [words('are what word processors count: ')],
  },
  {
    name: 'thai-is-one-word',
    what: 'The words of a Thai text are told, which nobody can count by its spaces.',
    file: 'adapters/extract/word-count.ts',
    find: 'return unparted > UNPARTED_SHARE * characters ? undefined : words;',
    replace: 'return words;',
    killedBy: [words('are not told where nothing parts them: ')],
  },
  {
    name: 'code-is-not-indented',
    what: 'A program in a document of an office loses its indentation.',
    file: 'adapters/extract/block-text.ts',
    find: "return isSlip ? '' : indentation;",
    replace: "return '';",
    killedBy: [test('indentation')('is kept where it counts: ')],
  },
  {
    name: 'layout-of-xml-is-text',
    what: 'How the XML of a Word document is laid out is the indentation of its text.',
    file: 'adapters/extract/docx-body.ts',
    find: 'return areSpacesKept || paragraphs.at(-1)?.written ? text : text.trimStart();',
    replace: 'return text;',
    killedBy: [test('indentation')('is not what the XML of a Word document is laid out with')],
  },
  {
    name: 'signs-are-letters',
    what: 'A tick in a form of RTF is a letter with two dots.',
    file: 'adapters/extract/rtf-fonts.ts',
    find: 'return name !== undefined && hasSigns(name) ? name : undefined;',
    replace: 'return undefined;',
    killedBy: [rtf('are what they are in Unicode, in a font that has them in the places of letters')],
  },
];
