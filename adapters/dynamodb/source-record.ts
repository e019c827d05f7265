import * as z from 'zod';
import type { Source, Terminal } from '../../app/ports.ts';
import type { FailureCode } from '../../domain/errors.ts';
import { parseEventId } from '../../domain/ids.ts';
import { fromExpires } from './expires.ts';

const terminal: z.ZodType<Terminal> = z.discriminatedUnion('status', [
  z.object({ status: z.literal('success'), result: z.unknown() }),
  z.object({ status: z.literal('failure'), error: z.string(), code: z.string() as z.ZodType<FailureCode> }),
]);

/**
 * The item of the `sources` table. `status` is there for whoever looks into the table; the code goes by `terminal`.
 * `unfinished` and `deadline` are the keys of one index, `ws-uuid` and `opened-at` of another.
 */
const record = z.object({
  'source-uuid': z.string(),
  generation: z.number(),
  owner: z.string(),
  'ws-uuid': z.string(),
  shard: z.number(),
  'batch-size': z.number(),
  type: z.enum(['file-upload', 'url-upload']),
  filename: z.string(),
  url: z.string().optional(),
  'content-sha256': z.string(),
  'correlation-id': z.string().optional(),
  status: z.enum(['processing', 'success', 'failure']),
  queued: z.boolean(),
  attempt: z.number(),
  'claim-id': z.string().optional(),
  'lease-until': z.number(),
  stage: z.enum(['fetch', 'extract', 'forward']).optional(),
  progress: z.number().optional(),
  terminal: z.string().optional(),
  'published-as': z.string().optional(),
  'opened-at': z.number(),
  deadline: z.number(),
  unfinished: z.string().optional(),
  /** Was a yes or no: a record from before may still be open. */
  redriven: z.union([z.number(), z.boolean().transform(Number)]),
  'postpone-id': z.string().optional(),
  'ended-at': z.number().optional(),
  expires: z.number(),
});

export type SourceRecord = z.infer<typeof record>;

export function parseRecord(item: unknown): SourceRecord {
  return record.parse(item);
}

export function toSource(stored: SourceRecord): Source {
  const published = parseEventId(stored['published-as'] ?? '');
  return {
    sourceUuid: stored['source-uuid'],
    generation: stored.generation,
    owner: stored.owner,
    wsUuid: stored['ws-uuid'],
    shard: stored.shard,
    batchSize: stored['batch-size'],
    type: stored.type,
    filename: stored.filename,
    ...(stored.url !== undefined && { url: stored.url }),
    contentSha256: stored['content-sha256'],
    ...(stored['correlation-id'] !== undefined && { correlationId: stored['correlation-id'] }),
    queued: stored.queued,
    attempt: stored.attempt,
    leaseUntil: stored['lease-until'],
    ...(stored.stage !== undefined && { stage: stored.stage }),
    ...(stored.progress !== undefined && { progress: stored.progress }),
    ...(stored.terminal !== undefined && { terminal: terminal.parse(JSON.parse(stored.terminal)) }),
    ...(published && { published }),
    openedAt: stored['opened-at'],
    deadline: stored.deadline,
    redriven: stored.redriven,
    ...(stored['ended-at'] !== undefined && { endedAt: stored['ended-at'] }),
    expiresAt: fromExpires(stored.expires),
  };
}
