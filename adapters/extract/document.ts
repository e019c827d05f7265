import { fstatSync, readSync } from 'node:fs';

/** The document, read where it is asked for. Reading blocks: a child that parses has nothing else to do. */
export interface Document {
  readonly bytes: number;
  /** Shorter than asked for only at the end. */
  read(position: number, length: number): Buffer;
  /** `at` is the position after the chunk. */
  chunks(from?: number): Generator<{ readonly chunk: Buffer; readonly at: number }>;
}

const CHUNK_BYTES = 256 * 1024;

/** @param fd a regular file: its offset is left alone, so that it can be read many times. */
export function openDocument(fd: number): Document {
  const bytes = fstatSync(fd).size;
  const read = (position: number, length: number): Buffer => {
    const buffer = Buffer.alloc(Math.max(0, Math.min(length, bytes - position)));
    let filled = 0;
    while (filled < buffer.length) {
      const count = readSync(fd, buffer, filled, buffer.length - filled, position + filled);
      if (count === 0) throw new Error('the document is shorter than it was');
      filled += count;
    }
    return buffer;
  };
  return {
    bytes,
    read,
    *chunks(from = 0) {
      for (let at = from; at < bytes; at += CHUNK_BYTES) {
        const chunk = read(at, CHUNK_BYTES);
        yield { chunk, at: at + chunk.length };
      }
    },
  };
}
