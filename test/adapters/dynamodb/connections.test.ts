import { DynamoDBDocumentClient, QueryCommand, ScanCommand } from '@aws-sdk/lib-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { createDynamoClient } from '../../../adapters/dynamodb/client.ts';
import { createDynamoConnections } from '../../../adapters/dynamodb/connections.ts';
import { TEST_CREDENTIALS } from '../servers.ts';

const dynamo = mockClient(DynamoDBDocumentClient);
afterAll(() => dynamo.restore()); // it is the client of whatever runs next in this process
const connections = createDynamoConnections({ client: createDynamoClient(TEST_CREDENTIALS), table: 'connections' });
const item = (id: string) => ({ 'ws-uuid': 'w', 'connection-id': id, shard: 0, 'connected-at': 1, expires: 60 });

beforeEach(() => {
  dynamo.reset();
});

describe('DynamoDB connections', () => {
  it('of a channel are read consistently, page after page', async () => {
    dynamo
      .on(QueryCommand)
      .resolvesOnce({ Items: [item('a')], LastEvaluatedKey: { 'ws-uuid': 'w', 'connection-id': 'a' } })
      .resolvesOnce({ Items: [item('b')] });
    expect((await connections.of('w', 0)).map(({ connectionId }) => connectionId)).toEqual(['a', 'b']);
    for (const call of dynamo.commandCalls(QueryCommand)) expect(call.args[0].input.ConsistentRead).toBe(true);
  });

  it('are found by id through the index, which has no consistent reads to ask for', async () => {
    dynamo.on(QueryCommand).resolves({ Items: [item('a')] });
    expect(await connections.find('a')).toMatchObject({ wsUuid: 'w' });
    const { IndexName, ConsistentRead } = dynamo.commandCalls(QueryCommand)[0]!.args[0].input;
    expect({ IndexName, ConsistentRead }).toEqual({ IndexName: 'by-connection-id', ConsistentRead: undefined });
  });

  it('of a time are picked out by DynamoDB, at the price of a read that may be some moments old', async () => {
    dynamo
      .on(ScanCommand)
      .resolvesOnce({ Items: [], LastEvaluatedKey: { 'ws-uuid': 'w', 'connection-id': 'a' } })
      .resolvesOnce({ Items: [item('b')] });
    expect(await connections.openedBetween(3, 7)).toMatchObject([{ connectionId: 'b' }]);
    const { ConsistentRead, ...input } = dynamo.commandCalls(ScanCommand)[0]!.args[0].input;
    expect(ConsistentRead).toBeUndefined();
    expect(input).toMatchObject({
      FilterExpression: '#connected_at >= :from AND #connected_at < :to',
      ExpressionAttributeNames: { '#connected_at': 'connected-at' },
      ExpressionAttributeValues: { ':from': 3, ':to': 7 },
    });
  });

  it('of all channels are read consistently, a page only when those before it were taken', async () => {
    dynamo
      .on(ScanCommand)
      .resolvesOnce({ Items: [item('a')], LastEvaluatedKey: { 'ws-uuid': 'w', 'connection-id': 'a' } })
      .resolvesOnce({ Items: [], LastEvaluatedKey: { 'ws-uuid': 'w', 'connection-id': 'b' } })
      .resolvesOnce({ Items: [item('c')] });
    const all = connections.all(0)[Symbol.asyncIterator]();
    expect((await all.next()).value).toMatchObject({ connectionId: 'a' });
    expect(dynamo.commandCalls(ScanCommand)).toHaveLength(1);
    expect((await all.next()).value).toMatchObject({ connectionId: 'c' });
    expect((await all.next()).done).toBe(true);
    for (const call of dynamo.commandCalls(ScanCommand)) expect(call.args[0].input.ConsistentRead).toBe(true);
  });
});
