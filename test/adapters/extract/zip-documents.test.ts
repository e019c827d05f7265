import { describe, expect, it } from 'vitest';
import type { CorpusDocument } from '../../corpus/document.ts';
import { DOCX_DOCUMENTS } from '../../corpus/docx/documents.ts';
import { extractHere } from './extract-here.ts';

const CORPUS: readonly CorpusDocument[] = [...DOCX_DOCUMENTS];

describe('the text of', () => {
  it.each(CORPUS)('$about', async ({ filename, bytes, ...expected }) => {
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
