import type { Document } from './document.ts';
import type { Load } from './load.ts';
import { openZip, type Zip } from './zip.ts';
import { type ZipType, zipTypeOf } from './zip-type.ts';

/** A document that is a zip of parts. */
export interface ZipDocument extends ZipType {
  readonly zip: Zip;
}

/** What a reader of one of these formats is given. */
export interface ZipReading {
  readonly zip: Zip;
  /** The name of the part that the others are found from. */
  readonly main: string;
  readonly maxPages: number;
  write(text: string): void;
}

export interface ZipText {
  readonly title?: string;
  /** Of a presentation: its slides. The others are laid out only when they are shown. */
  readonly pages?: number;
}

/** @throws SourceFailure `document-broken`, `document-encrypted`, `document-too-many-parts`; undefined for any other zip. */
export async function openZipDocument(
  document: Document,
  onBytes: (bytes: number) => void,
): Promise<ZipDocument | undefined> {
  const zip = await openZip(document, onBytes);
  const type = await zipTypeOf(zip);
  return type && { ...type, zip };
}

/** Loads the reader of that kind only. */
export async function readZipDocument({ kind }: ZipDocument, reading: ZipReading, load: Load): Promise<ZipText> {
  switch (kind) {
    case 'docx':
      return (await load(() => import('./docx-text.ts'))).readDocx(reading);
    case 'pptx':
      return (await load(() => import('./pptx-text.ts'))).readPptx(reading);
    case 'xlsx':
      return (await load(() => import('./xlsx-text.ts'))).readXlsx(reading);
    case 'odf':
      return (await load(() => import('./odf-text.ts'))).readOdf(reading);
    case 'epub':
      return (await load(() => import('./epub-text.ts'))).readEpub(reading);
  }
}
