import { pipeline } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import { failedFetch, inflatesTooLarge, tooLarge, unsupportedEncoding } from './fetch-failures.ts';
import type { Headers } from './resume.ts';

/** What an answer's headers say of its body, and the body as the content that is meant. */

/** @returns undefined where there is none. Throws `fetch-encoding-unsupported`. */
export function encodingOf(headers: Headers): string | undefined {
  // In the transfer nothing but chunks was agreed to: whatever else stands there would be taken for the content.
  if (!/^(?:chunked|identity)?$/.test(codings(headers['transfer-encoding']))) throw unsupportedEncoding();
  const encoding = codings(headers['content-encoding']);
  if (encoding === '' || encoding === 'identity') return undefined;
  // One that is known: more than one at a time is nothing but a way to hide a bomb.
  if (!Object.hasOwn(DECODERS, encoding)) throw unsupportedEncoding();
  return encoding;
}

function codings(header: string | string[] | undefined): string {
  return String(header ?? '')
    .trim()
    .toLowerCase();
}

export function contentLength(headers: Headers): number | undefined {
  const text = headers['content-length'];
  return typeof text === 'string' && /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}

export interface ContentOptions {
  readonly encoding: string | undefined;
  /** Of the content, and of what is sent of it. */
  readonly maxBytes: number;
  /** Bytes of this content that were had before. */
  readonly from: number;
  readonly host: string;
}

/** Counted and limited twice: as it is sent, since a decoder may take in without end and give nothing, and as it is inflated. */
export function contentOf(sent: AsyncIterable<Uint8Array>, options: ContentOptions): AsyncIterable<Uint8Array> {
  const { encoding, maxBytes, from } = options;
  const received = limited(sent, maxBytes - from, () => tooLarge(maxBytes));
  if (encoding === undefined) return received;
  // What fails is seen by whoever reads the decoder.
  const inflated: AsyncIterable<Uint8Array> = pipeline(received, DECODERS[encoding]!(), () => {});
  return limited(withCode(inflated, options.host), maxBytes, () => inflatesTooLarge(maxBytes));
}

async function* limited(
  chunks: AsyncIterable<Uint8Array>,
  maxBytes: number,
  failure: () => Error,
): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  for await (const chunk of chunks) {
    bytes += chunk.byteLength;
    if (bytes > maxBytes) throw failure();
    yield chunk;
  }
}

async function* withCode(chunks: AsyncIterable<Uint8Array>, host: string): AsyncGenerator<Uint8Array> {
  try {
    yield* chunks;
  } catch (error) {
    throw failedFetch(error, host, 'body');
  }
}

const DECODERS: Readonly<Record<string, () => ReturnType<typeof createGunzip>>> = {
  gzip: createGunzip,
  'x-gzip': createGunzip,
  deflate: createInflate,
  br: createBrotliDecompress,
};
