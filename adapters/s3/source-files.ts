import type { Readable } from 'node:stream';
import { GetObjectCommand, NoSuchKey, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import type { SourceFiles, SourceOwner } from '../../app/ports.ts';
import { keyOf, type SourceFile } from './keys.ts';
import { uploadStream } from './upload-stream.ts';

export interface S3SourceFilesOptions {
  readonly client: S3Client;
  readonly bucket: string;
  /** How long a link to a text works; never longer than the credentials that signed it. Default: 3600, an hour. */
  readonly textUrlSeconds?: number;
}

const DEFAULT_TEXT_URL_SECONDS = 3600; // 1 h

/** Ours, and never what a client says: a stored page must not run in a browser that follows a link to the bucket. */
const CONTENT_TYPES: Readonly<Record<SourceFile, string>> = {
  original: 'application/octet-stream',
  'text.txt': 'text/plain; charset=utf-8',
  'result.json': 'application/json',
};

export function createS3SourceFiles(options: S3SourceFilesOptions): SourceFiles {
  const { client, bucket, textUrlSeconds = DEFAULT_TEXT_URL_SECONDS } = options;
  const target = (source: SourceOwner, file: SourceFile) => ({
    Bucket: bucket,
    Key: keyOf(source, file),
    ContentType: CONTENT_TYPES[file],
  });
  const put = async (source: SourceOwner, file: SourceFile, bytes: Uint8Array) => {
    await client.send(new PutObjectCommand({ ...target(source, file), Body: bytes }));
  };

  return {
    putOriginal: (source, bytes) => put(source, 'original', bytes),

    async putOriginalStream(source, bytes, signal) {
      await uploadStream(client, target(source, 'original'), bytes, signal);
    },

    async readOriginal(source) {
      try {
        const command = new GetObjectCommand({ Bucket: bucket, Key: keyOf(source, 'original') });
        const { Body, ContentLength } = await client.send(command);
        // In Node the body is always such a stream; the SDK's type names the browser's kinds too.
        return { bytes: ContentLength ?? 0, body: Body as Readable };
      } catch (error) {
        if (error instanceof NoSuchKey) return undefined;
        throw error;
      }
    },

    async putText(source, text) {
      if (text instanceof Uint8Array) await put(source, 'text.txt', text);
      else await uploadStream(client, target(source, 'text.txt'), text);
    },

    putResult: (source, result) => put(source, 'result.json', Buffer.from(JSON.stringify(result))),

    async textUrl(source, now) {
      const command = new GetObjectCommand({
        Bucket: bucket,
        Key: keyOf(source, 'text.txt'),
        ResponseContentType: CONTENT_TYPES['text.txt'],
        ResponseContentDisposition: `inline; filename="${source.sourceUuid}.txt"`,
      });
      const url = await getSignedUrl(client, command, { expiresIn: textUrlSeconds, signingDate: new Date(now) });
      return { url, expiresAt: now + textUrlSeconds * 1000 };
    },
  };
}
