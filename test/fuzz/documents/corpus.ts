import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DOCX_DOCUMENTS } from '../../corpus/docx/documents.ts';
import { DOCX_FAILURES } from '../../corpus/docx/unreadable.ts';
import { EPUB_DOCUMENTS, EPUB_FAILURES } from '../../corpus/epub/documents.ts';
import { ODF_DOCUMENTS, ODF_FAILURES } from '../../corpus/odf/documents.ts';
import { OLE_DOCUMENTS } from '../../corpus/ole/documents.ts';
import { PDF_DOCUMENTS, PDF_FAILURES } from '../../corpus/pdf/documents.ts';
import { PPTX_DOCUMENTS, PPTX_FAILURES } from '../../corpus/pptx/documents.ts';
import { XLSX_DOCUMENTS, XLSX_FAILURES } from '../../corpus/xlsx/documents.ts';
import { HARMLESS } from '../../corpus/zip/hostile.ts';

export interface FuzzDocument {
  readonly filename: string;
  readonly bytes: Buffer;
}

const CORPUS = join(import.meta.dirname, '../../corpus');

const FOLDERS = ['csv', 'html', 'json', 'mail', 'markdown', 'rtf', 'text', 'xml'];

/** Larger ones are slow to change, and no more telling. */
const MAX_BYTES = 100_000;

function files(folder: string): FuzzDocument[] {
  return readdirSync(join(CORPUS, folder))
    .filter((name) => !name.endsWith('.expected.txt'))
    .toSorted()
    .map((filename) => ({ filename, bytes: readFileSync(join(CORPUS, folder, filename)) }));
}

/** Every document of the corpus, those without a text too. */
export const FUZZ_CORPUS: readonly FuzzDocument[] = [
  ...DOCX_DOCUMENTS,
  ...DOCX_FAILURES,
  ...EPUB_DOCUMENTS,
  ...EPUB_FAILURES,
  ...ODF_DOCUMENTS,
  ...ODF_FAILURES,
  ...OLE_DOCUMENTS,
  ...PPTX_DOCUMENTS,
  ...PPTX_FAILURES,
  ...XLSX_DOCUMENTS,
  ...XLSX_FAILURES,
  ...HARMLESS,
  // Three times each: their reader is the largest, and the only one that is not ours.
  ...[...PDF_DOCUMENTS, ...PDF_FAILURES, ...PDF_DOCUMENTS, ...PDF_DOCUMENTS],
  ...FOLDERS.flatMap(files),
].filter(({ bytes }) => bytes.length <= MAX_BYTES);
