import { Cluster } from 'ioredis';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { redisServers } from './servers.ts';

/** The client library of the service, as the service uses it. */
describe.each(redisServers())('ioredis as a cluster client of $name', ({ start }) => {
  let server: { readonly url: string } & AsyncDisposable;
  let cluster: Cluster;

  beforeAll(async () => {
    server = await start();
    cluster = new Cluster([server.url]);
  });
  afterAll(async () => {
    cluster.disconnect();
    await server[Symbol.asyncDispose]();
  });
  beforeEach(async () => {
    await cluster.flushall();
  });

  test('it finds the one node, and reaches every slot through it', async () => {
    await Promise.all(Array.from({ length: 100 }, (_, index) => cluster.set(`key-${index}`, index)));
    expect(cluster.nodes('master')).toHaveLength(1);
    expect(await cluster.get('key-42')).toBe('42');
    await expect(cluster.del('key-1', 'key-2')).rejects.toThrow('CROSSSLOT');
  });

  test('a defined script is sent once and then called by its name', async () => {
    cluster.defineCommand('ring', {
      numberOfKeys: 2,
      lua: "redis.call('XADD', KEYS[1], '*', 'f', ARGV[1]) return {redis.call('HINCRBY', KEYS[2], 'seq', 1), ARGV[1]}",
    });
    const { ring } = cluster as unknown as { ring(...args: string[]): Promise<[number, string]> };
    const rings = await Promise.all(['a', 'b', 'c'].map((text) => ring.call(cluster, '{0}:s', '{0}:h', text)));
    expect(rings).toEqual([
      [1, 'a'],
      [2, 'b'],
      [3, 'c'],
    ]);
    await cluster.script('FLUSH');
    expect(await ring.call(cluster, '{0}:s', '{0}:h', 'd')).toEqual([4, 'd']);
  });

  test('a read that waits has a connection of its own, and the others go on', async () => {
    const reader = new Cluster([server.url]);
    try {
      await cluster.xgroup('CREATE', '{0}:s', 'g', '$', 'MKSTREAM');
      const read = reader.xreadgroup('GROUP', 'g', 'c', 'COUNT', 10, 'BLOCK', 60_000, 'STREAMS', '{0}:s', '>');
      while (!/^blocked_clients:1/m.test(await cluster.nodes('master')[0]!.info('clients')));
      expect(await cluster.xadd('{0}:s', '1-0', 'f', 'v')).toBe('1-0');
      expect(await read).toEqual([['{0}:s', [['1-0', ['f', 'v']]]]]);
      expect(await cluster.xautoclaim('{0}:s', 'g', 'd', 0, '0', 'COUNT', 10)).toEqual([
        '0-0',
        [['1-0', ['f', 'v']]],
        [],
      ]);
      expect(await cluster.xack('{0}:s', 'g', '1-0')).toBe(1);
    } finally {
      reader.disconnect();
    }
  });

  test('a pipeline is answered in its order, its errors in their places', async () => {
    const replies = await cluster.pipeline().set('{0}:k', 1).hget('{0}:k', 'f').get('{0}:k').exec();
    expect(replies?.map(([error, value]) => error?.message ?? value)).toEqual([
      'OK',
      'WRONGTYPE Operation against a key holding the wrong kind of value',
      '1',
    ]);
  });

  test('a subscriber of the cluster hears what is published', async () => {
    const subscriber = new Cluster([server.url]);
    try {
      await subscriber.subscribe('channel');
      const heard = new Promise((resolve) =>
        subscriber.on('message', (channel, message) => resolve([channel, message])),
      );
      await cluster.publish('channel', 'hello');
      expect(await heard).toEqual(['channel', 'hello']);
    } finally {
      subscriber.disconnect();
    }
  });
});
