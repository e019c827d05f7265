import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { memoryLog } from '../../../local/log.ts';
import { findRedisServer } from '../../../local/redis/server-binary.ts';
import { type RedisChoice, startRedis } from '../../../local/redis/start-redis.ts';

export interface RedisUnderTest {
  readonly name: string;
  start(): Promise<{ readonly url: string } & AsyncDisposable>;
}

const { usable } = await findRedisServer(process.env.PATH ?? '');

/** The embedded server always, and the real one where the machine has one. What a started one leaves behind: nothing. */
export function redisServers(): RedisUnderTest[] {
  const choices: [string, RedisChoice][] = [['embedded Redis', 'embedded']];
  if (usable) choices.push([`${path.basename(usable.path)} ${usable.version}`, 'server']);
  return choices.map(([name, prefer]) => ({ name, start: () => start(prefer) }));
}

async function start(prefer: RedisChoice): Promise<{ readonly url: string } & AsyncDisposable> {
  const stateDir = await mkdtemp(path.join(tmpdir(), 'redis-under-test-'));
  const remove = (): Promise<void> => rm(stateDir, { recursive: true, force: true });
  try {
    const redis = await startRedis({ stateDir, env: { PATH: process.env.PATH }, prefer, log: memoryLog() });
    return {
      url: redis.url,
      async [Symbol.asyncDispose]() {
        await redis[Symbol.asyncDispose]();
        await remove();
      },
    };
  } catch (error) {
    await remove();
    throw error;
  }
}
