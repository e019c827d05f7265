import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createMemoryLog } from '../../../adapters/memory/log.ts';
import { closeRound } from '../../../adapters/redis/channel-scripts.ts';
import { createRedis, type Redis } from '../../../adapters/redis/client.ts';
import { createRedisEventBus } from '../../../adapters/redis/event-bus.ts';
import {
  channelKey,
  cursorKey,
  doorbellKey,
  GROUP,
  historyKey,
  leaseKey,
  recoveredKey,
} from '../../../adapters/redis/keys.ts';
import { createRedisShardReader } from '../../../adapters/redis/shard-reader.ts';
import { createRedisShardWatch, RECOVERED_TTL_MS } from '../../../adapters/redis/shard-watch.ts';
import type { EventBus, ShardReader, ShardWatch } from '../../../app/ports.ts';
import { CHANNEL_TTL_MS } from '../../../domain/limits.ts';
import { redisServers } from '../../local/redis/servers.ts';
import {
  CONNECTED_AT,
  drain,
  listener,
  markRestored,
  newChannel,
  reclaimAll,
  sendUpTo,
  sourceOn,
} from '../contracts/bus-fixture.ts';
import { PATIENT } from './patient.ts';

/** Far below what a use gives a key, and more than passes between two commands of a test. */
const SHORTENED_MS = 60_000;

