import { Redis } from 'ioredis';
import { expect, onTestFinished, test } from 'vitest';
import { createMemoryLog } from '../../../adapters/memory/log.ts';
import { createRedis } from '../../../adapters/redis/client.ts';
import { createRedisEventBus } from '../../../adapters/redis/event-bus.ts';
import { createRedisShardReader } from '../../../adapters/redis/shard-reader.ts';
import { createRedisShardWatch } from '../../../adapters/redis/shard-watch.ts';
import { describeEventBus } from '../../adapters/contracts/event-bus.ts';
import { describeShardReader } from '../../adapters/contracts/shard-reader.ts';
import { PATIENT } from '../../adapters/redis/patient.ts';
import { encode, RespClient } from '../redis/resp-client.ts';
import { watchedRedis } from '../redis/servers.ts';

/** What is looked at and not hit goes through as if nothing were in between. */

const make = async () => {
  const server = await watchedRedis.start();
  const [redis, other] = [0, 1].map(() => createRedis({ url: server.url, log: createMemoryLog(), ...PATIENT }));
  return {
    bus: createRedisEventBus(redis!),
    reader: createRedisShardReader(redis!, { reads: 'block' }),
    otherReader: createRedisShardReader(other!, { reads: 'block' }),
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
describeEventBus(`on Redis (${watchedRedis.name})`, make);
describeShardReader(`on Redis (${watchedRedis.name})`, make);

async function connect(): Promise<RespClient> {
  const server = await watchedRedis.start();
  const client = await RespClient.connect(server.url);
  onTestFinished(async () => {
    await client[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
  });
  return client;
}

test('commands that come in one piece are answered in their order', async () => {
  const client = await connect();
  const numbers = Array.from({ length: 1000 }, (_, index) => String(index));
  client.write(numbers.map((number) => encode(['ECHO', number])).join(''));
  for (const number of numbers) expect(await client.next()).toBe(number);
});

test('a large value of any bytes comes back whole', async () => {
  const client = await connect();
  const value = 'x\xff\0\r\n$5\r\n'.repeat(200_000);
  await client.send('SET', 'k', value);
  expect((await client.send('GET', 'k')) === value).toBe(true);
  expect(await client.send('EVAL', 'return {1, {}, false, {"a", {KEYS[1]}}}', 1, 'k')).toEqual([
    1,
    [],
    null,
    ['a', ['k']],
  ]);
});

test('a subscriber gets what is published', async () => {
  const server = await watchedRedis.start();
  onTestFinished(() => server[Symbol.asyncDispose]());
  const [subscriber, publisher] = [new Redis(server.url, { protocol: 2 }), new Redis(server.url, { protocol: 2 })];
  const messages: string[] = [];
  const two = new Promise<void>((resolve) => {
    subscriber.on('message', (_, text) => messages.push(text) === 2 && resolve());
  });
  await subscriber.subscribe('channel', 'another');
  await publisher.publish('channel', 'one');
  await publisher.publish('another', 'two');
  await two;
  expect(messages).toEqual(['one', 'two']);
  await subscriber.unsubscribe();
  subscriber.disconnect();
  publisher.disconnect();
});
