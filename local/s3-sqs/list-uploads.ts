import type { FastifyReply, FastifyRequest } from 'fastify';
import { s3OrSqsCall } from '../faults/http-calls.ts';
import { bucketOf } from './cors-hook.ts';
import type { OpenStores } from './stores.ts';

interface PendingUpload {
  readonly uploadId: string;
  readonly bucket: string;
  readonly key: string;
  readonly initiated: Date;
}

/** In one answer. https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListMultipartUploads.html */
const MAX_UPLOADS = 1000;

/** What would need more than a list, and nobody here asks for. */
const UNKNOWN = ['delimiter', 'key-marker', 'upload-id-marker', 'max-uploads', 'encoding-type'];

/**
 * fauxqs 2.4 does not know `ListMultipartUploads`, and answers as if the objects had been asked for: to the SDK, none are pending.
 * @returns true where this was the answer.
 */
export async function answerListUploads(
  request: FastifyRequest,
  reply: FastifyReply,
  { s3Store }: Pick<OpenStores, 's3Store'>,
): Promise<boolean> {
  if (s3OrSqsCall(request.raw)?.operation !== 'ListMultipartUploads') return false;
  const { searchParams: query } = new URL(request.raw.url ?? '', 'http://s3');
  const unknown = UNKNOWN.find((name) => query.has(name));
  if (unknown !== undefined) {
    await sendXml(
      reply,
      501,
      `<Error><Code>NotImplemented</Code><Message>${unknown} is not known here.</Message></Error>`,
    );
    return true;
  }
  const bucket = bucketOf(request.raw.url);
  const prefix = query.get('prefix') ?? '';
  const { multipartUploads } = s3Store as unknown as { readonly multipartUploads: ReadonlyMap<string, PendingUpload> };
  const pending = [...multipartUploads.values()].filter(
    (each) => each.bucket === bucket && each.key.startsWith(prefix),
  );
  const uploads = pending.sort((a, b) => (a.key < b.key ? -1 : 1)).slice(0, MAX_UPLOADS);
  const rows = uploads.map(
    ({ key, uploadId, initiated }) =>
      `<Upload><Key>${escapeXml(key)}</Key><UploadId>${uploadId}</UploadId><Initiated>${initiated.toISOString()}</Initiated></Upload>`,
  );
  const truncated = `<IsTruncated>${pending.length > MAX_UPLOADS}</IsTruncated>`;
  const facts = `<Bucket>${escapeXml(bucket)}</Bucket><Prefix>${escapeXml(prefix)}</Prefix>${truncated}`;
  await sendXml(reply, 200, `<ListMultipartUploadsResult>${facts}${rows.join('')}</ListMultipartUploadsResult>`);
  return true;
}

async function sendXml(reply: FastifyReply, status: number, body: string): Promise<void> {
  await reply
    .status(status)
    .header('content-type', 'application/xml')
    .send(`<?xml version="1.0" encoding="UTF-8"?>\n${body}`);
}

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
