import type { Redis } from '../../adapters/redis/client.ts';
import { doorbellKey } from '../../adapters/redis/keys.ts';
import type { ShardReader } from '../../app/ports.ts';

/**
 * The exit as it suggests itself, in two steps: look whether anything is left, then give the lease up. Whoever rings in
 * between sees a lease and wakes nobody. Here only to see that the search for stranded bursts finds them.
 */
export function withNaiveExit(reader: ShardReader, redis: Redis): ShardReader {
  return {
    ...reader,
    async exitIfIdle(shard, token) {
      const left = await redis.run((cluster) => cluster.xlen(doorbellKey(shard)));
      if (left > 0) return false;
      await reader.release(shard, token);
      return true;
    },
  };
}
