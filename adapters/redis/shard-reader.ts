import { setTimeout as pause } from 'node:timers/promises';
import { type Cluster, ReplyError } from 'ioredis';
import type { Doorbell, HistoryEntry, NextEvents, ShardReader } from '../../app/ports.ts';
import { CHANNEL_TTL_MS } from '../../domain/limits.ts';
import { closeRound, markRestored } from './channel-scripts.ts';
import type { Redis } from './client.ts';
import { moveCursor, next } from './cursor-scripts.ts';
import { newEpoch } from './event-bus.ts';
import { channelKey, cursorKey, doorbellKey, GROUP, historyKey, leaseKey } from './keys.ts';
import { acquire, exit, release, renew, settle } from './lease-scripts.ts';

export interface ShardReaderOptions {
  /**
   * `block`: XREADGROUP BLOCK, the default. `poll`: the same read without BLOCK every `POLL_MS`, for a server that
   * does not let a client wait. Nothing else depends on it.
   */
  readonly reads?: 'block' | 'poll';
}

/** ElastiCache Serverless ends a blocked read that takes longer. */
const MAX_BLOCK_MS = 5000;
const POLL_MS = 50;

/** Characters, some 100 rounds. Who has been there for longer than those and has lost its cursor starts at the beginning. */
const MOST_FLOORS = 2_000;

/** Fields of a hash: some 200 KB, and a few milliseconds of Redis when they are looked through. */
const PRUNING_SLACK = 2_000;

type StreamEntry = [id: string, fields: string[] | null];

export function createRedisShardReader(redis: Redis, { reads = 'block' }: ShardReaderOptions = {}): ShardReader {
  const read = reads === 'block' ? readBlocking : readPolling;
  return {
    ...leaseOf(redis),
    ...channelsOf(redis),
    async reclaim(shard, token, count, from = '0-0') {
      const claim = (cluster: Cluster) =>
        cluster.xautoclaim(doorbellKey(shard), GROUP, token, 0, from, 'COUNT', count) as Promise<unknown>;
      const [next, entries] = (await inGroup(redis, shard, () => redis.run(claim))) as [string, StreamEntry[]];
      return { doorbells: toDoorbells(entries), ...(next === '0-0' ? {} : { next }) };
    },
    async read(shard, token, count, blockMs) {
      return toDoorbells(await inGroup(redis, shard, () => read(redis, shard, token, count, blockMs)));
    },
    async settle(shard, doorbellIds) {
      if (doorbellIds.length > 0) await redis.runScript(settle, [doorbellKey(shard)], [GROUP, ...doorbellIds]);
    },
  };
}

function leaseOf(redis: Redis): Pick<ShardReader, 'acquire' | 'renew' | 'release' | 'exitIfIdle'> {
  return {
    async acquire(shard, token, ttlMs) {
      return (await redis.runScript(acquire, [leaseKey(shard), doorbellKey(shard)], [token, ttlMs, GROUP])) === 1;
    },
    async renew(shard, token, ttlMs) {
      return (await redis.runScript(renew, [leaseKey(shard)], [token, ttlMs])) === 1;
    },
    async release(shard, token) {
      await redis.runScript(release, [leaseKey(shard)], [token]);
    },
    async exitIfIdle(shard, token) {
      return (await redis.runScript(exit, [leaseKey(shard), doorbellKey(shard)], [token, GROUP])) === 1;
    },
  };
}

function channelsOf(
  redis: Redis,
): Pick<ShardReader, 'next' | 'moveCursor' | 'dropCursor' | 'closeRound' | 'markRestored'> {
  return {
    async next(listener, count, bytes = Number.MAX_SAFE_INTEGER) {
      const keys = [channelKey(listener), historyKey(listener), cursorKey(listener)];
      const { connectionId, connectedAt, lastEventId } = listener;
      const from = [connectionId, connectedAt, lastEventId?.epoch ?? '', lastEventId?.seq ?? 0];
      return toNextEvents(await redis.runScript(next, keys, [...from, count, newEpoch(), CHANNEL_TTL_MS, bytes]));
    },
    async moveCursor(at, connectionId, turn, sent) {
      await redis.runScript(moveCursor, [cursorKey(at)], [connectionId, turn, sent]);
    },
    async dropCursor(at, connectionId) {
      await redis.run((cluster) => cluster.hdel(cursorKey(at), ...cursorFields(connectionId)));
    },
    async closeRound(at, { epoch, seq }, now) {
      const keys = [channelKey(at), cursorKey(at)];
      return (await redis.runScript(closeRound, keys, [epoch, seq, now, MOST_FLOORS, PRUNING_SLACK])) === 1;
    },
    async markRestored(at, epoch) {
      await redis.runScript(markRestored, [channelKey(at)], [epoch]);
    },
  };
}

