import { createMemoryLog } from '../../adapters/memory/log.ts';
import { createRedis } from '../../adapters/redis/client.ts';
import { createRedisEventBus } from '../../adapters/redis/event-bus.ts';
import { createRedisShardReader } from '../../adapters/redis/shard-reader.ts';
import { createRedisShardWatch } from '../../adapters/redis/shard-watch.ts';
import type { Clock, ShardReader } from '../../app/ports.ts';
import type { RedisPorts } from './machine.ts';

const POLL_MS = 100;

/**
 * A Redis whose time is that of a clock that is moved: leases run out by it, and a read waits by it. All else is the
 * adapters' own. Emptied first.
 */
export async function createRedisOnManualClock(url: string) {
  const redis = createRedis({ url, log: createMemoryLog(), attemptMs: 5_000, totalMs: 15_000 });
  let underWay = 0;
  const lose = async () => {
    await redis.run((cluster) => cluster.flushall());
  };

  /** Only the time that a command takes on its way counts as busy: a read that waits for the clock does not. */
  function counted<P extends object>(port: P): P {
    return new Proxy(port, {
      get(target, property) {
        const value = Reflect.get(target, property);
        if (typeof value !== 'function') return value;
        return async (...args: unknown[]) => {
          underWay += 1;
          try {
            return await Reflect.apply(value, target, args);
          } finally {
            underWay -= 1;
          }
        };
      },
    });
  }

  return {
    async forClock(clock: Clock): Promise<RedisPorts> {
      await lose();
      const reader = counted(createRedisShardReader(redis));
      const leases = new Map<string, { readonly shard: number; readonly token: string; until: number }>();
      const timed: ShardReader = {
        ...pick(reader),
        async acquire(shard, token, ttlMs) {
          const acquired = await reader.acquire(shard, token, ttlMs);
          if (acquired) leases.set(token, { shard, token, until: clock.now() + ttlMs });
          return acquired;
        },
        async renew(shard, token, ttlMs) {
          const renewed = await reader.renew(shard, token, ttlMs);
          if (renewed) leases.set(token, { shard, token, until: clock.now() + ttlMs });
          return renewed;
        },
        async read(shard, token, count, blockMs) {
          for (const until = clock.now() + blockMs; ; await clock.sleep(POLL_MS)) {
            const doorbells = await reader.read(shard, token, count, 0);
            if (doorbells.length > 0 || clock.now() >= until) return doorbells;
          }
        },
      };
      return {
        bus: counted(createRedisEventBus(redis)),
        reader: timed,
        watch: counted(createRedisShardWatch(redis)),
        lose,
        isBusy: () => underWay > 0,
        async timeMoved() {
          for (const { shard, token, until } of leases.values()) {
            if (until > clock.now()) continue;
            await reader.release(shard, token);
            leases.delete(token);
          }
        },
      };
    },
    dispose: () => redis.dispose(),
  };
}

/** A proxy has no properties of its own to spread. */
function pick(reader: ShardReader): ShardReader {
  const { acquire, renew, release, exitIfIdle, reclaim, read, settle } = reader;
  const { next, moveCursor, dropCursor, closeRound, markRestored } = reader;
  const lease = { acquire, renew, release, exitIfIdle };
  return { ...lease, reclaim, read, settle, next, moveCursor, dropCursor, closeRound, markRestored };
}
