import { afterAll, beforeAll, describe } from 'vitest';
import { type RedisUnderTest, redisServers } from '../local/redis/servers.ts';
import { createRedisOnManualClock } from './redis-on-manual-clock.ts';
import { describeStepBoundaries } from './step-boundaries.ts';

/** All of it takes minutes on a real server; by itself each call is hit by one kind of fault, not by every kind. */
const every = process.env.STEP_BOUNDARIES === 'all';

for (const server of redisServers()) {
  describe(server.name, () => {
    let running: Awaited<ReturnType<RedisUnderTest['start']>>;
    let redis: Awaited<ReturnType<typeof createRedisOnManualClock>>;
    beforeAll(async () => {
      running = await server.start();
      redis = await createRedisOnManualClock(running.url);
    });
    afterAll(async () => {
      await redis.dispose();
      await running[Symbol.asyncDispose]();
    });
    describeStepBoundaries(`on ${server.name}`, (clock) => redis.forClock(clock), { every });
  });
}
