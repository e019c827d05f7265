import { SourceFailure } from '../../domain/errors.ts';
import { MAX_HELD_ENTRIES, MAX_TITLE_CHARACTERS } from './limits.ts';
import { resolvePart, tooManyEntries } from './ooxml.ts';
import { readXml } from './xml-reader.ts';
import type { Zip } from './zip.ts';

export interface EpubPackage {
  readonly title: string | undefined;
  /** References to pages, relative to the package, in the order that they are read in. */
  readonly chapters: readonly string[];
}

/** The first books had a document type in each of these. */
const OLD = { documentType: 'passed-over' } as const;

const PACKAGE_TYPE = 'application/oebps-package+xml';

/** @throws SourceFailure `document-broken` where there is no package */
export async function readPackageName(container: AsyncIterable<Buffer>): Promise<string> {
  let name: string | undefined;
  await readXml(
    container,
    {
      open(element, attribute) {
        const type = attribute('media-type') ?? PACKAGE_TYPE;
        if (element === 'container:rootfile' && type === PACKAGE_TYPE) name ??= attribute('full-path');
        return undefined;
      },
    },
    OLD,
  );
  if (name === undefined) {
    throw new SourceFailure('document-broken', 'The book is damaged, its table of contents is missing: save it anew.');
  }
  return resolvePart('', name);
}

/** What a page may be; pictures and sounds are in the order of reading too. */
const PAGES = new Set(['application/xhtml+xml', 'text/html', 'text/x-oeb1-document']);

export async function readPackage(opf: AsyncIterable<Buffer>): Promise<EpubPackage> {
  const pages = new Map<string, string>();
  const ids: string[] = [];
  let title = '';
  let inTitle = false;
  let titled = false;
  await readXml(
    opf,
    {
      open(name, attribute) {
        inTitle = name === 'dc:title' && !titled;
        if (name === 'opf:item' && PAGES.has(attribute('media-type')?.toLowerCase() ?? '')) {
          if (pages.size === MAX_HELD_ENTRIES) throw tooManyEntries();
          pages.set(attribute('id') ?? '', attribute('href') ?? '');
        }
        if (name === 'opf:itemref') {
          if (ids.length === MAX_HELD_ENTRIES) throw tooManyEntries();
          ids.push(attribute('idref') ?? '');
        }
        return undefined;
      },
      close() {
        titled ||= inTitle;
        inTitle = false;
      },
      text(part) {
        if (inTitle && title.length < MAX_TITLE_CHARACTERS) title += part;
      },
    },
    OLD,
  );
  const chapters = ids.map((id) => pages.get(id)).filter((href) => href !== undefined);
  return { title: title.replace(/\s+/g, ' ').trim() || undefined, chapters };
}

/** Fonts are made useless for others in these ways, and every reader may undo them. */
const FONTS_ONLY = new Set(['http://www.idpf.org/2008/embedding', 'http://ns.adobe.com/pdf/enc#RC']);

/** @returns the names, in lower case, of the parts that only the programs of a seller can read. */
export async function readEncryptedParts(zip: Zip): Promise<ReadonlySet<string>> {
  const parts = new Set<string>();
  if (!zip.has('META-INF/encryption.xml')) return parts;
  let algorithm = '';
  await readXml(
    zip.read('META-INF/encryption.xml'),
    {
      open(name, attribute) {
        if (name === 'enc:EncryptedData') algorithm = '';
        if (name === 'enc:EncryptionMethod') algorithm = attribute('Algorithm') ?? '';
        if (name === 'enc:CipherReference' && !FONTS_ONLY.has(algorithm)) {
          if (parts.size === MAX_HELD_ENTRIES) throw tooManyEntries();
          parts.add(resolvePart('', attribute('URI') ?? '').toLowerCase());
        }
        return undefined;
      },
    },
    OLD,
  );
  return parts;
}
