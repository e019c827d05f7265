import { Readable } from 'node:stream';
import type { PutObjectCommandInput, S3Client } from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import { createObjectChecksum, type ObjectChecksum } from './object-checksum.ts';

/** S3's smallest part. Memory is the parts in flight times this, whatever the size of the whole: some 15 MiB. */
const PART_BYTES = 5 * 1024 * 1024;
const PARTS_IN_FLIGHT = 2;

/**
 * Puts bytes of unknown length, in parts from 5 MiB on. Where the source fails or the signal aborts before its end, there is
 * no object, and no part stays at S3 to be paid for. S3 refuses a part whose checksum is another one than was sent along; and
 * what it says of the whole is held against what came in here, so that none was lost or mixed up on the way into the parts.
 */
export async function uploadStream(
  client: S3Client,
  target: Pick<PutObjectCommandInput, 'Bucket' | 'Key' | 'ContentType'>,
  bytes: AsyncIterable<Uint8Array>,
  signal?: AbortSignal,
): Promise<void> {
  const checksum = createObjectChecksum(PART_BYTES);
  const source = summed(signal ? untilAborted(bytes, signal) : bytes, checksum);
  // Not the abort that Upload has of its own: it rejects at once, and leaves the multipart upload open at S3 for as long as
  // the source is silent. A source that throws makes it stop, abort the upload at S3, and then reject.
  const upload = new Upload({
    client,
    params: { ...target, Body: Readable.from(source, { objectMode: false }), ChecksumAlgorithm: 'CRC32' },
    partSize: PART_BYTES,
    queueSize: PARTS_IN_FLIGHT,
    leavePartsOnError: false,
  });
  const { ChecksumCRC32: stored } = await upload.done();
  signal?.throwIfAborted();
  const sent = checksum.value();
  if (stored !== undefined && stored !== sent) throw new Error(`S3 holds ${stored} where ${sent} was sent`);
}

async function* summed(bytes: AsyncIterable<Uint8Array>, checksum: ObjectChecksum): AsyncGenerator<Uint8Array> {
  for await (const chunk of bytes) {
    checksum.update(chunk);
    yield chunk;
  }
}

/** The same bytes, until the signal aborts: then it throws the reason, even while the source is silent. */
async function* untilAborted(bytes: AsyncIterable<Uint8Array>, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  const iterator = bytes[Symbol.asyncIterator]();
  let rejectPending: (reason: unknown) => void = () => {};
  const abort = () => rejectPending(signal.reason);
  signal.addEventListener('abort', abort);
  try {
    for (;;) {
      signal.throwIfAborted();
      // Not Promise.race with one promise for the abort: that one would hold on to every chunk.
      const next = await new Promise<IteratorResult<Uint8Array>>((resolve, reject) => {
        rejectPending = reject;
        iterator.next().then(resolve, reject);
      });
      if (next.done) return;
      yield next.value;
    }
  } finally {
    signal.removeEventListener('abort', abort);
    // Not awaited: a silent source would not answer this either.
    iterator.return?.().catch(() => undefined);
  }
}
