import { createHash, randomUUID } from 'node:crypto';
import { open, unlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Spooled extends AsyncDisposable {
  /** Open for reading. The file has no name any more: it is gone when this is closed, and when the process dies. */
  readonly fd: number;
  readonly bytes: number;
  readonly sha256: string;
}

/** Formats have their table of contents at the end, so that a parser needs a file; S3 gives a stream. */
export async function spool(body: AsyncIterable<Uint8Array>, signal: AbortSignal): Promise<Spooled> {
  const path = join(tmpdir(), `document-${randomUUID()}`);
  const file = await open(path, 'wx+', 0o600);
  try {
    await unlink(path); // a process that is killed just before leaves an empty file, and never more
    const hash = createHash('sha256');
    let bytes = 0;
    for await (const chunk of body) {
      signal.throwIfAborted();
      hash.update(chunk);
      await file.writeFile(chunk);
      bytes += chunk.byteLength;
    }
    return { fd: file.fd, bytes, sha256: hash.digest('hex'), [Symbol.asyncDispose]: () => file.close() };
  } catch (error) {
    await file.close();
    throw error;
  }
}
