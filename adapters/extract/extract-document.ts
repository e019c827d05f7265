import { SourceFailure } from '../../domain/errors.ts';
import type { Document } from './document.ts';
import { MAX_TITLE_CHARACTERS } from './limits.ts';
import type { Load } from './load.ts';
import { type Sniffed, sniff } from './media-type.ts';
import { contradiction } from './named-type.ts';
import { createDecoder } from './text-decoder.ts';
import type { TextEncodingFound } from './text-encoding.ts';
import { textReaderOf } from './text-reader.ts';
import { createTextSink, type TextSink } from './text-sink.ts';
import type { Extracted, WorkerMessage } from './worker-message.ts';
import type { WorkerRequest } from './worker-protocol.ts';
import type { ZipDocument } from './zip-document.ts';

type Progress = Extract<WorkerMessage, { progress: unknown }>['progress'];

export interface ExtractTo {
  text(bytes: Buffer): void;
  progress(progress: Progress): void;
  readonly load: Load;
}

/** All that the child does: the text goes out as it is found, what is known of the document comes back. */
export async function extractDocument(document: Document, request: WorkerRequest, to: ExtractTo): Promise<Extracted> {
  const sink = createTextSink(to.text, request.textBytes);
  const totalBytes = document.bytes;
  const sniffed = await sniff(document, request.filename, to.load, (bytes) => to.progress({ bytes, totalBytes }));
  const { mediaType } = sniffed;
  const found = await read(document, sniffed, request.pages, sink, to);
  const notes = [contradiction(request.filename, mediaType), found.note].filter((note) => note !== undefined);
  const title =
    found.title &&
    [...found.title.replace(/\p{Cc}+/gu, ' ').trim()].slice(0, MAX_TITLE_CHARACTERS).join('').toWellFormed();
  return {
    mediaType,
    ...(title && { title }),
    ...(notes.length > 0 && { note: notes.join(' ') }),
    ...(found.pages !== undefined && { pages: found.pages }),
    ...finish(sink, mediaType, found.pages),
  };
}

interface Found {
  readonly title?: string;
  readonly pages?: number;
  readonly note?: string;
}

async function read(
  document: Document,
  sniffed: Sniffed,
  maxPages: number,
  sink: TextSink,
  to: ExtractTo,
): Promise<Found> {
  if ('encoding' in sniffed) return extractText(document, sniffed.mediaType, sniffed.encoding, sink, to);
  if ('zip' in sniffed) return extractZip(document, sniffed, maxPages, sink, to);
  if (sniffed.mediaType === 'application/pdf') return extractPdf(document, maxPages, sink, to);
  if (sniffed.mediaType === 'application/rtf') return extractRtf(document, sink, to);
  return extractMail(document, sink, to);
}

async function extractPdf(document: Document, maxPages: number, sink: TextSink, to: ExtractTo): Promise<Found> {
  const { readPdf } = await to.load(() => import('./pdf-text.ts'));
  return readPdf(document, {
    maxPages,
    write: sink.write,
    onPage: (pages, totalPages) => to.progress({ pages, totalPages }),
  });
}

async function extractZip(
  { bytes }: Document,
  found: ZipDocument,
  maxPages: number,
  sink: TextSink,
  to: ExtractTo,
): Promise<Found> {
  const { readZipDocument } = await to.load(() => import('./zip-document.ts'));
  const known = await readZipDocument(found, { ...found, maxPages, write: sink.write }, to.load);
  // Pictures are passed over: what was read of a zip is not all of it.
  to.progress({ bytes, totalBytes: bytes });
  return known;
}

async function extractRtf(document: Document, sink: TextSink, to: ExtractTo): Promise<Found> {
  const { createRtfText } = await to.load(() => import('./rtf-text.ts'));
  const reader = createRtfText(sink.write);
  for (const { chunk, at } of document.chunks()) {
    reader.write(chunk);
    to.progress({ bytes: at, totalBytes: document.bytes });
  }
  return reader.end();
}

async function extractMail(document: Document, sink: TextSink, to: ExtractTo): Promise<Found> {
  const { readMail } = await to.load(() => import('./mail-text.ts'));
  return readMail(document, {
    write: sink.write,
    onBytes: (bytes) => to.progress({ bytes, totalBytes: document.bytes }),
    load: to.load,
  });
}

/** In these there are no pictures that could have text. */
const WORDS_ONLY = new Set(['text/plain', 'text/csv', 'text/markdown']);

function finish(sink: TextSink, mediaType: string, pages = 0) {
  try {
    return sink.end();
  } catch (error) {
    const isEmpty = error instanceof SourceFailure && error.code === 'document-empty';
    if (isEmpty && WORDS_ONLY.has(mediaType)) {
      throw new SourceFailure(
        'document-empty',
        'This document is empty, or there is nothing in it but spaces: check which file you send.',
      );
    }
    // Where it says that it has no page, there is nothing that was scanned either.
    if (!isEmpty || mediaType !== 'application/pdf' || pages <= 0) throw error;
    throw new SourceFailure(
      'document-scanned',
      'There is no text in this PDF: its pages are probably scanned pictures, which need text recognition first.',
    );
  }
}

async function extractText(
  document: Document,
  mediaType: string,
  encoding: TextEncodingFound,
  sink: TextSink,
  to: ExtractTo,
): Promise<Found> {
  const decoder = createDecoder(encoding.label);
  const reader = await textReaderOf(mediaType, sink.write, to.load);
  for (const { chunk, at } of document.chunks(encoding.from)) {
    reader.write(decoder.decode(chunk, { stream: true }));
    to.progress({ bytes: at, totalBytes: document.bytes });
  }
  reader.write(decoder.decode());
  return reader.end();
}
