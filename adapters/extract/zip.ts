import { isUtf8 } from 'node:buffer';
import { pipeline, Readable } from 'node:stream';
import { crc32, createInflateRaw } from 'node:zlib';
import { type Entry, fromRandomAccessReaderPromise, RandomAccessReader, type ZipFile } from 'yauzl';
import { SourceFailure } from '../../domain/errors.ts';
import type { Document } from './document.ts';
import {
  INFLATE_RATIO_FROM_BYTES,
  MAX_INFLATE_RATIO,
  MAX_INFLATED_BYTES,
  MAX_ZIP_NAME_BYTES,
  MAX_ZIP_PARTS,
} from './limits.ts';

/** The parts of a document that is a zip, by name. No name ever touches a file system, so that none can do harm. */
export interface Zip {
  has(name: string): boolean;
  /**
   * The bytes of a part as they are inflated, counted against what all parts may have together. Throws SourceFailure
   * `document-broken` where there is no such part or it is not what the zip says of it, `document-encrypted`,
   * `document-inflates-too-large`.
   */
  read(name: string): AsyncGenerator<Buffer>;
}

interface Part {
  readonly entry: Entry;
  /** Where the next part begins, or the table of contents: this one must end before it. */
  readonly endsBefore: number;
  /** There is another one of that name: which of them is meant nobody knows. */
  readonly isAmbiguous: boolean;
}

const CHUNK_BYTES = 64 * 1024;
const STORED = 0;
const DEFLATED = 8;

/**
 * @param onBytes is told how much of the zip was read of all its parts so far.
 * @throws SourceFailure `document-broken`, `document-encrypted`, `document-too-many-parts`
 */
export async function openZip(document: Document, onBytes: (bytes: number) => void): Promise<Zip> {
  const { file, parts } = await openParts(document).catch((error: unknown) => {
    throw zipFailure(error);
  });
  let compressed = 0;
  let inflated = 0;

  function* compressedBytes(start: number, end: number): Generator<Buffer> {
    for (let at = start; at < end; at += CHUNK_BYTES) {
      const chunk = document.read(at, Math.min(CHUNK_BYTES, end - at));
      compressed += chunk.length;
      onBytes(Math.min(compressed, document.bytes));
      yield chunk;
    }
  }

  async function* read(name: string): AsyncGenerator<Buffer> {
    const part = parts.get(keyOf(name));
    if (!part) throw broken('a part of it is missing');
    const { entry, isAmbiguous } = part;
    if (isAmbiguous) throw broken('it has two parts with the same name');
    if (inflated + entry.uncompressedSize > MAX_INFLATED_BYTES) throw inflatesTooLarge();
    let bytes = 0;
    let checksum = 0;
    const start = await startOf(file, part);
    for await (const chunk of inflate(entry, compressedBytes(start, start + entry.compressedSize))) {
      bytes += chunk.length;
      inflated += chunk.length;
      if (bytes > entry.uncompressedSize) throw broken('a part of it is larger than it says');
      if (inflated > MAX_INFLATED_BYTES || isBomb(bytes, entry.compressedSize)) throw inflatesTooLarge();
      checksum = crc32(chunk, checksum);
      yield chunk;
    }
    if (bytes !== entry.uncompressedSize) throw broken('a part of it is smaller than it says');
    if (checksum !== entry.crc32) throw broken('a part of it has changed since it was written');
  }

  return { has: (name) => parts.has(keyOf(name)), read };
}

/** Two parts whose names differ by case only would be one on most machines: office formats and EPUB forbid it, other zips have them. */
function keyOf(name: string): string {
  return name.replace(/\\/g, '/').replace(/^\/+/, '').toLowerCase();
}

async function openParts(document: Document) {
  const file = await fromRandomAccessReaderPromise(new DocumentReader(document), document.bytes, {
    lazyEntries: true,
    autoClose: false,
    decodeStrings: false, // it would refuse names that go up in a file system
    validateEntrySizes: false, // it would refuse all for one picture that nobody reads
  });
  if (file.entryCount > MAX_ZIP_PARTS) {
    throw new SourceFailure(
      'document-too-many-parts',
      `The document is a zip of more than ${MAX_ZIP_PARTS} files: split it.`,
    );
  }
  // The library types it as a boolean; before the first entry it is where the table of contents begins.
  const contentsAt = Number(file.readEntryCursor);
  const entries: Entry[] = [];
  for await (const entry of file.eachEntry()) entries.push(entry);
  return { file, parts: partsOf(entries, contentsAt) };
}