/** What the ports do not show: what lies in Redis, and what happens when some of it is gone. */
for (const { name, start } of redisServers()) {
  describe(`In Redis (${name})`, () => {
    let server: Awaited<ReturnType<typeof start>>;
    let redis: Redis;
    let bus: EventBus;
    let reader: ShardReader;
    let watch: ShardWatch;
    beforeAll(async () => {
      server = await start();
      redis = createRedis({ url: server.url, log: createMemoryLog(), ...PATIENT });
      bus = createRedisEventBus(redis);
      reader = createRedisShardReader(redis);
      watch = createRedisShardWatch(redis);
    });
    afterAll(async () => {
      await redis?.dispose();
      await server?.[Symbol.asyncDispose]();
    });
    const remove = (key: string) => redis.run((cluster) => cluster.del(key));
    const timeToLive = (key: string) => redis.run((cluster) => cluster.pttl(key));
    const consumers = (shard: number) =>
      redis.run(async (cluster) => {
        const rows = (await cluster.xinfo('CONSUMERS', doorbellKey(shard), GROUP)) as string[][];
        return rows.map((row) => row[1]);
      });

    it('every key of a channel lives as long as the channel, from its last use', async () => {
      const at = newChannel();
      await markRestored(reader, at);
      const keys = [channelKey(at), historyKey(at), cursorKey(at)];
      const shorten = () => Promise.all(keys.map((key) => redis.run((cluster) => cluster.pexpire(key, SHORTENED_MS))));
      await bus.open(listener(at, 'a'));
      for (const key of [channelKey(at), cursorKey(at)]) {
        expect(await timeToLive(key)).toBeGreaterThan(CHANNEL_TTL_MS - 60_000);
      }
      await bus.publish(sourceOn(at).step());
      const uses = [
        () => bus.publish(sourceOn(at).step()),
        () => bus.open(listener(at, 'a')),
        () => bus.open(listener(at, 'a'), { epoch: 'x', seq: 1 }),
        () => reader.next(listener(at, `new-${Math.random()}`), 1),
      ];
      for (const use of uses) {
        await shorten();
        await use();
        for (const key of keys) expect(await timeToLive(key)).toBeGreaterThan(CHANNEL_TTL_MS - 60_000);
      }
      const { epoch, seq } = await reader.next(listener(at, 'a'), 1);
      await bus.acknowledge(at, 'a', { epoch, seq });
      await sendUpTo(reader, at, 'a', seq);
      await reader.closeRound(at, { epoch, seq }, 1);
      await reader.dropCursor(at, 'a');
      for (const key of keys) expect(await timeToLive(key)).toBeGreaterThan(0);
    });

    it('a use of a channel that is gone leaves no key without an end', async () => {
      const at = newChannel();
      await bus.acknowledge(at, 'a', { epoch: 'x', seq: 1 });
      await reader.moveCursor(at, 'a', 'x', 1);
      await reader.closeRound(at, { epoch: 'x', seq: 1 }, 1);
      await reader.markRestored(at, 'x');
      await bus.ring(at);
      expect((await bus.publish(sourceOn(at).progress(1))).outcome).toBe('unopened');
      for (const key of [channelKey(at), historyKey(at), cursorKey(at)]) expect(await timeToLive(key)).toBe(-2);
      const refused = await bus.publish(sourceOn(at).success());
      expect(refused.outcome).toBe('published');
      for (const key of [channelKey(at), historyKey(at)]) expect(await timeToLive(key)).toBeGreaterThan(0);
    });

    it('an epoch that only a reader began has its end too', async () => {
      const at = newChannel();
      await reader.next(listener(at, 'a'), 1);
      expect(await timeToLive(channelKey(at))).toBeGreaterThan(CHANNEL_TTL_MS - 60_000);
      const { epoch } = await bus.publish(sourceOn(at).step());
      await bus.publish({ ...sourceOn(at).success(), known: { epoch, seq: 9, dedupeKey: 'terminal' } });
      for (const key of [channelKey(at), historyKey(at)]) {
        expect(await timeToLive(key)).toBeGreaterThan(CHANNEL_TTL_MS - 60_000);
      }
    });

    it('what is known of a recovery lives for long, from the last look', async () => {
      const { shard } = newChannel();
      const key = recoveredKey(shard);
      const shorten = () => redis.run((cluster) => cluster.pexpire(key, SHORTENED_MS));
      await watch.endRecovery(shard, 'token');
      expect(await timeToLive(key)).toBe(-2);
      for (const use of [
        () => watch.beginRecovery(shard, 'token'),
        () => watch.endRecovery(shard, 'token'),
        () => watch.beginRecovery(shard, 'another'),
      ]) {
        await use();
        expect(await timeToLive(key)).toBeGreaterThan(RECOVERED_TTL_MS - 60_000);
        await shorten();
      }
    });

    it('the doorbell stays, and the lease ends by itself', async () => {
      const at = newChannel();
      await reader.acquire(at.shard, 'a', 30_000);
      await bus.publish(sourceOn(at).step());
      expect(await timeToLive(doorbellKey(at.shard))).toBe(-1);
      expect(await timeToLive(leaseKey(at.shard))).toBeGreaterThan(0);
      await reader.renew(at.shard, 'a', 600_000);
      expect(await timeToLive(leaseKey(at.shard))).toBeGreaterThan(500_000);
    });

    it('one field is left of a source that has ended', async () => {
      const at = newChannel();
      const source = sourceOn(at);
      const fields = async () => Object.keys(await redis.run((cluster) => cluster.hgetall(channelKey(at))));
      await bus.publish(source.step());
      await bus.publish(source.received());
      for (const stage of ['fetch', 'extract'] as const) {
        for (let progress = 0; progress <= 100; progress += 10) await bus.publish(source.progress(progress, stage));
      }
      expect((await fields()).length).toBeGreaterThan(24);
      const { source: sourceName } = source.step();
      await bus.publish(source.success());
      expect((await fields()).sort()).toEqual([
        'complete',
        'ended',
        `ended:${sourceName.split('#')[0]}`,
        'epoch',
        'open',
        'seq',
      ]);
    });

    it('nothing is left of a doorbell that was settled', async () => {
      const at = newChannel();
      await bus.publish(sourceOn(at).step());
      await drain(reader, at.shard);
      expect(await redis.run((cluster) => cluster.xlen(doorbellKey(at.shard)))).toBe(0);
      expect(await reclaimAll(reader, at.shard, 'a', 10)).toEqual([]);
    });

    it('consumers of past leases do not pile up, and none goes while a doorbell is pending on it', async () => {
      const at = newChannel();
      for (let round = 0; round < 5; round += 1) {
        await reader.acquire(at.shard, `token-${round}`, 60_000);
        await bus.publish(sourceOn(at).step());
        await reclaimAll(reader, at.shard, `token-${round}`, 10);
        await reader.read(at.shard, `token-${round}`, 1, 0);
        await reader.release(at.shard, `token-${round}`);
      }
      // Those of the last two: the pending ones moved from one to the other after the last look.
      expect(await consumers(at.shard)).toEqual(['token-3', 'token-4']);
      await reader.acquire(at.shard, 'last', 60_000);
      const pending = await reclaimAll(reader, at.shard, 'last', 10);
      expect(pending).toHaveLength(5);
      await reader.settle(
        at.shard,
        pending.map(({ id }) => id),
      );
      expect(await reader.exitIfIdle(at.shard, 'last')).toBe(true);
      expect(await consumers(at.shard)).not.toContain('last');
    });

    it('a doorbell that was deleted while pending is passed over', async () => {
      const { shard } = newChannel();
      for (let i = 0; i < 3; i += 1) await bus.publish(sourceOn(newChannel(shard)).step());
      const [first] = await reader.read(shard, 'crashed', 3, 0);
      await redis.run((cluster) => cluster.xdel(doorbellKey(shard), first!.id));
      expect(await reclaimAll(reader, shard, 'next', 1)).toHaveLength(2);
    });

    it('the shard can be left although the last doorbell was deleted before it was read', async () => {
      const at = newChannel();
      await reader.acquire(at.shard, 'a', 60_000);
      await reader.read(at.shard, 'a', 1, 0);
      await bus.publish(sourceOn(at).step());
      expect(await reader.exitIfIdle(at.shard, 'a')).toBe(false);
      await redis.run(async (cluster) => {
        const [entry] = await cluster.xrange(doorbellKey(at.shard), '-', '+', 'COUNT', 1);
        return cluster.xdel(doorbellKey(at.shard), entry![0]);
      });
      expect(await reader.exitIfIdle(at.shard, 'a')).toBe(true);
    });

    it('a channel whose hash was evicted begins anew, without the leavings of its last epoch', async () => {
      const at = newChannel();
      const before = await bus.publish(sourceOn(at).step());
      await bus.publish(sourceOn(at).step());
      await markRestored(reader, at);
      await sendUpTo(reader, at, 'a', 2);
      await remove(channelKey(at));
      const after = await bus.publish(sourceOn(at).step());
      expect(after).toMatchObject({ outcome: 'published', seq: 1 });
      expect(after.epoch).not.toBe(before.epoch);
      await markRestored(reader, at);
      const { cursor, entries } = await reader.next(listener(at, 'a'), 10);
      expect(cursor!.sent).toBe(0);
      expect(entries.map(({ seq }) => seq)).toEqual([1]);
    });

    it('a channel goes on when only its history or its cursors were evicted', async () => {
      const at = newChannel();
      await bus.publish(sourceOn(at).step());
      await markRestored(reader, at);
      await bus.open(listener(at, 'a'));
      await sendUpTo(reader, at, 'a', 1);
      await remove(historyKey(at));
      expect(await reader.next(listener(at, 'a'), 10)).toMatchObject({ seq: 1, firstHeld: 2, entries: [] });
      await remove(cursorKey(at));
      expect(await bus.publish(sourceOn(at).step())).toMatchObject({ outcome: 'published', seq: 2 });
      const { cursor, firstHeld, entries } = await reader.next(listener(at, 'a'), 10);
      expect({ sent: cursor!.sent, firstHeld }).toEqual({ sent: 0, firstHeld: 2 });
      expect(entries.map(({ seq }) => seq)).toEqual([2]);
    });

    it('a cursor that was evicted is placed again where the connection came in', async () => {
      const at = newChannel();
      const epoch = await markRestored(reader, at);
      await bus.publish(sourceOn(at).success());
      await reader.closeRound(at, { epoch, seq: 1 }, CONNECTED_AT);
      await bus.open(listener(at, 'a'));
      await bus.publish(sourceOn(at).success());
      await reader.closeRound(at, { epoch, seq: 2 }, CONNECTED_AT + 1); // for another connection
      await remove(cursorKey(at));
      expect((await reader.next(listener(at, 'a'), 10)).cursor).toMatchObject({ start: 1, sent: 1 });
    });

    it('the rounds that a channel remembers are bounded, and whoever came before them starts at the beginning', async () => {
      const at = newChannel();
      const epoch = await markRestored(reader, at);
      const now = 1_790_000_000_000;
      for (let seq = 1; seq <= 150; seq += 1) {
        await bus.publish(sourceOn(at).success());
        await reader.closeRound(at, { epoch, seq }, now + seq);
      }
      const floors = await redis.run((cluster) => cluster.hget(channelKey(at), 'floors'));
      expect(floors!.length).toBeLessThanOrEqual(2_000);
      const startOf = async (connectedAt: number) =>
        (await reader.next(listener(at, `${connectedAt}`, undefined, connectedAt), 1)).cursor!.start;
      expect([await startOf(now + 3), await startOf(now + 149), await startOf(now + 150)]).toEqual([0, 149, 150]);
    });

    it('of a channel that never expires, ends and cursors older than its rounds do not stay', async () => {
      const at = newChannel();
      const epoch = await markRestored(reader, at);
      const close = (seq: number) =>
        redis.runScript(closeRound, [channelKey(at), cursorKey(at)], [epoch, seq, 1_000 + seq, 60, 40]);
      const sizes = { channel: 0, cursor: 0 };
      await bus.open(listener(at, 'stays'));
      for (let seq = 1; seq <= 300; seq += 1) {
        await bus.open(listener(at, `left-${seq}`, undefined, 1_000 + seq)); // and is never heard of again
        await bus.publish(sourceOn(at).success());
        expect(await close(seq)).toBe(1);
        const [channel, cursor] = await redis.run((cluster) =>
          Promise.all([cluster.hlen(channelKey(at)), cluster.hlen(cursorKey(at))]),
        );
        sizes.channel = Math.max(sizes.channel, channel);
        sizes.cursor = Math.max(sizes.cursor, cursor);
      }
      expect(sizes.channel).toBeLessThan(100);
      expect(sizes.cursor).toBeLessThan(150);
      // Whoever is there still is placed again, where it came in.
      expect((await reader.next(listener(at, 'stays'), 1)).cursor).toMatchObject({ start: 0, sent: 0 });
      expect((await reader.next(listener(at, 'left-300', undefined, 1_300), 1)).cursor).toMatchObject({ start: 299 });
    });

    it('a subscriber goes on when the doorbell and its group are lost under it', async () => {
      const at = newChannel();
      await reader.acquire(at.shard, 'a', 60_000);
      await reader.read(at.shard, 'a', 1, 0);
      const waiting = reader.read(at.shard, 'a', 10, 2000);
      await remove(doorbellKey(at.shard));
      await bus.publish(sourceOn(at).step());
      const doorbells = await waiting;
      const rest = doorbells.length > 0 ? doorbells : await reader.read(at.shard, 'a', 10, 0);
      expect(rest.map(({ wsUuid }) => wsUuid)).toEqual([at.wsUuid]);
    });

    it('scripts that a restarted server forgot are sent again', async () => {
      await redis.run((cluster) => cluster.script('FLUSH'));
      expect((await bus.publish(sourceOn(newChannel()).step())).outcome).toBe('published');
    });

    it('what is published is also announced on the channel of the ws-uuid', async () => {
      const at = newChannel();
      const heard = Promise.withResolvers<[string, string]>();
      const listener = createRedis({ url: server.url, log: createMemoryLog(), ...PATIENT });
      await listener.run(async (cluster) => {
        cluster.on('message', (channel: string, message: string) => heard.resolve([channel, message]));
        return cluster.subscribe(at.wsUuid);
      });
      const { epoch } = await bus.publish(sourceOn(at).step());
      const [channel, message] = await heard.promise;
      expect(channel).toBe(at.wsUuid);
      expect(JSON.parse(message)['event-id']).toBe(`${epoch}-1`);
      await listener.dispose();
    });
  });
}
