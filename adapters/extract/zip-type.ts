import { contentTypeOf, relationshipsOf, targetOf } from './ooxml.ts';
import { unsupported } from './unsupported.ts';
import { readXml } from './xml-reader.ts';
import type { Zip } from './zip.ts';

export interface ZipType {
  readonly mediaType: string;
  readonly kind: 'docx' | 'pptx' | 'xlsx' | 'odf' | 'epub';
  readonly main: string;
}

type Kind = Pick<ZipType, 'mediaType' | 'kind'>;

const OOXML = 'application/vnd.openxmlformats-officedocument';
const WORD = `${OOXML}.wordprocessingml`;
const SHEETS = `${OOXML}.spreadsheetml`;
const SLIDES = `${OOXML}.presentationml`;

/** By the content type of the main part, in lower case. A template or a document with macros has the text of any other. */
const OOXML_TYPES: ReadonlyMap<string, Kind> = new Map([
  [`${WORD}.document.main+xml`, { mediaType: `${WORD}.document`, kind: 'docx' }],
  [`${WORD}.template.main+xml`, { mediaType: `${WORD}.template`, kind: 'docx' }],
  withMacros('word.document', 'docx'),
  withMacros('word.template', 'docx', 'macroenabledtemplate'),
  [`${SLIDES}.presentation.main+xml`, { mediaType: `${SLIDES}.presentation`, kind: 'pptx' }],
  [`${SLIDES}.slideshow.main+xml`, { mediaType: `${SLIDES}.slideshow`, kind: 'pptx' }],
  [`${SLIDES}.template.main+xml`, { mediaType: `${SLIDES}.template`, kind: 'pptx' }],
  withMacros('powerpoint.presentation', 'pptx'),
  withMacros('powerpoint.slideshow', 'pptx'),
  withMacros('powerpoint.template', 'pptx'),
  [`${SHEETS}.sheet.main+xml`, { mediaType: `${SHEETS}.sheet`, kind: 'xlsx' }],
  [`${SHEETS}.template.main+xml`, { mediaType: `${SHEETS}.template`, kind: 'xlsx' }],
  withMacros('excel.sheet', 'xlsx'),
  withMacros('excel.template', 'xlsx'),
]);

/** Its parts are no XML. */
const BINARY_WORKBOOK = 'application/vnd.ms-excel.sheet.binary.macroenabled.main';

function withMacros(name: string, kind: Kind['kind'], word = 'macroenabled'): [string, Kind] {
  const mediaType = `application/vnd.ms-${name}.macroenabled.12`;
  return [`application/vnd.ms-${name}.${word}.main+xml`, { mediaType, kind }];
}

/**
 * What the parts of a zip make it; undefined for any other zip. Names decide nothing: any zip may have a `word/` in it.
 * @throws SourceFailure `unsupported-media-type` for a kind that is known and not read
 */
export async function zipTypeOf(zip: Zip): Promise<ZipType | undefined> {
  const named = zip.has('mimetype') ? await startOf(zip, 'mimetype') : await rootTypeOf(zip);
  if (named !== undefined && OPEN_DOCUMENTS.test(named)) return { mediaType: named, kind: 'odf', main: 'content.xml' };
  if (named === EPUB || (named === undefined && zip.has(EPUB_CONTAINER))) {
    return { mediaType: EPUB, kind: 'epub', main: EPUB_CONTAINER };
  }
  const found = await ooxmlType(zip);
  if (found === undefined && named !== undefined && MEDIA_TYPE.test(named)) throw unsupported(named);
  return found;
}

const EPUB = 'application/epub+zip';
const EPUB_CONTAINER = 'META-INF/container.xml';

/** Formulas and charts have no text of their own. */
const OPEN_DOCUMENTS =
  /^application\/vnd\.oasis\.opendocument\.(?:text|spreadsheet|presentation|graphics)(?:-template|-master)?$/;

const MEDIA_TYPE = /^[\w.+-]{1,60}\/[\w.+-]{1,120}$/;

/** @returns the text of a part that has one word, up to where it is longer than any. */
async function startOf(zip: Zip, part: string): Promise<string> {
  let start = '';
  for await (const chunk of zip.read(part)) {
    start += chunk.toString('latin1', 0, 200);
    if (start.length >= 200) break;
  }
  return start.trim();
}

/** What the manifest says of the whole, where the writer forgot to say it first. */
async function rootTypeOf(zip: Zip): Promise<string | undefined> {
  if (!zip.has('META-INF/manifest.xml') || !zip.has('content.xml')) return undefined;
  let type: string | undefined;
  await readXml(
    zip.read('META-INF/manifest.xml'),
    {
      open(name, attribute) {
        if (name === 'manifest:file-entry' && attribute('manifest:full-path') === '/') {
          type = attribute('manifest:media-type');
        }
        return undefined;
      },
    },
    { documentType: 'passed-over' },
  );
  return type;
}

async function ooxmlType(zip: Zip): Promise<ZipType | undefined> {
  if (!zip.has('[Content_Types].xml')) return undefined;
  const main = targetOf(await relationshipsOf(zip, ''), 'officeDocument');
  const contentType = main === undefined ? undefined : (await contentTypeOf(zip, main))?.toLowerCase();
  if (contentType === BINARY_WORKBOOK) {
    throw unsupported(BINARY_WORKBOOK.replace(/main$/, '12'), 'save it as XLSX or PDF and send that');
  }
  const type = contentType === undefined ? undefined : OOXML_TYPES.get(contentType);
  return main === undefined || type === undefined ? undefined : { ...type, main };
}
