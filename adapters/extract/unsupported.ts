import { SourceFailure } from '../../domain/errors.ts';

/** @param advice what else the person can do, beside sending one of the kinds that are read. */
export function unsupported(mediaType: string | undefined, advice?: string): SourceFailure {
  const found = mediaType === undefined ? 'The type of this document is not known' : `This document is ${mediaType}`;
  return new SourceFailure(
    'unsupported-media-type',
    advice === undefined
      ? `${found}; text is taken from PDF, DOCX, PPTX, XLSX, OpenDocument, EPUB, HTML, Markdown, CSV, XML, JSON, RTF, e-mail and plain text.`
      : `${found}: ${advice}.`,
  );
}
