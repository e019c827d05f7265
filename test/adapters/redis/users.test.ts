import { expect, it } from 'vitest';
import { createMemoryLog } from '../../../adapters/memory/log.ts';
import { createRedis } from '../../../adapters/redis/client.ts';
import { createRedisEventBus } from '../../../adapters/redis/event-bus.ts';
import { createRedisShardReader } from '../../../adapters/redis/shard-reader.ts';
import { createRedisShardWatch } from '../../../adapters/redis/shard-watch.ts';
import type { EventBus } from '../../../app/ports.ts';
import { askRedis } from '../../../local/redis/ask-redis.ts';
import { synthesize } from '../../lib/synthesized.ts';
import { redisServers } from '../../local/redis/servers.ts';
import { describeEventBus } from '../contracts/event-bus.ts';
import { describeShardReader } from '../contracts/shard-reader.ts';
import { describeShardWatch } from '../contracts/shard-watch.ts';
import { PATIENT } from './patient.ts';

/** The contracts once more, each operation as a user of the template that runs it: what its rules leave out, fails here. */

using app = synthesize();
const users = app.resources('AWS::ElastiCache::User').map(({ properties }) => ({
  name: properties.UserName as string,
  accessString: properties.AccessString as string,
}));

const FUNCTIONS = {
  publish: ['cancel-source', 'process', 'dead-letter', 'subscriber', 'sweeper'],
  open: ['connect', 'message'],
  acknowledge: ['message'],
  ring: ['sweeper'],
} as const;

it.each(Object.values(FUNCTIONS).flat())('there is a user for %s', (name) => {
  expect(users.map((user) => user.name)).toContain(`sourceuploadapi-${name}`);
});

/** One after the other, so that each of them comes to do everything. */
function inTurn<T>(all: readonly T[]): () => T {
  let next = 0;
  return () => all[next++ % all.length]!;
}

for (const { name, start } of redisServers()) {
  const make = async () => {
    await using starting = new AsyncDisposableStack();
    const server = starting.use(await start());
    await server.setUsers(users);
    const as = (functionName: string) => {
      const credentials = async () => ({ username: `sourceuploadapi-${functionName}`, password: 'token' });
      return starting.use(createRedis({ url: server.url, log: createMemoryLog(), credentials, ...PATIENT }));
    };
    const busOf = (names: readonly string[]): (() => EventBus) =>
      inTurn(names.map((each) => createRedisEventBus(as(each))));
    const [publish, open] = [busOf(FUNCTIONS.publish), busOf(FUNCTIONS.open)];
    const [acknowledge, ring] = [busOf(FUNCTIONS.acknowledge), busOf(FUNCTIONS.ring)];
    const bus: EventBus = {
      publish: (publication) => publish().publish(publication),
      open: (listener, after) => open().open(listener, after),
      acknowledge: (at, connectionId, event) => acknowledge().acknowledge(at, connectionId, event),
      ring: (at) => ring().ring(at),
    };
    const reader = createRedisShardReader(as('subscriber'));
    const otherReader = createRedisShardReader(as('subscriber'));
    const watch = createRedisShardWatch(as('sweeper'));
    const started = starting.move();
    return {
      ...{ bus, reader, otherReader, watch },
      lose: async () => void (await askRedis(server.url, [['FLUSHALL']])),
      async [Symbol.asyncDispose]() {
        // A script that catches errors would hide a refusal; the server does not. The embedded one keeps no such log.
        if (!name.startsWith('embedded')) expect(await askRedis(server.url, [['ACL', 'LOG']])).toEqual([[]]);
        await started.disposeAsync();
      },
    };
  };
  describeEventBus(`as the users of the template (${name})`, make);
  describeShardReader(`as the users of the template (${name})`, make);
  describeShardWatch(`as the users of the template (${name})`, make);
}
