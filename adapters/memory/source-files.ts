import type { OriginalDetails, SourceFiles, SourceOwner } from '../../app/ports.ts';
import { keyOf, type SourceFile } from '../s3/keys.ts';
import { type Faults, withFaults } from './faults.ts';

export interface MemorySourceFiles extends SourceFiles {
  /** What is stored, or undefined. */
  stored(source: SourceOwner, file: SourceFile): Uint8Array | undefined;
  readonly keys: readonly string[];
}

const TEXT_URL_MS = 60 * 60_000; // 1 h

const FILES: readonly SourceFile[] = ['original', 'text.txt', 'result.json'];

/** Bodies are read in chunks of this size, so that nobody counts on getting all in one. */
const CHUNK_BYTES = 64 * 1024;

export function createMemorySourceFiles(): MemorySourceFiles & Faults<MemorySourceFiles> {
  const objects = new Map<string, Uint8Array>();
  const details = new Map<string, OriginalDetails>();
  const put = (source: SourceOwner, file: SourceFile, bytes: Uint8Array) => {
    objects.set(keyOf(source, file), Uint8Array.from(bytes));
    details.delete(keyOf(source, file));
  };

  return withFaults<MemorySourceFiles>({
    async putOriginal(source, bytes, given = {}) {
      put(source, 'original', bytes);
      details.set(keyOf(source, 'original'), given);
    },
    async putOriginalStream(source, bytes, signal, given = {}) {
      keyOf(source, 'original');
      put(source, 'original', await collect(bytes, signal));
      details.set(keyOf(source, 'original'), given);
    },
    async readOriginal(source) {
      const bytes = objects.get(keyOf(source, 'original'));
      const given = details.get(keyOf(source, 'original'));
      return bytes && { bytes: bytes.byteLength, body: chunksOf(bytes), ...given };
    },
    async putText(source, text) {
      put(source, 'text.txt', text instanceof Uint8Array ? text : await collect(text));
    },
    async putResult(source, result) {
      put(source, 'result.json', Buffer.from(JSON.stringify(result)));
    },
    async textUrl(source, now) {
      return { url: `memory://${keyOf(source, 'text.txt')}`, expiresAt: now + TEXT_URL_MS };
    },
    async remove(source) {
      for (const file of FILES) objects.delete(keyOf(source, file));
    },
    async removeOriginal(source) {
      objects.delete(keyOf(source, 'original'));
    },
    stored: (source, file) => objects.get(keyOf(source, file)),
    get keys() {
      return [...objects.keys()];
    },
  });
}

/** All or nothing: an object appears when its last byte is there. */
async function collect(bytes: AsyncIterable<Uint8Array>, signal?: AbortSignal): Promise<Uint8Array> {
  signal?.throwIfAborted();
  const aborted = Promise.withResolvers<never>();
  const abort = () => aborted.reject(signal?.reason);
  signal?.addEventListener('abort', abort);
  try {
    return await Promise.race([concatenate(bytes), aborted.promise]);
  } finally {
    signal?.removeEventListener('abort', abort);
  }
}

async function concatenate(bytes: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of bytes) chunks.push(chunk);
  return Buffer.concat(chunks);
}

async function* chunksOf(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.byteLength; at += CHUNK_BYTES) yield bytes.slice(at, at + CHUNK_BYTES);
}
