import {
  AbortMultipartUploadCommand,
  type CompletedPart,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  type PutObjectCommandInput,
  type S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { partChecksum, wholeChecksum } from './object-checksum.ts';

export type UploadTarget = Pick<PutObjectCommandInput, 'Bucket' | 'Key' | 'ContentType' | 'Metadata'>;

export interface PartUpload {
  /** A buffer for the next part, once one is free. Throws what a part failed with. */
  buffer(): Promise<Uint8Array>;
  /** Sends the part, which lies in a buffer of this upload, beside those that are under way. */
  send(part: Uint8Array): void;
  /** When all parts are there. Throws where S3 holds something else. */
  complete(): Promise<void>;
  /** Nothing stays at S3 to be paid for. Never throws: what S3 does not take now, the lifecycle rule of the bucket aborts. */
  abort(): Promise<void>;
}

export interface PartUploadOptions {
  readonly client: S3Client;
  readonly target: UploadTarget;
  readonly partBytes: number;
  /** Being sent, and the one that is being filled. */
  readonly buffers: number;
  /** A part that fails aborts it, so that nobody reads on. */
  readonly stop: AbortController;
}

export function createPartUpload({ client, target, partBytes, buffers, stop }: PartUploadOptions): PartUpload {
  const { Bucket, Key } = target;
  const underWay = new Set<Promise<void>>();
  const parts: CompletedPart[] = [];
  const free: Uint8Array[] = [];
  let made = 0;
  let totalBytes = 0;
  let begun: Promise<string> | undefined;

  async function begin(): Promise<string> {
    const { UploadId } = await client.send(new CreateMultipartUploadCommand({ ...target, ChecksumAlgorithm: 'CRC32' }));
    if (UploadId === undefined) throw new Error('S3 began an upload without an id');
    return UploadId;
  }

  async function sendPart(part: Uint8Array, PartNumber: number): Promise<void> {
    begun ??= begin();
    const UploadId = await begun;
    const ChecksumCRC32 = partChecksum(part);
    const command = new UploadPartCommand({ Bucket, Key, UploadId, PartNumber, ChecksumCRC32, Body: part });
    const { ETag } = await client.send(command, { abortSignal: stop.signal });
    parts[PartNumber - 1] = { PartNumber, ETag, ChecksumCRC32 };
  }

  return {
    async buffer() {
      while (free.length === 0 && made === buffers) await Promise.race(underWay);
      stop.signal.throwIfAborted();
      if (free.length > 0) return free.pop()!;
      made += 1;
      return Buffer.allocUnsafeSlow(partBytes);
    },

    send(part) {
      parts.push({});
      totalBytes += part.byteLength;
      const sending = sendPart(part, parts.length)
        .catch((error: unknown) => stop.abort(error))
        .then(() => {
          underWay.delete(sending);
          free.push(new Uint8Array(part.buffer));
        });
      underWay.add(sending);
    },

    async complete() {
      await Promise.all(underWay);
      stop.signal.throwIfAborted();
      const UploadId = await begun;
      const MultipartUpload = { Parts: parts };
      const { ChecksumCRC32 } = await client.send(
        new CompleteMultipartUploadCommand({ Bucket, Key, UploadId, MultipartUpload, MpuObjectSize: totalBytes }),
      );
      expectChecksum(ChecksumCRC32, wholeChecksum(parts.map((part) => part.ChecksumCRC32!)));
    },

    async abort() {
      await Promise.all(underWay);
      const UploadId = await begun?.catch(() => undefined);
      if (UploadId === undefined) return;
      await client.send(new AbortMultipartUploadCommand({ Bucket, Key, UploadId })).catch(() => undefined);
    },
  };
}

/** @param stored what S3 says; it need not say anything. */
export function expectChecksum(stored: string | undefined, sent: string): void {
  if (stored !== undefined && stored !== sent) throw new Error(`S3 holds ${stored} where ${sent} was sent`);
}
