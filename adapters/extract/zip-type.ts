import { contentTypeOf, relationshipsOf, targetOf } from './ooxml.ts';
import type { Zip } from './zip.ts';

export interface ZipType {
  readonly mediaType: string;
  readonly kind: 'docx';
  readonly main: string;
}

const OOXML = 'application/vnd.openxmlformats-officedocument';

/** Content types of main parts. A template or a document with macros has the text of any other. */
const OOXML_TYPES: Readonly<Record<string, Pick<ZipType, 'mediaType' | 'kind'>>> = {
  [`${OOXML}.wordprocessingml.document.main+xml`]: {
    mediaType: `${OOXML}.wordprocessingml.document`,
    kind: 'docx',
  },
  [`${OOXML}.wordprocessingml.template.main+xml`]: {
    mediaType: `${OOXML}.wordprocessingml.template`,
    kind: 'docx',
  },
  'application/vnd.ms-word.document.macroenabled.main+xml': {
    mediaType: 'application/vnd.ms-word.document.macroenabled.12',
    kind: 'docx',
  },
  'application/vnd.ms-word.template.macroenabledtemplate.main+xml': {
    mediaType: 'application/vnd.ms-word.template.macroenabled.12',
    kind: 'docx',
  },
};

/** What the parts of a zip make it; undefined for any other zip. Names decide nothing: any zip may have a `word/` in it. */
export async function zipTypeOf(zip: Zip): Promise<ZipType | undefined> {
  return ooxmlType(zip);
}

async function ooxmlType(zip: Zip): Promise<ZipType | undefined> {
  if (!zip.has('[Content_Types].xml')) return undefined;
  const main = targetOf(await relationshipsOf(zip, ''), 'officeDocument');
  const contentType = main === undefined ? undefined : (await contentTypeOf(zip, main))?.toLowerCase();
  if (main === undefined || contentType === undefined || !Object.hasOwn(OOXML_TYPES, contentType)) return undefined;
  return { ...OOXML_TYPES[contentType]!, main };
}
