import type { Cluster } from 'ioredis';
import { afterEach, describe, expect, it } from 'vitest';
import { createMemoryLog } from '../../../adapters/memory/log.ts';
import { createRedis, type Redis, type RedisOptions } from '../../../adapters/redis/client.ts';
import { RedisUnavailable } from '../../../adapters/redis/errors.ts';
import { script } from '../../../adapters/redis/script.ts';
import { type FakeNode, startFakeNode } from './fake-node.ts';
import { PATIENT } from './patient.ts';

/** A bound for a hang, never the way a test waits. */
const WAIT = { timeout: 15_000, interval: 5 };

const stack: AsyncDisposable[] = [];
afterEach(async () => {
  for (const each of stack.splice(0).reverse()) await each[Symbol.asyncDispose]();
});

/** With the limits that it is given; where a test is about something else, with limits that are not reached. */
async function start(options: Partial<RedisOptions> = PATIENT): Promise<{ node: FakeNode; redis: Redis }> {
  const node = await startFakeNode();
  const redis = createRedis({ url: node.url, log: createMemoryLog(), ...options });
  stack.push(node, redis);
  return { node, redis };
}

const get = (cluster: Cluster) => cluster.get('{k}');
const elapsed = async (action: () => Promise<unknown>) => {
  const from = performance.now();
  await action();
  return performance.now() - from;
};

describe('A command', () => {
  it('connects when it is first needed, and not before', async () => {
    const { node, redis } = await start();
    expect(node.connections).toBe(0);
    expect(await redis.run(get)).toBe('OK');
    const { connections } = node;
    expect(await redis.run(get)).toBe('OK');
    expect(node.connections).toBe(connections);
  });

  // Two seconds are the pauses of 50, 100, 200, 400 and 800 ms, in which the tries are counted: what a busy machine adds
  // to them is not the client's.
  it('fails within two seconds, with an error, where nothing listens', async () => {
    const log = createMemoryLog();
    const { node, redis } = await start({ log });
    await node[Symbol.asyncDispose]();
    stack.shift();
    await expect(redis.run(get)).rejects.toThrow(RedisUnavailable);
    const { length } = log.of('redis-retry');
    expect(length).toBeGreaterThan(0);
    expect(length).toBeLessThanOrEqual(5);
  });

  it('fails with what the server said, where that is the reason', async () => {
    const { node, redis } = await start({});
    node.slots = '-ERR This instance has cluster support disabled';
    await expect(redis.run(get)).rejects.toThrow(
      'Redis cannot be reached: ERR This instance has cluster support disabled',
    );
  });

  it('fails within about two seconds where Redis takes connections and never answers', async () => {
    const log = createMemoryLog();
    const { node, redis } = await start({ log });
    node.answer = () => 'silence';
    await expect(redis.run(get)).rejects.toThrow(RedisUnavailable);
    // 800 ms, a pause, 800 ms, a pause, and what is left.
    expect(log.of('redis-retry')).toHaveLength(2);
  });

  it('succeeds on a fresh connection when Redis comes back', async () => {
    const { node, redis } = await start({});
    node.answer = () => 'hang-up';
    await expect(redis.run(get)).rejects.toThrow(RedisUnavailable);
    node.answer = () => '+OK';
    expect(await redis.run(get)).toBe('OK');
  });

  it('succeeds when the connection was closed while it was idle', async () => {
    const { node, redis } = await start();
    await redis.run(get);
    node.hangUp();
    expect(await redis.run(get)).toBe('OK');
  });

  it('is not spent on a connection that is known to be closed', async () => {
    const log = createMemoryLog();
    const { node, redis } = await start({ ...PATIENT, log });
    const cluster = await redis.run(async (each) => {
      await get(each);
      return each;
    });
    node.hangUp();
    await expect.poll(() => cluster.status, WAIT).not.toBe('ready');
    await redis.run(get);
    expect(log.of('redis-retry')).toEqual([]);
  });

  it('is sent again when the connection breaks before the answer, with all others that were under way', async () => {
    const { node, redis } = await start();
    await redis.run(get);
    let broken = false;
    node.answer = () => {
      if (broken) return '+OK';
      broken = true;
      return 'hang-up';
    };
    expect(await Promise.all([redis.run(get), redis.run(get), redis.run(get)])).toEqual(['OK', 'OK', 'OK']);
  });

  // After a freeze of some minutes the network has forgotten the connection: what is written to it just vanishes.
  it('succeeds when the connection is silently dead', async () => {
    const { node, redis } = await start({ attemptMs: 300, totalMs: 15_000 });
    await redis.run(get);
    const dead = node.connections;
    node.answer = (_, connection) => (connection <= dead ? 'silence' : '+OK');
    expect(await redis.run(get)).toBe('OK');
    const { connections } = node;
    expect(await redis.run(get)).toBe('OK');
    expect(node.connections).toBe(connections);
  });

  it('does not trust a connection that was idle for long', async () => {
    let now = 0;
    const log = createMemoryLog();
    const { node, redis } = await start({ ...PATIENT, maxIdleMs: 60_000, now: () => now, log });
    await redis.run(get);
    const { connections } = node;
    now += 60_000;
    await redis.run(get);
    expect(node.connections).toBe(connections);
    now += 60_001;
    node.answer = (_, connection) => (connection <= connections ? 'silence' : '+OK');
    await expect(redis.run(get)).resolves.toBe('OK');
    expect(log.of('redis-retry')).toEqual([]);
  });

  it('is not held to have timed out when its answer is there and only the process was stopped', async () => {
    const { node, redis } = await start({ attemptMs: 500, totalMs: 500 });
    await expect.poll(() => redis.run(get).catch(() => 'not yet'), WAIT).toBe('OK');
    const { length } = node.commands;
    node.answer = () => {
      // The answer goes out first, and then nothing moves until the timer is long overdue.
      process.nextTick(() => {
        for (const until = performance.now() + 600; performance.now() < until; );
      });
      return '+OK';
    };
    expect(await redis.run(get)).toBe('OK');
    expect(node.commands).toHaveLength(length + 1);
  });

  it('waits for a server that is loading or has no cluster, and then reports its reply', async () => {
    const { node, redis } = await start();
    let replies = 0;
    node.answer = () => {
      replies += 1;
      return replies < 3 ? '-LOADING Redis is loading the dataset in memory' : '+OK';
    };
    expect(await redis.run(get)).toBe('OK');
    node.answer = () => '-WRONGTYPE no';
    await expect(redis.run(get)).rejects.toThrow('WRONGTYPE');
    expect(node.commands).toHaveLength(4);
  });
});

