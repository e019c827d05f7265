import type { Readable } from 'node:stream';
import {
  AbortMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  ListMultipartUploadsCommand,
  NoSuchKey,
  NoSuchUpload,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import type { OriginalDetails, SourceFiles, SourceOwner } from '../../app/ports.ts';
import { folderOf, keyOf, type SourceFile } from './keys.ts';
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

const FILES = Object.keys(CONTENT_TYPES) as SourceFile[];

export function createS3SourceFiles(options: S3SourceFilesOptions): SourceFiles {
  const { client, bucket, textUrlSeconds = DEFAULT_TEXT_URL_SECONDS } = options;
  const target = (source: SourceOwner, file: SourceFile) => ({
    Bucket: bucket,
    Key: keyOf(source, file),
    ContentType: CONTENT_TYPES[file],
  });
  const put = async (source: SourceOwner, file: SourceFile, bytes: Uint8Array, metadata = {}) => {
    await client.send(new PutObjectCommand({ ...target(source, file), ...metadata, Body: bytes }));
  };
  const remove = async (source: SourceOwner, file: SourceFile) => {
    await client.send(new DeleteObjectCommand({ Bucket: bucket, Key: keyOf(source, file) }));
  };
  /** Those of a writer that was killed stay, with all their parts; and one that still writes cannot complete any more. */
  const abortUploads = async (source: SourceOwner) => {
    const pending = await client.send(new ListMultipartUploadsCommand({ Bucket: bucket, Prefix: folderOf(source) }));
    for (const { Key, UploadId } of pending.Uploads ?? []) {
      await client.send(new AbortMultipartUploadCommand({ Bucket: bucket, Key, UploadId })).catch((error: unknown) => {
        if (!(error instanceof NoSuchUpload)) throw error; // it has just come to its end by itself
      });
    }
  };

  return {
    putOriginal: (source, bytes, details) => put(source, 'original', bytes, metadataOf(details)),

    async putOriginalStream(source, bytes, signal, details) {
      await uploadStream(client, { ...target(source, 'original'), ...metadataOf(details) }, bytes, signal);
    },

    async readOriginal(source) {
      try {
        const command = new GetObjectCommand({ Bucket: bucket, Key: keyOf(source, 'original') });
        const { Body, ContentLength, Metadata } = await client.send(command);
        // In Node the body is always such a stream; the SDK's type names the browser's kinds too.
        const body = Body as Readable;
        return { bytes: ContentLength ?? 0, body, ...detailsIn(Metadata) };
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

    async remove(source) {
      // First: an upload that completes before is an object by now, and one that is aborted becomes none.
      await abortUploads(source);
      await Promise.all(FILES.map((file) => remove(source, file)));
    },

    removeOriginal: (source) => remove(source, 'original'),
  };
}

/** Headers are ASCII. */
function metadataOf({ name, mediaType }: OriginalDetails = {}): { readonly Metadata?: Record<string, string> } {
  const given = Object.entries({ name, 'media-type': mediaType }).filter(([, value]) => value !== undefined);
  if (given.length === 0) return {};
  return { Metadata: Object.fromEntries(given.map(([key, value]) => [key, encodeURIComponent(value!)])) };
}

function detailsIn(metadata: Readonly<Record<string, string>> = {}): OriginalDetails {
  const { name, 'media-type': mediaType } = metadata;
  return {
    ...(name !== undefined && { name: decodeURIComponent(name) }),
    ...(mediaType !== undefined && { mediaType: decodeURIComponent(mediaType) }),
  };
}
