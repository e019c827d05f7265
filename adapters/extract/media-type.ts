import { SourceFailure } from '../../domain/errors.ts';
import { containerOf } from './container-type.ts';
import type { Document } from './document.ts';
import { SAMPLE_BYTES } from './limits.ts';
import type { Load } from './load.ts';
import { isMail } from './mail-headers.ts';
import { typeByName } from './named-type.ts';
import { createDecoder, decodeStart } from './text-decoder.ts';
import {
  declaredCharset,
  detectEncoding,
  isDeclaredRightly,
  type TextEncodingFound,
  type UnknownEncoding,
} from './text-encoding.ts';
import { textTypeOf } from './text-type.ts';
import { unsupported } from './unsupported.ts';
import type { ZipDocument } from './zip-document.ts';

export type Sniffed =
  | { readonly mediaType: 'application/pdf' | 'application/rtf' | 'message/rfc822' }
  | ZipDocument
  | { readonly mediaType: string; readonly encoding: TextEncodingFound };

/**
 * @param onBytes is told how much was read of a document that is a zip.
 * @throws SourceFailure `document-empty`, `unsupported-media-type`, and what a container may have wrong with it
 */
export async function sniff(
  document: Document,
  filename: string,
  load: Load,
  onBytes: (bytes: number) => void,
): Promise<Sniffed> {
  if (document.bytes === 0)
    throw new SourceFailure('document-empty', 'This document is empty, it has 0 bytes: check which file you send.');
  const head = document.read(0, SAMPLE_BYTES);
  if (startsAsPdf(head)) return { mediaType: 'application/pdf' };
  const container = await containerOf(document, head, load, onBytes);
  if (container) return container;
  // It says its encoding itself, and pictures in it may be any bytes.
  if (/^\s{0,100}\{\\rtf/.test(head.toString('latin1', 0, 110))) return { mediaType: 'application/rtf' };
  // Each of its parts may have another encoding.
  if (isMail(head.toString('latin1'), typeByName(filename) === 'message/rfc822'))
    return { mediaType: 'message/rfc822' };
  const encoding = detectEncoding(document);
  if (encoding && !encoding.controls) return textOf(document, filename, head, encoding, load);
  // Readers of PDF take up to 1,024 bytes before its header; in a text they would only be talk about one.
  if (head.subarray(0, 1024).includes('%PDF-')) return { mediaType: 'application/pdf' };
  const name = await nameOf(head).catch(() => undefined);
  if (encoding && (name === undefined || NAMES_OF_TEXT.test(name)))
    return textOf(document, filename, head, encoding, load);
  throw unsupported(name);
}

/** What is a text, and has a beginning that is known. */
const NAMES_OF_TEXT = /^(?:text\/|application\/(?:.*xml|pgp-|x-subrip|postscript|eps))/;

/** Loaded here only: most documents never get here. Without it the refusal is the same, and only says less. */
async function nameOf(head: Buffer): Promise<string | undefined> {
  const { fileTypeFromBuffer } = await import('file-type');
  return (await fileTypeFromBuffer(head))?.mime;
}

function startsAsPdf(head: Buffer): boolean {
  return /^(?:\xef\xbb\xbf)?\s*%PDF-/.test(head.toString('latin1', 0, 64));
}

async function textOf(
  document: Document,
  filename: string,
  head: Buffer,
  found: TextEncodingFound | UnknownEncoding,
  load: Load,
): Promise<Sniffed> {
  const typeIn = (encoding: TextEncodingFound) => typeOfText(document, filename, head, encoding);
  if ('label' in found) return { mediaType: typeIn(found), encoding: found };
  // Markup is made of ASCII, which is the same in all of these encodings.
  const type = typeIn({ label: 'windows-1252', from: found.from });
  const { sample, utf8, from } = found;
  const declared = MARKUP.has(type) ? declaredCharset(head.toString('latin1', from, 4096)) : undefined;
  if (declared !== undefined && isDeclaredRightly(declared, sample, utf8)) {
    return { mediaType: type, encoding: { label: declared, from } };
  }
  const { charsetOf } = await load(() => import('./charset.ts'));
  const encoding = { label: charsetOf(sample), from };
  return { mediaType: typeIn(encoding), encoding };
}

/** These can say their encoding themselves. */
const MARKUP = new Set(['text/html', 'application/xml']);

function typeOfText(document: Document, filename: string, head: Buffer, { label, from }: TextEncodingFound): string {
  const sample = decodeStart(head.subarray(from), label);
  const refused = REFUSED_TEXTS.find(({ start }) => sample.startsWith(start));
  if (refused) throw unsupported(refused.mediaType);
  return textTypeOf(sample, typeByName(filename), {
    bytes: document.bytes,
    pieces: () => textIn(document, { label, from }),
  });
}

function* textIn(document: Document, { label, from }: TextEncodingFound): Generator<string> {
  const decoder = createDecoder(label);
  for (const { chunk } of document.chunks(from)) yield decoder.decode(chunk, { stream: true });
  yield decoder.decode();
}

/** Made of text, and no text to a reader. */
const REFUSED_TEXTS = [{ start: '%!PS', mediaType: 'application/postscript' }];
