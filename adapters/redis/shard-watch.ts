import type { ShardWatch } from '../../app/ports.ts';
import type { Redis } from './client.ts';
import { doorbellKey, leaseKey, recoveredKey } from './keys.ts';
import { beginRecovery, endRecovery, isUnserved } from './watch-scripts.ts';

/** A watch looks every minute; after a pause longer than this, one needless recovery does no harm. */
export const RECOVERED_TTL_MS = 7 * 24 * 60 * 60_000;

/** A token is any word but `whole`. */
export function createRedisShardWatch(redis: Redis): ShardWatch {
  return {
    async isUnserved(shard) {
      return (await redis.runScript(isUnserved, [leaseKey(shard), doorbellKey(shard)], [])) === 1;
    },
    async beginRecovery(shard, token) {
      return (await redis.runScript(beginRecovery, [recoveredKey(shard)], [token, RECOVERED_TTL_MS])) === 1;
    },
    async endRecovery(shard, token) {
      await redis.runScript(endRecovery, [recoveredKey(shard)], [token, RECOVERED_TTL_MS]);
    },
  };
}
