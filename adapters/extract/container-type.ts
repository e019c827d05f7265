import { SourceFailure } from '../../domain/errors.ts';
import type { Document } from './document.ts';
import type { Load } from './load.ts';
import { oleNamesOf } from './ole-names.ts';
import { unsupported } from './unsupported.ts';
import type { ZipDocument } from './zip-document.ts';

/** A part, or the end of the table of contents of a zip without parts. */
const ZIP_STARTS = ['504b0304', '504b0506'];

const OLE_START = 'd0cf11e0a1b11ae1';

/**
 * @param head the first bytes of the document.
 * @returns undefined for what is no container at all.
 * @throws SourceFailure for one that is not read: `unsupported-media-type`, `document-encrypted`, `document-broken`
 */
export async function containerOf(
  document: Document,
  head: Buffer,
  load: Load,
  onBytes: (bytes: number) => void,
): Promise<ZipDocument | undefined> {
  const start = head.toString('hex', 0, 8);
  if (start === OLE_START) throw oleFailure(oleNamesOf(document));
  if (!ZIP_STARTS.includes(start.slice(0, 8))) return undefined;
  const { openZipDocument } = await load(() => import('./zip-document.ts'));
  const found = await openZipDocument(document, onBytes);
  if (!found) throw unsupported('application/zip');
  return found;
}

/** By the name of a stream that each has. */
const OLE_TYPES = [
  { stream: 'WordDocument', mediaType: 'application/msword', saveAs: 'DOCX' },
  { stream: 'Workbook', mediaType: 'application/vnd.ms-excel', saveAs: 'XLSX' },
  { stream: 'Book', mediaType: 'application/vnd.ms-excel', saveAs: 'XLSX' },
  { stream: 'PowerPoint Document', mediaType: 'application/vnd.ms-powerpoint', saveAs: 'PPTX' },
];

/** What Office wrote before 2007, and what it wraps a document with a password in. */
function oleFailure(names: ReadonlySet<string>): SourceFailure {
  if (names.has('EncryptedPackage')) {
    return new SourceFailure('document-encrypted', 'The document needs a password: remove it and send it again.');
  }
  const found = OLE_TYPES.find(({ stream }) => names.has(stream));
  if (found) return unsupported(found.mediaType, `save it as ${found.saveAs} or PDF and send that`);
  return unsupported(names.has('__properties_version1.0') ? 'application/vnd.ms-outlook' : 'application/x-cfb');
}