/** One part that lies in another lets a small zip inflate without end. */
function partsOf(entries: Entry[], contentsAt: number): Map<string, Part> {
  const parts = new Map<string, Part>();
  let endsBefore = contentsAt;
  for (const entry of entries.toSorted((a, b) => b.relativeOffsetOfLocalHeader - a.relativeOffsetOfLocalHeader)) {
    const start = entry.relativeOffsetOfLocalHeader;
    if (start + LOCAL_HEADER_BYTES + entry.fileNameLength + entry.compressedSize > endsBefore) {
      throw broken('its parts overlap');
    }
    const key = keyOf(nameOf(entry));
    if (entry.fileNameLength <= MAX_ZIP_NAME_BYTES && !key.endsWith('/')) {
      parts.set(key, { entry, endsBefore, isAmbiguous: parts.has(key) });
    }
    endsBefore = start;
  }
  return parts;
}

/** UTF-8 whether or not the zip says so: many writers forget the flag. Anything else is only told apart. */
function nameOf({ fileNameRaw }: Entry): string {
  return fileNameRaw.toString(isUtf8(fileNameRaw) ? 'utf8' : 'latin1');
}

const LOCAL_HEADER_BYTES = 30;

async function startOf(file: ZipFile, { entry, endsBefore }: Part): Promise<number> {
  if (entry.isEncrypted()) throw encrypted();
  if (entry.compressionMethod !== STORED && entry.compressionMethod !== DEFLATED) {
    throw new SourceFailure('document-broken', 'The document is compressed in a rare way: save it anew.');
  }
  const { fileDataStart } = await file.readLocalFileHeaderPromise(entry, { minimal: true }).catch((error: unknown) => {
    throw zipFailure(error);
  });
  if (fileDataStart + entry.compressedSize > endsBefore) throw broken('its parts overlap');
  return fileDataStart;
}

async function* inflate({ compressionMethod }: Entry, bytes: Generator<Buffer>): AsyncGenerator<Buffer> {
  if (compressionMethod === STORED) {
    yield* bytes;
    return;
  }
  const inflater = createInflateRaw({ chunkSize: CHUNK_BYTES });
  // What goes wrong comes out of the inflater, which is read below.
  pipeline(Readable.from(bytes, { objectMode: false }), inflater, () => {});
  try {
    yield* inflater;
  } catch (error) {
    throw zipFailure(error);
  }
}

function isBomb(inflated: number, compressed: number): boolean {
  return inflated > INFLATE_RATIO_FROM_BYTES && inflated > compressed * MAX_INFLATE_RATIO;
}

class DocumentReader extends RandomAccessReader {
  readonly #document: Document;

  constructor(document: Document) {
    super();
    this.#document = document;
  }

  override read(
    buffer: Buffer,
    offset: number,
    length: number,
    position: number,
    callback: (error: Error | null, bytes?: number) => void,
  ): void {
    const bytes = this.#document.read(position, length);
    bytes.copy(buffer, offset);
    callback(null, bytes.length);
  }
}

function zipFailure(error: unknown): SourceFailure {
  if (error instanceof SourceFailure) return error;
  const said = error instanceof Error ? error.message : '';
  return /encryption/.test(said) ? encrypted(error) : broken('it was cut off or changed on its way', error);
}

function encrypted(cause?: unknown): SourceFailure {
  return new SourceFailure('document-encrypted', 'The document needs a password: remove it and send it again.', {
    cause,
  });
}

function broken(why: string, cause?: unknown): SourceFailure {
  return new SourceFailure('document-broken', `The document is damaged, ${why}: save it anew.`, { cause });
}

function inflatesTooLarge(): SourceFailure {
  const limit = MAX_INFLATED_BYTES / 2 ** 20;
  return new SourceFailure(
    'document-inflates-too-large',
    `The document inflates to more than ${limit} MiB, or far more than a text does: split it.`,
  );
}