type NextReply = [
  ...view: [epoch: string, seq: number, complete: number, restored: number, firstHeld: number],
  ...cursor:
    | [start: number, sent: number, acknowledged: number, turn: string, entries: [id: string, fields: string[]][]]
    | [],
];

function toNextEvents(reply: unknown): NextEvents {
  const [epoch, seq, complete, restored, firstHeld, ...rest] = reply as NextReply;
  const view = { epoch, seq, complete, restored: restored === 1, firstHeld };
  if (rest.length === 0) return { ...view, entries: [] };
  const [start, sent, acknowledged, turn, entries] = rest;
  return {
    ...view,
    cursor: { start, sent: Math.max(sent, 0), acknowledged, gap: sent < 0, turn },
    entries: entries.map(([id, fields]) => toEntry(id, fields)),
  };
}

/** Entries of before they were kept have the frame alone. */
function toEntry(id: string, [, frame, , publishedAt, , correlationId]: readonly string[]): HistoryEntry {
  return {
    seq: Number.parseInt(id, 10),
    frame: frame!,
    ...(publishedAt && { publishedAt: Number(publishedAt) }),
    ...(correlationId && { correlationId }),
  };
}

/** Redis may have lost the group with all else: whoever finds it missing makes it, from the first entry that is there. */
async function inGroup<T>(redis: Redis, shard: number, command: () => Promise<T>): Promise<T> {
  try {
    return await command();
  } catch (error) {
    // UNBLOCKED: the stream went away under a read that was waiting on it.
    if (!replyStartsWith(error, 'NOGROUP') && !replyStartsWith(error, 'UNBLOCKED')) throw error;
    await redis.run(async (cluster) => {
      try {
        await cluster.xgroup('CREATE', doorbellKey(shard), GROUP, '0', 'MKSTREAM');
      } catch (exists) {
        if (!replyStartsWith(exists, 'BUSYGROUP')) throw exists;
      }
    });
    return command();
  }
}

function replyStartsWith(error: unknown, code: string): boolean {
  return error instanceof ReplyError && (error as Error).message.startsWith(code);
}

function readBlocking(redis: Redis, shard: number, token: string, count: number, blockMs: number) {
  // BLOCK 0 would mean for ever.
  if (blockMs <= 0) return readNow(redis, shard, token, count);
  const ms = Math.min(blockMs, MAX_BLOCK_MS);
  return redis.block(ms, async (cluster) => {
    const key = doorbellKey(shard);
    return entriesOf(await cluster.xreadgroup('GROUP', GROUP, token, 'COUNT', count, 'BLOCK', ms, 'STREAMS', key, '>'));
  });
}

async function readPolling(redis: Redis, shard: number, token: string, count: number, blockMs: number) {
  const until = performance.now() + Math.min(blockMs, MAX_BLOCK_MS);
  for (;;) {
    const entries = await readNow(redis, shard, token, count);
    if (entries.length > 0 || performance.now() >= until) return entries;
    await pause(POLL_MS);
  }
}

/** With a time limit of 0 it is `block` for its one promise: not sent again by itself. */
function readNow(redis: Redis, shard: number, token: string, count: number): Promise<StreamEntry[]> {
  return redis.block(0, async (cluster) =>
    entriesOf(await cluster.xreadgroup('GROUP', GROUP, token, 'COUNT', count, 'STREAMS', doorbellKey(shard), '>')),
  );
}

function entriesOf(reply: unknown): StreamEntry[] {
  const streams = reply as [key: string, entries: StreamEntry[]][] | null;
  return streams?.[0]?.[1] ?? [];
}

function toDoorbells(entries: readonly StreamEntry[]): Doorbell[] {
  // An entry that was deleted while pending comes without fields.
  return entries.flatMap(([id, fields]) => (fields ? [{ id, wsUuid: fields[1]! }] : []));
}

function cursorFields(connectionId: string): string[] {
  return ['start', 'sent', 'acknowledged', 'turn', 'resume'].map((field) => `${connectionId}:${field}`);
}
