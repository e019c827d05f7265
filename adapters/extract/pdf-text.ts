import { getResolvedPDFJS } from 'unpdf';
import { SourceFailure } from '../../domain/errors.ts';
import type { Document } from './document.ts';
import { CMapFiles } from './pdf-cmaps.ts';
import { fieldsIn } from './pdf-fields.ts';
import { watchingFonts } from './pdf-fonts.ts';
import { headingsIn } from './pdf-headings.ts';
import { createPdfLetters, type PdfLetters } from './pdf-letters.ts';
import { withLineEnds } from './pdf-line-ends.ts';
import { writePdfPage } from './pdf-lines.ts';
import { withFields } from './pdf-placing.ts';
import { uprighted } from './pdf-turns.ts';

/** With this module and not with its first document: a reader that cannot be loaded is no fault of a document. */
const { AnnotationType, getDocument, VerbosityLevel } = await getResolvedPDFJS();

/** What fields are, of all that may lie on a page. */
const FIELDS = new Set([AnnotationType.WIDGET, AnnotationType.FREETEXT]);

/** Pages that are looked through for fields at once. To look at one alone costs a look at the number of each other. */
const PAGES_AT_ONCE = 100;

type Task = ReturnType<typeof getDocument>;
type Pdf = Awaited<Task['promise']>;

export interface PdfTextOptions {
  readonly maxPages: number;
  write(text: string): void;
  onPage(pages: number, totalPages: number): void;
}

export interface PdfFound {
  readonly pages: number;
  readonly title?: string;
  /** A sentence on what may be missing in the text. */
  readonly note?: string;
}

/** Page by page, with a form feed between them, as pdftotext has it. */
export async function readPdf(document: Document, options: PdfTextOptions): Promise<PdfFound> {
  return watchingFonts(async (isFontUnreadable) => {
    const task = open(document);
    try {
      const pdf = await task.promise;
      const letters = createPdfLetters();
      const hasText = await writePages(pdf, letters, options);
      if ((isFontUnreadable() || letters.isAnyLost) && !hasText) throw unreadableFonts();
      const title = await titleOf(pdf);
      const note = noteOn(isFontUnreadable(), letters);
      return {
        pages: pdf.numPages,
        ...(title !== undefined && { title }),
        ...(note !== undefined && { note }),
      };
    } catch (error) {
      throw pdfFailure(error);
    } finally {
      await task.destroy();
    }
  });
}

function noteOn(isFontUnreadable: boolean, letters: PdfLetters): string | undefined {
  if (isFontUnreadable) return 'The PDF has a font that cannot be read: what is written in it is missing.';
  if (!letters.isMuchLost) return undefined;
  return 'The PDF has signs of which its fonts do not say what letters they are: what is written in them is missing.';
}

/** No fonts are drawn, so none are loaded; and no code of a document is ever compiled. */
function open(document: Document): Task {
  return getDocument({
    data: new Uint8Array(document.read(0, document.bytes)),
    isEvalSupported: false,
    useSystemFonts: false,
    disableFontFace: true,
    useWorkerFetch: false,
    useWasm: false,
    BinaryDataFactory: CMapFiles,
    cMapPacked: true,
    verbosity: VerbosityLevel.WARNINGS,
  });
}

/** @returns whether any of them has text. */
async function writePages(
  pdf: Pdf,
  letters: PdfLetters,
  { maxPages, write, onPage }: PdfTextOptions,
): Promise<boolean> {
  if (pdf.numPages > maxPages) {
    throw new SourceFailure('document-too-large', `The PDF has more than ${maxPages} pages: split it.`);
  }
  let hasText = false;
  const writeLines = (text: string) => {
    hasText ||= text.trim() !== '';
    write(text);
  };
  const isTagged = (await pdf.getMarkInfo().catch(() => null))?.Marked === true;
  let withFieldsOn: ReadonlySet<number> = new Set();
  for (let number = 1; number <= pdf.numPages; number += 1) {
    const page = await pdf.getPage(number);
    const { items } = await page.getTextContent({ includeMarkedContent: isTagged });
    // A tree or an annotation that is damaged is none: the text is there all the same.
    const tags = isTagged ? await page.getStructTree().catch(() => null) : null;
    if (number % PAGES_AT_ONCE === 1) withFieldsOn = await pagesWithFields(pdf, number);
    const fields = withFieldsOn.has(number) ? fieldsIn(await page.getAnnotations().catch(() => [])) : [];
    if (number > 1) write('\f');
    const upright = uprighted({ items: letters.readable(items), fields });
    const placed = withFields({ ...upright, items: withLineEnds(upright.items) });
    writePdfPage(placed, headingsIn(tags), writeLines);
    page.cleanup();
    onPage(number, pdf.numPages);
  }
  return hasText;
}

/** Among the next ones from this page on. Most of what lies on pages are links, and each costs as much to read as a line. */
async function pagesWithFields(pdf: Pdf, first: number): Promise<ReadonlySet<number>> {
  const others = new Set(Array.from({ length: pdf.numPages }, (_, index) => index));
  for (let index = first - 1; index < first - 1 + PAGES_AT_ONCE; index += 1) others.delete(index);
  const found = await pdf.getAnnotationsByType(FIELDS, others).catch(() => []);
  return new Set((found ?? []).map((annotation) => ('pageIndex' in annotation ? Number(annotation.pageIndex) + 1 : 0)));
}

async function titleOf(pdf: Pdf): Promise<string | undefined> {
  const { info } = await pdf.getMetadata();
  const title = 'Title' in info && typeof info.Title === 'string' ? info.Title.replace(/\s+/g, ' ').trim() : '';
  return title === '' ? undefined : title;
}

function unreadableFonts(): SourceFailure {
  return new SourceFailure(
    'document-broken',
    'The text of this PDF is in a font that cannot be read: save or print it anew, with its fonts in it.',
  );
}

function pdfFailure(error: unknown): unknown {
  if (error instanceof SourceFailure || error instanceof RangeError) return error;
  const name = error instanceof Error ? error.name : '';
  if (name === 'PasswordException') {
    return new SourceFailure('document-encrypted', 'The PDF needs a password: remove it and send the PDF again.', {
      cause: error,
    });
  }
  return new SourceFailure('document-broken', 'The PDF is damaged and cannot be read: save or print it anew.', {
    cause: error,
  });
}
