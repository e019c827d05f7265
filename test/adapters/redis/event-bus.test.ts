import { createMemoryLog } from '../../../adapters/memory/log.ts';
import { createRedis } from '../../../adapters/redis/client.ts';
import { createRedisEventBus } from '../../../adapters/redis/event-bus.ts';
import { createRedisShardReader } from '../../../adapters/redis/shard-reader.ts';
import { createRedisShardWatch } from '../../../adapters/redis/shard-watch.ts';
import { redisServers } from '../../local/redis/servers.ts';
import { describeEventBus } from '../contracts/event-bus.ts';
import { describeDoorbellReading, describeShardReader } from '../contracts/shard-reader.ts';
import { describeShardWatch } from '../contracts/shard-watch.ts';
import { PATIENT } from './patient.ts';

for (const { name, start } of redisServers()) {
  const make = (reads: 'block' | 'poll') => async () => {
    const server = await start();
    const [redis, other] = [0, 1].map(() => createRedis({ url: server.url, log: createMemoryLog(), ...PATIENT }));
    return {
      bus: createRedisEventBus(redis!),
      reader: createRedisShardReader(redis!, { reads }),
      otherReader: createRedisShardReader(other!, { reads }),
      watch: createRedisShardWatch(redis!),
      async lose() {
        await redis!.run((cluster) => cluster.flushall());
      },
      async [Symbol.asyncDispose]() {
        await Promise.all([redis!.dispose(), other!.dispose()]);
        await server[Symbol.asyncDispose]();
      },
    };
  };
  describeEventBus(`on Redis (${name})`, make('block'));
  describeShardReader(`on Redis (${name})`, make('block'));
  describeShardWatch(`on Redis (${name})`, make('block'));
  describeDoorbellReading(`on Redis (${name}), polling`, make('poll'));
}
