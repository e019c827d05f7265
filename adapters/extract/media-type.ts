import { SourceFailure } from '../../domain/errors.ts';
import type { Document } from './document.ts';
import { SAMPLE_BYTES } from './limits.ts';
import { declaredCharset, detectEncoding, type TextEncodingFound } from './text-encoding.ts';
import { textTypeOf } from './text-type.ts';

export type Sniffed =
  | { readonly mediaType: 'application/pdf' }
  | { readonly mediaType: string; readonly encoding: TextEncodingFound };

/** What names promise. The content decides; a name only tells kinds of text apart. */
const TYPES_BY_EXTENSION: Readonly<Record<string, string>> = {
  pdf: 'application/pdf',
  html: 'text/html',
  htm: 'text/html',
  xhtml: 'text/html',
  md: 'text/markdown',
  markdown: 'text/markdown',
  csv: 'text/csv',
  tsv: 'text/csv',
  json: 'application/json',
  txt: 'text/plain',
  text: 'text/plain',
  log: 'text/plain',
  xml: 'application/xml',
  doc: 'application/msword',
  docx: 'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
  xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
  pptx: 'application/vnd.openxmlformats-officedocument.presentationml.presentation',
  zip: 'application/zip',
  png: 'image/png',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
};

export function typeByName(filename: string): string | undefined {
  const extension = /\.([0-9A-Za-z]{1,10})$/.exec(filename)?.[1]?.toLowerCase();
  return extension !== undefined && Object.hasOwn(TYPES_BY_EXTENSION, extension)
    ? TYPES_BY_EXTENSION[extension]
    : undefined;
}

/** @returns a sentence where name and content contradict each other. Any text may be called .txt. */
export function contradiction(filename: string, mediaType: string): string | undefined {
  const named = typeByName(filename);
  if (named === undefined || named === mediaType) return undefined;
  if (named === 'text/plain' && mediaType !== 'application/pdf') return undefined;
  return `The name says ${named}, the content is ${mediaType}: the content was believed.`;
}

/** @throws SourceFailure `document-empty`, `unsupported-media-type` */
export async function sniff(document: Document, filename: string): Promise<Sniffed> {
  if (document.bytes === 0) throw new SourceFailure('document-empty', 'This document is empty: it has 0 bytes.');
  const head = document.read(0, SAMPLE_BYTES);
  if (startsAsPdf(head)) return { mediaType: 'application/pdf' };
  const encoding = detectEncoding(document);
  if (encoding) return textOf(document, filename, head, encoding);
  // Readers of PDF take up to 1,024 bytes before its header; in a text they would only be talk about one.
  if (head.subarray(0, 1024).includes('%PDF-')) return { mediaType: 'application/pdf' };
  throw unsupported(await nameOf(head).catch(() => undefined));
}

/** Loaded here only: most documents never get here. Without it the refusal is the same, and only says less. */
async function nameOf(head: Buffer): Promise<string | undefined> {
  const { fileTypeFromBuffer } = await import('file-type');
  return (await fileTypeFromBuffer(head))?.mime;
}

function startsAsPdf(head: Buffer): boolean {
  return /^(?:\xef\xbb\xbf)?\s*%PDF-/.test(head.toString('latin1', 0, 64));
}

function textOf(document: Document, filename: string, head: Buffer, encoding: TextEncodingFound): Sniffed {
  const { label, from } = encoding;
  const sample = new TextDecoder(label).decode(head.subarray(from), { stream: true });
  const refused = REFUSED_TEXTS.find(({ start }) => sample.startsWith(start));
  if (refused) throw unsupported(refused.mediaType);
  const mediaType = textTypeOf(sample, typeByName(filename), {
    bytes: document.bytes,
    whole: () => new TextDecoder(label).decode(document.read(from, document.bytes - from)),
  });
  if (mediaType !== 'text/html' || encoding.certain) return { mediaType, encoding };
  return { mediaType, encoding: { ...encoding, label: declaredCharset(sample.slice(0, 4096)) ?? label } };
}

/** Made of text, and no text to a reader. */
const REFUSED_TEXTS = [
  { start: '{\\rtf', mediaType: 'application/rtf' },
  { start: '%!PS', mediaType: 'application/postscript' },
];

function unsupported(mediaType: string | undefined): SourceFailure {
  const found = mediaType === undefined ? 'The type of this document is not known' : `This document is ${mediaType}`;
  return new SourceFailure(
    'unsupported-media-type',
    `${found}; text is taken from PDF, HTML, Markdown, CSV, JSON and plain text.`,
  );
}
