import { randomUUID } from 'node:crypto';
import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { createDynamoApiKeys } from '../../../adapters/dynamodb/api-keys.ts';
import { CHANNEL_OWNER_INDEX, createDynamoChannels } from '../../../adapters/dynamodb/channels.ts';
import {
  CONNECTION_ID_INDEX,
  CONNECTION_OWNER_INDEX,
  createDynamoConnections,
  UNANNOUNCED_INDEX,
} from '../../../adapters/dynamodb/connections.ts';
import { CHANNEL_INDEX, DEADLINE_INDEX, UNDER_WAY_INDEX } from '../../../adapters/dynamodb/source-indexes.ts';
import { createDynamoSources } from '../../../adapters/dynamodb/sources.ts';
import type { Sources } from '../../../app/ports.ts';
import { describeApiKeys } from '../contracts/api-keys.ts';
import { describeChannels } from '../contracts/channels.ts';
import { describeConnections } from '../contracts/connections.ts';
import { describeSourcesOfChannel } from '../contracts/source-channels.ts';
import { describeSourceDeadlines } from '../contracts/source-deadlines.ts';
import { DAY, LATER, MINUTE, NOW, SUCCESS, sourceStates } from '../contracts/source-fixture.ts';
import { describeSourceOpening } from '../contracts/source-opening.ts';
import { describeSources } from '../contracts/sources.ts';
import { type DynamoServer, startDynamo } from '../servers.ts';

let dynamo: DynamoServer;
beforeAll(async () => {
  dynamo = await startDynamo();
});
afterAll(() => dynamo[Symbol.asyncDispose]());

describeChannels('in DynamoDB', async () =>
  createDynamoChannels({
    client: dynamo.client,
    table: await dynamo.createTable(['ws-uuid'], { name: CHANNEL_OWNER_INDEX, key: 'owner', numberSortKey: 'expires' }),
  }),
);

describeConnections('in DynamoDB', async () =>
  createDynamoConnections({
    client: dynamo.client,
    table: await dynamo.createTable(
      ['ws-uuid', 'connection-id'],
      { name: CONNECTION_ID_INDEX, key: 'connection-id' },
      { name: UNANNOUNCED_INDEX, key: 'unannounced' },
      { name: CONNECTION_OWNER_INDEX, key: 'owner', numberSortKey: 'connected-at' },
    ),
  }),
);

async function createSources(): Promise<Sources> {
  const table = await dynamo.createTable(
    ['source-uuid'],
    { name: DEADLINE_INDEX, key: 'unfinished', numberSortKey: 'deadline' },
    { name: CHANNEL_INDEX, key: 'ws-uuid', numberSortKey: 'opened-at', includes: ['ended-at'] },
    { name: UNDER_WAY_INDEX, key: 'under-way', numberSortKey: 'opened-at' },
  );
  return createDynamoSources({ client: dynamo.client, table });
}

// Each close of a socket read a thousand records of a channel in steady use, all of them over for days.
test('of the sources of a channel that are over by then, no record is read', async () => {
  const sources = await createSources();
  const { opened } = sourceStates(() => sources);
  const wsUuid = randomUUID();
  const at = (age: number) => opened({ wsUuid, openedAt: NOW - age });
  const old = await Promise.all(Array.from({ length: 40 }, (_, each) => at(6 * DAY + each)));
  await Promise.all(old.map((source) => sources.settle(source, SUCCESS, source.openedAt + MINUTE, LATER)));
  const open = await at(6 * DAY);
  const late = await at(6 * DAY - 1);
  await sources.settle(late, SUCCESS, NOW - MINUTE, LATER);
  using send = vi.spyOn(dynamo.client, 'send');
  const found = await Array.fromAsync(await sources.ofChannel(wsUuid, NOW, NOW - DAY));
  expect(found.map(({ sourceUuid }) => sourceUuid)).toEqual([open.sourceUuid, late.sourceUuid]);
  expect(send.mock.calls.map(([command]) => command.constructor.name)).toEqual([
    'QueryCommand',
    'GetCommand',
    'GetCommand',
  ]);
});

describeSourceOpening('in DynamoDB', createSources);
describeSources('in DynamoDB', createSources);
describeSourceDeadlines('in DynamoDB', createSources);
describeSourcesOfChannel('in DynamoDB', createSources);

describeApiKeys('in DynamoDB', async (users) => {
  const table = await dynamo.createTable(['key-hash']);
  for (const [hash, user] of Object.entries(users)) {
    await dynamo.client.send(new PutCommand({ TableName: table, Item: { 'key-hash': hash, 'user-id': user } }));
  }
  return createDynamoApiKeys({ client: dynamo.client, table });
});