describe('A script', () => {
  it('goes by its digest, and in full only where Redis does not know it', async () => {
    const { node, redis } = await start();
    const hello = script('return 1');
    const known = new Set<string>();
    node.answer = ([name, body]) => {
      if (name === 'evalsha') return known.has(body!) ? ':1' : '-NOSCRIPT No matching script.';
      known.add(hello.sha);
      return body === hello.lua ? ':1' : '-ERR another body';
    };
    for (let i = 0; i < 2; i += 1) expect(await redis.runScript(hello, ['{k}'], [1, 'two'])).toBe(1);
    expect(node.commands).toEqual(['EVALSHA', 'EVAL', 'EVALSHA']);
  });
});

describe('A blocking read', () => {
  it('holds up no command', async () => {
    const { node, redis } = await start();
    node.answer = ([name]) => (name === 'blpop' ? 'silence' : '+OK');
    const read = redis.block(10_000, (cluster) => cluster.blpop('{k}', 10)).catch(() => 'ended');
    expect(await redis.run(get)).toBe('OK');
    node.hangUp();
    await read;
  });

  // What the first one read was lost with its connection, and is pending: a second one would skip it in silence.
  it('is not sent again by itself, and the next one has a connection of its own', async () => {
    const { node, redis } = await start();
    const read = () => redis.block(100, (cluster) => cluster.blpop('{k}', 1));
    node.answer = () => 'hang-up';
    await expect(read()).rejects.toThrow(RedisUnavailable);
    expect(node.commands).toEqual(['BLPOP']);
    node.answer = () => '*-1';
    expect(await read()).toBeNull();
  });

  it('ends when its time and a little more is over, whatever Redis does', async () => {
    const { node, redis } = await start({ attemptMs: 500 });
    node.answer = () => 'silence';
    const ms = await elapsed(() => expect(redis.block(200, (cluster) => cluster.blpop('{k}', 1))).rejects.toThrow());
    expect(ms).toBeGreaterThan(650);
    expect(ms).toBeLessThan(15_000); // a hang, and nothing that a busy machine does
  });

  it('takes a fresh connection after a pause, in which the process may have been frozen', async () => {
    let now = 0;
    const { node, redis } = await start({ ...PATIENT, now: () => now });
    node.answer = () => '*-1';
    const read = () => redis.block(100, (cluster) => cluster.blpop('{k}', 1));
    await read();
    const { connections } = node;
    await read();
    expect(node.connections).toBe(connections);
    now += 1001;
    await read();
    expect(node.connections).toBeGreaterThan(connections);
  });
});

describe('The address', () => {
  it('with rediss speaks TLS', async () => {
    const { node, redis } = await start();
    const secure = createRedis({ url: node.url.replace('redis:', 'rediss:'), log: createMemoryLog() });
    stack.push(secure);
    await expect(secure.run(get)).rejects.toThrow(RedisUnavailable);
    expect(node.firstBytes![0]).toBe(22); // a TLS handshake record
    await redis.run(get);
    expect(node.firstBytes![0]).toBe('*'.charCodeAt(0));
  });

  it('of another kind is refused at once', () => {
    expect(() => createRedis({ url: 'https://host', log: createMemoryLog() })).toThrow('https:');
  });

  it('may hold the credentials; otherwise they are made anew for each connect', async () => {
    const { node, redis } = await start();
    await redis.run(get);
    expect(node.logins).toEqual([]);
    const named = createRedis({ url: node.url.replace('//', '//me:p%40ss@'), log: createMemoryLog(), ...PATIENT });
    stack.push(named);
    await named.run(get);
    expect(node.logins.at(-1)).toEqual(['me', 'p@ss']);

    let made = 0;
    const credentials = async () => ({ username: 'me', password: `token-${++made}` });
    const signed = createRedis({ url: node.url, log: createMemoryLog(), credentials, ...PATIENT });
    stack.push(signed);
    await signed.run(get);
    expect(node.logins.at(-1)).toEqual(['me', 'token-1']);
    node.hangUp();
    await signed.run(get);
    expect(node.logins.at(-1)).toEqual(['me', 'token-2']);
  });
});

describe('Disposing', () => {
  it('closes every socket, rejects what is under way, and refuses what comes later', async () => {
    const { node, redis } = await start();
    await redis.run(get);
    node.answer = () => 'silence';
    const waiting = expect(redis.run(get)).rejects.toThrow(RedisUnavailable);
    const reading = expect(redis.block(60_000, (cluster) => cluster.blpop('{k}', 60))).rejects.toThrow();
    await expect.poll(() => node.commands.length, WAIT).toBe(3);
    await redis.dispose();
    await waiting;
    await reading;
    await expect(redis.run(get)).rejects.toThrow(RedisUnavailable);
    await redis.dispose();
  });
});
