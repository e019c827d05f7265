import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { systemClock } from '../../../local/clock.ts';
import type { HttpFaults } from '../../../local/faults/http-faults.ts';
import { FaultRegistry } from '../../../local/faults/registry.ts';
import { RunningEnvironments } from '../../../local/lambda/running-environments.ts';
import { memoryLog } from '../../../local/log.ts';
import { findRedisServer } from '../../../local/redis/server-binary.ts';
import { type RedisChoice, type RunningRedis, startRedis } from '../../../local/redis/start-redis.ts';

export interface RedisUnderTest {
  readonly name: string;
  start(): Promise<StartedRedis>;
}

export type StartedRedis = Pick<RunningRedis, 'url' | 'setUsers'> & AsyncDisposable;

const { usable } = await findRedisServer(process.env.PATH ?? '');

/** The embedded server always, and the real one where the machine has one. What a started one leaves behind: nothing. */
export function redisServers(): RedisUnderTest[] {
  const choices: [string, RedisChoice][] = [['embedded Redis', 'embedded']];
  if (usable) choices.push([`${path.basename(usable.path)} ${usable.version}`, 'server']);
  return choices.map(([name, prefer]) => ({ name, start: () => start(prefer) }));
}

/** The embedded server behind a fault that hits nothing: so each command and each reply is looked at, and goes on. */
export const watchedRedis: RedisUnderTest = {
  name: 'embedded Redis behind faults',
  async start() {
    const registry = new FaultRegistry({ clock: systemClock, functions: new Map() });
    const redis = await start('embedded', { registry, environments: new RunningEnvironments() });
    registry.set({ service: 'redis', kind: 'drop', operation: 'NOTHING' });
    return redis;
  },
};

async function start(prefer: RedisChoice, faults?: HttpFaults): Promise<StartedRedis> {
  const stateDir = await mkdtemp(path.join(tmpdir(), 'redis-under-test-'));
  const remove = (): Promise<void> => rm(stateDir, { recursive: true, force: true });
  try {
    const redis = await startRedis({ stateDir, env: { PATH: process.env.PATH }, prefer, log: memoryLog() });
    if (faults) redis.join(faults);
    return {
      url: redis.url,
      setUsers: (users) => redis.setUsers(users),
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
