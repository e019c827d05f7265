import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../../adapters/clock.ts';
import type { Evicted } from '../../../adapters/memory/bus-state.ts';
import { createMemoryBus } from '../../../adapters/memory/event-bus.ts';
import { createMemoryLog } from '../../../adapters/memory/log.ts';
import { createRedis, type Redis } from '../../../adapters/redis/client.ts';
import { createRedisEventBus } from '../../../adapters/redis/event-bus.ts';
import {
  channelKey,
  cursorKey,
  doorbellKey,
  historyKey,
  leaseKey,
  recoveredKey,
} from '../../../adapters/redis/keys.ts';
import { createRedisShardReader } from '../../../adapters/redis/shard-reader.ts';
import { createRedisShardWatch } from '../../../adapters/redis/shard-watch.ts';
import type { ChannelRef } from '../../../app/ports.ts';
import { redisServers } from '../../local/redis/servers.ts';
import { operations } from './bus-operations.ts';
import { answersOf, type Subject } from './bus-run.ts';
import { PATIENT } from './patient.ts';

/**
 * The scripts against the bus in memory, which knows nothing of Lua: whatever is done to both, in whatever order, and
 * whatever Redis loses meanwhile, they answer the same.
 * BUS_PROPERTY_RUNS raises the number of sequences, BUS_PROPERTY_SEED chooses others.
 */
const RUNS = Number(process.env.BUS_PROPERTY_RUNS ?? 120);
const SEED = Number(process.env.BUS_PROPERTY_SEED ?? 1);

const KEYS: Readonly<Record<Evicted, (at: ChannelRef) => string>> = {
  channel: channelKey,
  history: historyKey,
  cursors: cursorKey,
  doorbell: ({ shard }) => doorbellKey(shard),
  lease: ({ shard }) => leaseKey(shard),
  recovered: ({ shard }) => recoveredKey(shard),
};

for (const { name, start } of redisServers()) {
  describe(`Any sequence of operations (${name})`, () => {
    let server: Awaited<ReturnType<typeof start>>;
    let redis: Redis;
    let subject: Subject;
    beforeAll(async () => {
      server = await start();
      redis = createRedis({ url: server.url, log: createMemoryLog(), ...PATIENT });
      subject = {
        bus: createRedisEventBus(redis),
        reader: createRedisShardReader(redis),
        watch: createRedisShardWatch(redis),
        evict: async (at, part) => void (await redis.run((cluster) => cluster.del(KEYS[part](at)))),
        lose: async () => void (await redis.run((cluster) => cluster.flushall())),
      };
    });
    afterAll(async () => {
      await redis?.dispose();
      await server?.[Symbol.asyncDispose]();
    });

    it('gets the same answers as in memory', { timeout: 20_000 + RUNS * 1000 }, async () => {
      await fc.assert(
        fc.asyncProperty(operations, async (all) => {
          const expected = await answersOf(createMemoryBus({ clock: systemClock }), all);
          expect(await answersOf(subject, all)).toEqual(expected);
        }),
        { numRuns: RUNS, seed: SEED },
      );
    });
  });
}
