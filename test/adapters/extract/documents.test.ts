import { describe, expect, it } from 'vitest';
import type { CorpusDocument, UnreadableDocument } from '../../corpus/document.ts';
import { DOCX_DOCUMENTS } from '../../corpus/docx/documents.ts';
import { DOCX_FAILURES } from '../../corpus/docx/unreadable.ts';
import { EPUB_DOCUMENTS, EPUB_FAILURES } from '../../corpus/epub/documents.ts';
import { ODF_DOCUMENTS, ODF_FAILURES } from '../../corpus/odf/documents.ts';
import { PDF_DOCUMENTS, PDF_FAILURES } from '../../corpus/pdf/documents.ts';
import { PPTX_DOCUMENTS, PPTX_FAILURES } from '../../corpus/pptx/documents.ts';
import { XLSX_DOCUMENTS, XLSX_FAILURES } from '../../corpus/xlsx/documents.ts';
import { extractHere } from './extract-here.ts';

const CORPUS: readonly CorpusDocument[] = [
  ...DOCX_DOCUMENTS,
  ...PPTX_DOCUMENTS,
  ...XLSX_DOCUMENTS,
  ...ODF_DOCUMENTS,
  ...EPUB_DOCUMENTS,
  ...PDF_DOCUMENTS,
];

const FAILURES: readonly UnreadableDocument[] = [
  ...DOCX_FAILURES,
  ...PPTX_FAILURES,
  ...XLSX_FAILURES,
  ...ODF_FAILURES,
  ...EPUB_FAILURES,
  ...PDF_FAILURES,
];

describe('the text of', () => {
  it.each(CORPUS.map((each) => [each.about, each] as const))('%s', async (_, { filename, bytes, ...expected }) => {
    const { text, mediaType, title, pages, note } = await extractHere(filename, bytes);
    expect(text).toBe(expected.text);
    expect({ mediaType, title, pages, note }).toEqual({
      mediaType: expected.mediaType,
      title: expected.title,
      pages: expected.pages,
      note: undefined,
    });
  });
});

describe('there is no text in', () => {
  it.each(FAILURES.map((each) => [each.about, each] as const))('%s', async (_, { filename, bytes, code, says }) => {
    const error = await extractHere(filename, bytes).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ name: 'SourceFailure', code, message: expect.stringContaining(says ?? '') });
  });
});

describe('the name of a document that is a zip', () => {
  it('is noted where it says another kind, and where it says text', async () => {
    const { bytes } = DOCX_DOCUMENTS[0]!;
    expect((await extractHere('a.xlsx', bytes)).note).toMatch(/^The name says .*spreadsheetml.* is .*wordprocessingml/);
    expect((await extractHere('a.txt', bytes)).note).toMatch(/^The name says text\/plain/);
    expect((await extractHere('a.bin', bytes)).note).toBeUndefined();
  });
});
