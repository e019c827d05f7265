import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { consoleLog } from '../../local/log.ts';
import { type RunningRedis, startRedis } from '../../local/redis/start-redis.ts';
import { runWakeUps } from './wake-ups.ts';

/** Of one process that serves them all, and runs its Lua in JavaScript. */
const SHARDS = 8;

describe('the hand-over between subscribers', () => {
  let redis: RunningRedis;
  let stateDir: string;
  beforeAll(async () => {
    stateDir = await mkdtemp(join(tmpdir(), 'source-upload-wake-ups-'));
    redis = await startRedis({ prefer: 'embedded', env: {}, stateDir, log: consoleLog() });
  });
  afterAll(async () => {
    await redis[Symbol.asyncDispose]();
    await rm(stateDir, { recursive: true });
  });

  it('strands no burst, however close to the exit of the last subscriber it comes', async () => {
    const result = await runWakeUps({ redisUrl: redis.url, bursts: 1000, seed: 1, shards: SHARDS });
    expect(result).toMatchObject({ bursts: expect.any(Number), stranded: 0, overdue: 0, failures: [] });
    expect(result.exits).toBeGreaterThan(500);
  }, 300_000);

  it('would be seen to strand some, did a subscriber look and leave in two steps', async () => {
    const result = await runWakeUps({ redisUrl: redis.url, bursts: 200, seed: 1, shards: SHARDS, naive: true });
    expect(result.stranded).toBeGreaterThan(0);
  }, 300_000);
});
