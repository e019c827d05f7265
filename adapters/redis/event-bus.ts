import { randomInt } from 'node:crypto';
import type { ChannelRef, EventBus, Publication, Published } from '../../app/ports.ts';
import { CHANNEL_TTL_MS, HISTORY_EVENTS } from '../../domain/limits.ts';
import { publish, ring } from './channel-scripts.ts';
import type { Redis } from './client.ts';
import { acknowledge, open } from './cursor-scripts.ts';
import { channelKey, cursorKey, doorbellKey, historyKey, leaseKey } from './keys.ts';

/** @param now for the time that is kept beside each event. Default: the clock of this machine. */
export function createRedisEventBus(redis: Redis, now: () => number = Date.now): EventBus {
  return {
    async publish(publication) {
      const reply = await redis.runScript(publish, channelKeys(publication), publishArguments(publication, now()));
      const [outcome, epoch, seq, wake] = reply as [Published['outcome'], string, number, number];
      return { outcome, epoch, seq, wake: wake === 1 };
    },
    async open(listener, after) {
      const wake = await redis.runScript(open, channelKeys(listener), [
        listener.wsUuid,
        listener.connectionId,
        listener.connectedAt,
        after?.epoch ?? '',
        after?.seq ?? 0,
        newEpoch(),
        CHANNEL_TTL_MS,
      ]);
      return { wake: wake === 1 };
    },
    async acknowledge(at, connectionId, { epoch, seq }) {
      const keys = [channelKey(at), cursorKey(at), doorbellKey(at.shard), leaseKey(at.shard)];
      const wake = await redis.runScript(acknowledge, keys, [at.wsUuid, connectionId, epoch, seq]);
      return { wake: wake === 1 };
    },
    async ring(at) {
      const wake = await redis.runScript(ring, [doorbellKey(at.shard), leaseKey(at.shard)], [at.wsUuid]);
      return { wake: wake === 1 };
    },
  };
}

function channelKeys(at: ChannelRef): string[] {
  return [channelKey(at), historyKey(at), cursorKey(at), doorbellKey(at.shard), leaseKey(at.shard)];
}

function publishArguments(publication: Publication, publishedAt: number): (string | number)[] {
  const { wsUuid, source, kind, dedupeKey, batchSize, event, known, after = '', correlationId = '' } = publication;
  const { stage, progress } = 'stage' in event ? event : { stage: '', progress: 0 };
  // The script knows the number, and so writes the end of the message itself.
  const body = JSON.stringify(event).slice(0, -1);
  return [
    wsUuid,
    source,
    kind,
    dedupeKey,
    stage,
    progress,
    batchSize,
    known?.epoch ?? '',
    known?.seq ?? '',
    newEpoch(),
    after,
    body,
    CHANNEL_TTL_MS,
    HISTORY_EVENTS,
    publishedAt,
    correlationId,
    known?.dedupeKey ?? '',
  ];
}

const EPOCH_BASE36_DIGITS = 9; // 36^9 < 2^47, within what randomInt takes

/** A candidate: the script keeps the epoch that the channel has. */
export function newEpoch(): string {
  return randomInt(36 ** EPOCH_BASE36_DIGITS)
    .toString(36)
    .padStart(EPOCH_BASE36_DIGITS, '0');
}
