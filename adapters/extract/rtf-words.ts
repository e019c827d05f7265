import { symbolOf } from './symbol-fonts.ts';

/** Groups that are not the text of the document, or say again what is in another one. All else that is marked with \* is skipped too. */
export const SKIPPED = new Set(
  'colortbl listtable listoverridetable revtbl rsidtbl filetbl pict nonshppict objdata header headerl headerr headerf footer footerl footerr footerf ftnsep ftnsepc ftncn aftnsep aftnsepc aftncn bkmkstart bkmkend nonesttables shprslt sp xe tc rxe txe private template comment atnid atrfstart atrfend'.split(
    ' ',
  ),
);

/** Groups that are marked as unknown to old readers and have text all the same. */
export const MARKED_TEXT = new Set([
  'shpinst',
  'nesttableprops',
  'footnote',
  'annotation',
  'atnauthor',
  'fldinst',
  'ud',
]);

/** Words and signs that are one character each. A map: any word may be looked up. */
export const CHARACTERS: ReadonlyMap<string, string> = new Map(
  Object.entries({
    '~': '\u00a0',
    _: '\u2011',
    '\\': '\\',
    '{': '{',
    '}': '}',
    emdash: '—',
    endash: '–',
    lquote: '‘',
    rquote: '’',
    ldblquote: '“',
    rdblquote: '”',
    bullet: '•',
    emspace: '\u2003',
    enspace: '\u2002',
    qmspace: '\u2005',
    zwj: '\u200d',
    zwnj: '\u200c',
    ltrmark: '\u200e',
    rtlmark: '\u200f',
  }),
);

/** Words that mean the same as another one where only text counts. */
export const ALIASES: ReadonlyMap<string, string> = new Map(
  Object.entries({
    '\n': 'par',
    '\r': 'par',
    column: 'line',
    nestrow: 'nestcell',
    sbkeven: 'sbkpage',
    sbkodd: 'sbkpage',
    sbkcol: 'sbknone',
  }),
);

/** Groups whose text is not the document's, but says something of it. */
export const DESTINATIONS = {
  fonttbl: 'fonts',
  stylesheet: 'styles',
  info: 'information',
  listtext: 'bullet',
  pntext: 'bullet',
  atnauthor: 'author',
  fldinst: 'instruction',
} as const;

/** A field that is one sign of a font of signs: its number, and the font. */
const SYMBOL_FIELD = /^\s*SYMBOL\s+(0x[0-9a-f]{1,4}|\d{1,5})\b.*\\f\s+"?([^"\\]{1,100})/i;

/** @returns undefined where the instruction of a field is another one. */
export function symbolOfField(instruction: string): string | undefined {
  const [, number, font] = SYMBOL_FIELD.exec(instruction) ?? [];
  return number === undefined ? undefined : symbolOf(font, Number(number).toString(16));
}

export const NOTES = new Set(['footnote', 'annotation']);

/** What is no text where it is hidden; the others say what the text after it is. */
export const HIDEABLE = new Set(['par', 'line', 'tab', 'page', 'nestcell', 'shptxt', ...NOTES]);
