import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { createManualClock, type ManualClock } from '../../../adapters/memory/clock.ts';
import type { Fault } from '../../../local/faults/fault.ts';
import type { HttpFaults } from '../../../local/faults/http-faults.ts';
import { FaultRegistry } from '../../../local/faults/registry.ts';
import { RunningEnvironments } from '../../../local/lambda/running-environments.ts';
import { memoryLog } from '../../../local/log.ts';
import { type RunningRedis, startRedis } from '../../../local/redis/start-redis.ts';
import { eventually } from '../eventually.ts';
import { testService } from '../lambda/support.ts';

const onLinux = process.platform === 'linux';

describe('faults of redis', () => {
  let stateDir: string;
  let running: RunningRedis;
  let clock: ManualClock;
  let faults: HttpFaults;
  /** Without any retry of its own. */
  let client: Redis;

  beforeAll(async () => {
    stateDir = await mkdtemp(join(tmpdir(), 'redis-faults-'));
    running = await startRedis({ stateDir, env: {}, prefer: 'embedded', log: memoryLog() });
  });
  afterAll(async () => {
    await running?.[Symbol.asyncDispose]();
    await rm(stateDir, { recursive: true, force: true });
  });

  beforeEach(async () => {
    await running.lose();
    clock = createManualClock();
    const registry = new FaultRegistry({ clock, functions: new Map([['counter', 'f']]) });
    faults = { registry, environments: new RunningEnvironments() };
    running.join(faults);
  });

  afterEach(() => {
    faults.registry.clear();
    client?.disconnect();
  });

  const set = (fault: Partial<Fault>) =>
    faults.registry.set({ service: 'redis', kind: 'error', operation: 'HINCRBY', ...fault });

  async function connect(): Promise<Redis> {
    client = new Redis(running.url, {
      lazyConnect: true,
      protocol: 2,
      retryStrategy: () => null,
      enableReadyCheck: false,
    });
    client.on('error', () => undefined);
    await client.connect();
    return client;
  }

  const count = (redis: Redis) => redis.hincrby('k', 'n', 1);

  async function effects(): Promise<number> {
    const other = new Redis(running.url, { protocol: 2 });
    const count = Number(await other.hget('k', 'n'));
    other.disconnect();
    return count;
  }

  test.each([
    ['LOADING', 'LOADING Redis is loading the dataset in memory'],
    ['READONLY', "READONLY You can't write against a read only replica."],
    ['ERR', 'ERR internal error'],
  ])('error %s is a reply, in its place, with nothing done', async (code, message) => {
    set({ code, times: 1 });
    const { hit, others } = await connect().then(async (redis) => {
      const [before, hit, after] = [redis.hget('k', 'n'), count(redis), count(redis)];
      return { hit: await hit.catch((error) => error), others: [await before, await after] };
    });
    expect(hit).toMatchObject({ name: 'ReplyError', message });
    expect(others).toEqual([null, 1]);
  });

  test('a delayed command is carried out when the time is over, and those behind it after it', async () => {
    set({ kind: 'delay', ms: 3000, times: 1 });
    const redis = await connect();
    const replies = Promise.all([count(redis), redis.hget('k', 'n')]);
    await eventually(() => expect(clock.sleepers).toBe(1));
    expect(await effects()).toBe(0);
    await clock.advance(3000);
    expect(await replies).toEqual([1, '1']);
  });

  test('a command hangs until the fault is cleared, with nothing done', async () => {
    const { id } = set({ kind: 'hang', times: 1 });
    const redis = await connect();
    const failed = expect(count(redis)).rejects.toThrow('Connection is closed.');
    await eventually(() => expect(faults.registry.list()).toMatchObject([{ id, held: 1 }]));
    faults.registry.clear(id);
    await failed;
    expect(await effects()).toBe(0);
  });

  test('a command that hangs is forgotten when its caller leaves', async () => {
    set({ kind: 'hang', times: 1 });
    const redis = await connect();
    const failed = expect(count(redis)).rejects.toThrow();
    await eventually(() => expect(faults.registry.list()).toMatchObject([{ held: 1 }]));
    redis.disconnect();
    await failed;
    await eventually(() => expect(faults.registry.list()).toEqual([]));
  });

  test.each([
    ['drop', 0],
    ['lose', 1],
  ] as const)('%s breaks the connection, behind what was sent before', async (kind, expected) => {
    set({ kind, times: 1 });
    const redis = await connect();
    const [before, hit, behind] = [redis.set('other', 'x'), count(redis), count(redis)];
    const failed = [expect(hit).rejects.toThrow('Connection is closed.'), expect(behind).rejects.toThrow()];
    expect(await before).toBe('OK');
    await Promise.all(failed);
    expect(await effects()).toBe(expected);
  });

  test('a connection from before the fault is broken, so that the next command meets it', async () => {
    const before = await connect();
    expect(await count(before)).toBe(1);
    const ended = new Promise((resolve) => before.once('end', resolve));
    set({});
    await ended;
    await expect(count(await connect())).rejects.toThrow('LOADING');
    faults.registry.clear();
    expect(await count(client)).toBe(2);
  });

  test.runIf(onLinux).each([
    ['crash-before', 0],
    ['crash-after', 1],
  ] as const)('%s kills the caller, and nobody else', async (kind, expected) => {
    const service = await testService({ faults });
    const { port } = new URL(running.url);
    await service.add(`
      import { connect } from 'node:net';
      export const handler = () => new Promise((resolve) => {
        connect(${port}, '127.0.0.1', function () { this.write('HINCRBY k n 1\\r\\n'); }).once('data', String).once('data', resolve);
      });
    `);
    set({ kind, function: 'counter' });
    expect(await count(await connect())).toBe(1);
    expect(await service.call('f')).toMatchObject({
      functionError: 'Unhandled',
      answer: { errorMessage: expect.stringContaining('signal: killed') },
    });
    expect(await effects()).toBe(1 + expected);
  });

  test('all data is lost, scripts too', async () => {
    const redis = await connect();
    await count(redis);
    const sha = (await redis.script('LOAD', 'return 1')) as string;
    set({ operation: 'FLUSHALL' });
    await running.lose();
    expect(await effects()).toBe(0);
    const again = await connect();
    await expect(again.evalsha(sha, 0)).rejects.toThrow('NOSCRIPT');
  });
});

test('a Redis of REDIS_URL cannot be faulted, and says why', async () => {
  // It has to look like a server in cluster mode only.
  const stateDir = await mkdtemp(join(tmpdir(), 'redis-faults-'));
  onTestFinished(() => rm(stateDir, { recursive: true, force: true }));
  await using other = await startRedis({ stateDir, env: {}, prefer: 'embedded', log: memoryLog() });
  await using redis = await startRedis({ stateDir, env: { REDIS_URL: other.url }, log: memoryLog() });
  const registry = new FaultRegistry({ clock: createManualClock(), functions: new Map() });
  redis.join({ registry, environments: new RunningEnvironments() });
  expect(() => registry.set({ service: 'redis', kind: 'drop' })).toThrow(/^The Redis of REDIS_URL tells its clients/);
});
