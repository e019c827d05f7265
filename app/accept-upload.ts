import { createHash } from 'node:crypto';
import { RequestError } from '../domain/errors.ts';
import { SOURCE_TTL_MS } from '../domain/limits.ts';
import type { Metrics, NewSource, ProcessQueue, Source, SourceFiles, Sources } from './ports.ts';
import { type RegisterChannelPorts, registerChannel } from './register-channel.ts';
import { refusalOfOneMore } from './user-limits.ts';

export interface AcceptUploadPorts extends RegisterChannelPorts {
  readonly sources: Sources;
  readonly files: SourceFiles;
  readonly queue: ProcessQueue;
  readonly metrics: Metrics;
}

export interface Upload {
  readonly owner: string;
  readonly wsUuid: string;
  readonly sourceUuid: string;
  /** For display only. */
  readonly filename: string;
  readonly content: { readonly file: Uint8Array; readonly mediaType?: string } | { readonly url: string };
  /** Of this request: the source keeps that of the first one. */
  readonly correlationId?: string;
}

/** An accepted source that nobody has claimed by then is looked after. */
const CLAIM_WITHIN_MS = 20_000;

/** An accept that has not come to its end by then was broken off: its function may run for 28 s. */
const ABANDONED_AFTER_MS = 60_000;

/**
 * Record, bytes, message, and only then the answer: what was answered is stored three times over. Each step is safe to
 * repeat, so the same request again goes on where the last one broke off and ends in the same one job.
 * @returns the source as it was opened, by this request or by an earlier one.
 * Throws RequestError `ws-uuid-not-yours`, `source-uuid-not-yours`, `source-uuid-in-use`, `too-many-uploads`,
 * `too-many-channels`, `unavailable`.
 */
export async function acceptUpload(ports: AcceptUploadPorts, upload: Upload): Promise<Source> {
  await refuseTooMany(ports, upload);
  // A client may upload before it asks for the socket's address: the channel is made then.
  const channel = await registerChannel(ports, upload);
  const now = ports.clock.now();
  const contentSha256 = hashOf(upload.content);
  const record: NewSource = {
    sourceUuid: upload.sourceUuid,
    owner: upload.owner,
    wsUuid: channel.wsUuid,
    shard: channel.shard,
    batchSize: channel.batchSize,
    filename: upload.filename,
    contentSha256,
    ...(upload.correlationId !== undefined && { correlationId: upload.correlationId }),
    openedAt: now,
    deadline: now + CLAIM_WITHIN_MS,
    expiresAt: now + SOURCE_TTL_MS,
    ...('url' in upload.content
      ? { type: 'url-upload' as const, url: upload.content.url }
      : { type: 'file-upload' as const }),
  };
  const { source } = await ports.sources.open(record, now - ABANDONED_AFTER_MS);
  refuseAnothers(source, upload, contentSha256);
  if (source.queued) return source;
  if ('file' in upload.content) {
    const { file, mediaType } = upload.content;
    await ports.files.putOriginal(source, file, mediaType === undefined ? {} : { mediaType });
  }
  await ports.queue.send(source);
  if (!(await ports.sources.markQueued(source, ports.clock.now() + CLAIM_WITHIN_MS))) throw overtaken();
  ports.metrics.count('SourcesAccepted');
  return source;
}

/** It was slow for so long that another one took it for abandoned: its message will find nothing to do. */
function overtaken(): RequestError {
  return new RequestError('unavailable', 'Another request has begun this upload anew in the meantime: send it again.');
}

/**
 * The same request again is none more, and is never refused: its channel is there since the first. It is looked for only where
 * there are too many, so that all others pay for the count alone.
 */
async function refuseTooMany({ sources, limits }: AcceptUploadPorts, { owner, sourceUuid }: Upload): Promise<void> {
  const tooMany = await refusalOfOneMore(limits, 'uploads', (most) => sources.countUnderWay(owner, most));
  if (!tooMany) return;
  const known = await sources.get(sourceUuid);
  if (known?.owner !== owner || known.terminal !== undefined) throw tooMany;
}

function refuseAnothers(source: Source, upload: Upload, contentSha256: string): void {
  if (source.owner !== upload.owner) {
    throw new RequestError('source-uuid-not-yours', 'This source-uuid belongs to another user: generate a new one.');
  }
  if (source.terminal !== undefined) {
    // Over in a moment, or with Redis back: then this is a new upload. A 200 now would be for the old one.
    throw new RequestError(
      'unavailable',
      'The last upload with this source-uuid is just ending. Please send it again.',
    );
  }
  if (source.wsUuid !== upload.wsUuid || source.contentSha256 !== contentSha256) {
    throw new RequestError(
      'source-uuid-in-use',
      'This source-uuid is being processed with another ws-uuid or content: generate a new one for each source.',
    );
  }
}

function hashOf(content: Upload['content']): string {
  return createHash('sha256')
    .update('url' in content ? content.url : content.file)
    .digest('hex');
}
