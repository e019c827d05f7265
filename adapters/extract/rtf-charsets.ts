import { encodingNamed } from './text-encoding.ts';

const WESTERN = 'windows-1252';

/** Where the number of a code page is not the one in the name that TextDecoder has for it. */
const CODE_PAGES: Readonly<Record<number, string>> = {
  866: 'ibm866',
  874: 'windows-874',
  932: 'shift_jis',
  936: 'gb18030',
  949: 'euc-kr',
  950: 'big5',
  10000: 'macintosh',
  10007: 'x-mac-cyrillic',
  20866: 'koi8-r',
  21866: 'koi8-u',
  54936: 'gb18030',
  65001: 'utf-8',
};

/** The code page that Windows uses for each of its character sets, which a font has one of. */
const CHARACTER_SETS: Readonly<Record<number, number>> = {
  77: 10000,
  128: 932,
  129: 949,
  134: 936,
  136: 950,
  161: 1253,
  162: 1254,
  163: 1258,
  177: 1255,
  178: 1256,
  186: 1257,
  204: 1251,
  222: 874,
  238: 1250,
};

/** @returns the label of a code page; that of the western one for a code page that is not known here. */
export function encodingOfCodePage(codePage: number): string {
  const iso = codePage > 28590 && codePage < 28607 ? encodingNamed(`iso-8859-${codePage - 28590}`) : undefined;
  return CODE_PAGES[codePage] ?? iso ?? encodingNamed(`windows-${codePage}`) ?? WESTERN;
}

/** @returns undefined for the sets that every font has: such a font is written in the code page of the document. */
export function encodingOfCharacterSet(characterSet: number): string | undefined {
  const codePage = CHARACTER_SETS[characterSet];
  return codePage === undefined ? undefined : encodingOfCodePage(codePage);
}
