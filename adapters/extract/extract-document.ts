import { SourceFailure } from '../../domain/errors.ts';
import type { Document } from './document.ts';
import { createHtmlText } from './html-text.ts';
import { MAX_TITLE_CHARACTERS } from './limits.ts';
import { contradiction, sniff } from './media-type.ts';
import { extractPdf } from './pdf-text.ts';
import type { TextEncodingFound } from './text-encoding.ts';
import { createTextSink, type TextSink } from './text-sink.ts';
import type { Extracted, WorkerMessage, WorkerRequest } from './worker-protocol.ts';

type Progress = Extract<WorkerMessage, { progress: unknown }>['progress'];

export interface ExtractTo {
  text(bytes: Buffer): void;
  progress(progress: Progress): void;
}

/** All that the child does: the text goes out as it is found, what is known of the document comes back. */
export async function extractDocument(document: Document, request: WorkerRequest, to: ExtractTo): Promise<Extracted> {
  const sink = createTextSink(to.text, request.textBytes);
  const sniffed = await sniff(document, request.filename);
  const { mediaType } = sniffed;
  const found: Found =
    'encoding' in sniffed
      ? extractText(document, mediaType, sniffed.encoding, sink, to)
      : await extractPdf(document, {
          maxPages: request.pages,
          write: sink.write,
          onPage: (pages, totalPages) => to.progress({ pages, totalPages }),
        });
  const note = contradiction(request.filename, mediaType);
  const title = found.title && [...found.title].slice(0, MAX_TITLE_CHARACTERS).join('').toWellFormed();
  return {
    mediaType,
    ...(title && { title }),
    ...(note !== undefined && { note }),
    ...(found.pages !== undefined && { pages: found.pages }),
    ...finish(sink, found.pages),
  };
}

interface Found {
  readonly title?: string;
  readonly pages?: number;
}

function finish(sink: TextSink, pages: number | undefined) {
  try {
    return sink.end();
  } catch (error) {
    if (pages === undefined || !(error instanceof SourceFailure) || error.code !== 'document-empty') throw error;
    throw new SourceFailure(
      'document-empty',
      'There is no text in this PDF: its pages are probably scanned pictures, which need text recognition first.',
    );
  }
}

function extractText(
  document: Document,
  mediaType: string,
  encoding: TextEncodingFound,
  sink: TextSink,
  to: ExtractTo,
): Found {
  const decoder = new TextDecoder(encoding.label);
  const html = mediaType === 'text/html' ? createHtmlText(sink.write) : undefined;
  let start = '';
  const take = (text: string) => {
    if (start.length < HEADING_CHARACTERS) start += text.slice(0, HEADING_CHARACTERS);
    if (html) html.write(text);
    else sink.write(text);
  };
  for (const { chunk, at } of document.chunks(encoding.from)) {
    take(decoder.decode(chunk, { stream: true }));
    to.progress({ bytes: at, totalBytes: document.bytes });
  }
  take(decoder.decode());
  if (html) return html.end();
  const heading = mediaType === 'text/markdown' ? /^#{1,6} +(.+?)[ #]*$/m.exec(start)?.[1] : undefined;
  return heading === undefined ? {} : { title: heading };
}

/** A Markdown document that has its title further down than this has none. */
const HEADING_CHARACTERS = 16 * 1024;
