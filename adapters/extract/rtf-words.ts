/** Groups that are not the text of the document, or say again what is in another one. All else that is marked with \* is skipped too. */
export const SKIPPED = new Set(
  'colortbl listtable listoverridetable revtbl rsidtbl filetbl pict nonshppict objdata header headerl headerr headerf footer footerl footerr footerf ftnsep ftnsepc ftncn aftnsep aftnsepc aftncn fldinst bkmkstart bkmkend nonesttables shprslt sp xe tc rxe txe private template comment atnid atrfstart atrfend'.split(
    ' ',
  ),
);

/** Groups that are marked as unknown to old readers and have text all the same. */
export const MARKED_TEXT = new Set(['shpinst', 'nesttableprops', 'footnote', 'annotation', 'atnauthor', 'ud']);

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
