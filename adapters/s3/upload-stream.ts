import { PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { partChecksum } from './object-checksum.ts';
import { createPartReader } from './part-reader.ts';
import { createPartUpload, expectChecksum, type UploadTarget } from './part-upload.ts';

/** S3's smallest part. Memory is this times the parts in flight and the one being filled, whatever the size of the whole: 15 MiB. */
const PART_BYTES = 5 * 1024 * 1024;
const PARTS_IN_FLIGHT = 2;

/**
 * Puts bytes of unknown length, in parts from 5 MiB on. Where the source fails or the signal aborts before its end, there is
 * no object, and no part stays at S3 to be paid for; an abort that comes later changes nothing, and when this has ended, so has
 * every write. S3 refuses a part whose checksum is another one than was sent along; and
 * what it says of the whole is held against the checksums of what was sent.
 *
 * Not by the SDK's own `Upload`: it makes new buffers for each part and copies of them, some 25 MB more of memory
 * (measured); and its abort leaves the upload open at S3 for as long as the source is silent.
 */
export async function uploadStream(
  client: S3Client,
  target: UploadTarget,
  bytes: AsyncIterable<Uint8Array>,
  signal?: AbortSignal,
): Promise<void> {
  const stop = new AbortController();
  const abort = () => stop.abort(signal?.reason);
  if (signal?.aborted) abort();
  signal?.addEventListener('abort', abort);
  const upload = createPartUpload({ client, target, partBytes: PART_BYTES, buffers: PARTS_IN_FLIGHT + 1, stop });
  const reader = createPartReader(untilAborted(bytes, stop.signal));
  try {
    for (let first = true; ; first = false) {
      const { part, last } = await reader.fill(await upload.buffer());
      if (first && last) return await putWhole(client, target, part, stop.signal);
      upload.send(part);
      if (last) return await upload.complete();
    }
  } catch (error) {
    stop.abort(error);
    await upload.abort();
    throw stop.signal.reason;
  } finally {
    signal?.removeEventListener('abort', abort);
    await reader.close();
  }
}

/** Not cut off by an abort: S3 may have it all the same, and then it would be there after everything was removed. */
async function putWhole(client: S3Client, target: UploadTarget, bytes: Uint8Array, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  const ChecksumCRC32 = partChecksum(bytes);
  const answer = await client.send(new PutObjectCommand({ ...target, Body: bytes, ChecksumCRC32 }));
  expectChecksum(answer.ChecksumCRC32, ChecksumCRC32);
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
