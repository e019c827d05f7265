import { createHash } from 'node:crypto';
import { type DynamoDBDocumentClient, paginateQuery, QueryCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import type { DynamoTable } from './client.ts';
import { attributeNames } from './expressions.ts';

/** Holds the records that have an `unfinished`, each at its deadline; `shelve` takes one out. Keys only. */
export const DEADLINE_INDEX = 'by-deadline';

/** Holds every record at the channel it was last opened in, with its `ended-at` and no more. */
export const CHANNEL_INDEX = 'by-channel';

/** Holds those that have an `under-way`, which is their owner: queued and not ended. Keys only. */
export const UNDER_WAY_INDEX = 'by-under-way';

/**
 * One partition of an index takes 1,000 writes a second, and each lease that is renewed is two of them: so the deadlines
 * are spread. Asking all of the partitions each minute costs 16 eventually consistent queries, some cents a month.
 */
const DEADLINE_BUCKETS = Array.from({ length: 16 }, (_, bucket) => bucket.toString(16));

/** Of a hash, since clients may make ids that count up. MUST NOT change: a record is looked for where it was put. */
export function deadlineBucket(sourceUuid: string): string {
  return createHash('sha256').update(sourceUuid).digest('hex').charAt(0);
}

const dueKeys = z.array(z.object({ 'source-uuid': z.string(), deadline: z.number() }));
const channelKeys = z.array(z.object({ 'source-uuid': z.string() }));

/** The ids of the records in the index with a deadline up to `now`, the earliest first. */
export async function findOverdue({ client, table }: DynamoTable, now: number, limit: number): Promise<string[]> {
  const buckets = await Promise.all(DEADLINE_BUCKETS.map((bucket) => dueIn(client, table, bucket, now, limit)));
  return buckets
    .flat()
    .sort((a, b) => a.deadline - b.deadline)
    .slice(0, limit)
    .map((key) => key['source-uuid']);
}

async function dueIn(
  client: DynamoDBDocumentClient,
  table: string,
  bucket: string,
  now: number,
  limit: number,
): Promise<z.infer<typeof dueKeys>> {
  const condition = '#unfinished = :bucket AND #deadline <= :now';
  const query = new QueryCommand({
    TableName: table,
    IndexName: DEADLINE_INDEX,
    KeyConditionExpression: condition,
    ExpressionAttributeNames: attributeNames(condition),
    ExpressionAttributeValues: { ':bucket': bucket, ':now': now },
    Limit: limit,
  });
  const { Items } = await client.send(query);
  return dueKeys.parse(Items ?? []);
}

/**
 * The time of opening, by which this index is sorted, cannot tell that a source is over: one may wait in the queue for as long
 * as its record lives, since nobody is failed for waiting. So the index holds the end as well.
 */
const NOT_OVER = 'attribute_not_exists(#ended_at) OR #ended_at > :ended_after';

/**
 * The ids of the sources that were last opened in this channel and have not ended, or after that time, the oldest first, as far
 * as the index knows yet. It is some moments behind: it may still name one that has ended or was opened anew in another channel.
 */
export async function findOfChannel(
  { client, table }: DynamoTable,
  wsUuid: string,
  endedAfter: number,
): Promise<string[]> {
  const condition = '#ws_uuid = :uuid';
  const pages = paginateQuery(
    { client },
    {
      TableName: table,
      IndexName: CHANNEL_INDEX,
      KeyConditionExpression: condition,
      FilterExpression: NOT_OVER,
      ExpressionAttributeNames: attributeNames(condition, NOT_OVER),
      ExpressionAttributeValues: { ':uuid': wsUuid, ':ended_after': endedAfter },
    },
  );
  const found = new Set<string>();
  for await (const { Items } of pages) {
    for (const key of channelKeys.parse(Items ?? [])) found.add(key['source-uuid']);
  }
  return [...found];
}
