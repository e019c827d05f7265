import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, GetCommand, PutCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { createDynamoChannels } from '../../../adapters/dynamodb/channels.ts';
import { createDynamoClient } from '../../../adapters/dynamodb/client.ts';
import { CHANNEL_KEPT_MS } from '../../../domain/limits.ts';
import { TEST_CREDENTIALS } from '../servers.ts';

const dynamo = mockClient(DynamoDBDocumentClient);
afterAll(() => dynamo.restore()); // it is the client of whatever runs next in this process
const channels = createDynamoChannels({ client: createDynamoClient(TEST_CREDENTIALS), table: 'channels' });
const channel = { wsUuid: 'b9f0f1f0-28a5-4b7b-9d55-2d1e4f4a3c22', owner: '1', shard: 0, expiresAt: 60_000 };
const refused = () => new ConditionalCheckFailedException({ message: 'The conditional request failed', $metadata: {} });

beforeEach(() => {
  dynamo.reset();
});

describe('DynamoDB channels', () => {
  it('store an item with the names of the design, its expiry in seconds', async () => {
    dynamo.on(PutCommand).resolves({});
    await channels.register(channel, 0);
    expect(dynamo.commandCalls(PutCommand)[0]!.args[0].input.Item).toEqual({
      'ws-uuid': channel.wsUuid,
      owner: '1',
      shard: 0,
      'batch-size': 1,
      closed: {},
      expires: 60 + CHANNEL_KEPT_MS / 1000,
    });
  });

  it('read consistently, so that a channel can be connected to as soon as it is registered', async () => {
    dynamo.on(GetCommand).resolves({});
    await channels.get(channel.wsUuid, 0);
    expect(dynamo.commandCalls(GetCommand)[0]!.args[0].input.ConsistentRead).toBe(true);
  });

  it('register again when the channel in the way was gone in between', async () => {
    dynamo.on(PutCommand).rejectsOnce(refused()).resolves({});
    dynamo.on(UpdateCommand).rejects(refused());
    dynamo.on(GetCommand).resolves({});
    expect(await channels.register(channel, 0)).toMatchObject({ owner: '1' });
    expect(dynamo.commandCalls(PutCommand)).toHaveLength(2);
  });

  it('give up with an error when that happens again and again', async () => {
    dynamo.on(PutCommand).rejects(refused());
    dynamo.on(UpdateCommand).rejects(refused());
    dynamo.on(GetCommand).resolves({});
    await expect(channels.register(channel, 0)).rejects.toThrow(/changed under every one/);
  });

  it('read one that is older than the ends of rounds, and give it a place for them when it is registered', async () => {
    const old = { 'ws-uuid': channel.wsUuid, owner: '1', shard: 0, 'batch-size': 1, expires: 3 * 24 * 3600 };
    dynamo.on(GetCommand).resolves({ Item: old });
    expect(await channels.get(channel.wsUuid, 0)).toMatchObject({ closed: {}, expiresAt: 24 * 3_600_000 });
    dynamo.on(PutCommand).rejects(refused());
    dynamo.on(UpdateCommand).resolves({ Attributes: { ...old, closed: {} } });
    await channels.register(channel, 0);
    const { UpdateExpression } = dynamo.commandCalls(UpdateCommand)[0]!.args[0].input;
    expect(UpdateExpression).toContain('#closed = if_not_exists(#closed, :none)');
  });

  it('note the end of a round under its epoch, in one write that only goes forward', async () => {
    dynamo.on(UpdateCommand).rejects(refused());
    await channels.closeRound(channel.wsUuid, { epoch: 'abc', seq: 4 });
    expect(dynamo.calls()).toHaveLength(1);
    expect(dynamo.commandCalls(UpdateCommand)[0]!.args[0].input).toMatchObject({
      UpdateExpression: 'SET #closed.#epoch = :seq',
      ConditionExpression:
        'attribute_exists(#closed) AND (attribute_not_exists(#closed.#epoch) OR #closed.#epoch < :seq)',
      ExpressionAttributeNames: { '#closed': 'closed', '#epoch': 'abc' },
      ExpressionAttributeValues: { ':seq': 4 },
    });
  });
});
