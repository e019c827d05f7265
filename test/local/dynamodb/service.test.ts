import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startDynamoDb } from '../../../local/dynamodb/service.ts';
import { openCredentialStore } from '../../../local/iam/credentials.ts';
import { RESOURCE_TYPES } from '../../../local/template/resource-types.ts';
import { resolveTemplate } from '../../../local/template/template.ts';
import { table } from '../../../local/template/types/dynamodb.ts';

let dataDir: string;

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'dynamodb-'));
});

afterEach(() => rm(dataDir, { recursive: true, force: true }));

async function start(partitionKey = 'id') {
  const Properties = {
    TableName: 'things',
    BillingMode: 'PAY_PER_REQUEST',
    AttributeDefinitions: [
      { AttributeName: partitionKey, AttributeType: 'S' },
      { AttributeName: 'label', AttributeType: 'S' },
    ],
    KeySchema: [{ AttributeName: partitionKey, KeyType: 'HASH' }],
    GlobalSecondaryIndexes: [
      {
        IndexName: 'by-label',
        KeySchema: [{ AttributeName: 'label', KeyType: 'HASH' }],
        Projection: { ProjectionType: 'ALL' },
      },
    ],
    TimeToLiveSpecification: { AttributeName: 'expires', Enabled: true },
  };
  const stack = {
    name: 'S',
    assets: [],
    template: { Resources: { Things: { Type: 'AWS::DynamoDB::Table', Properties } } },
  };
  const template = resolveTemplate([stack], RESOURCE_TYPES);
  return await startDynamoDb({ tables: template.of(table), credentials: await openCredentialStore(), dataDir });
}

const Item = { id: { S: 'a' }, label: { S: 'b' } };

test('records outlive the service, and their index finds them', async () => {
  {
    await using dynamodb = await start();
    await dynamodb.call('PutItem', { TableName: 'things', Item });
  }
  await using dynamodb = await start();
  expect(await dynamodb.call('GetItem', { TableName: 'things', Key: { id: { S: 'a' } } })).toEqual({ Item });
  const query = {
    TableName: 'things',
    IndexName: 'by-label',
    KeyConditionExpression: 'label = :l',
    ExpressionAttributeValues: { ':l': { S: 'b' } },
  };
  expect(await dynamodb.call('Query', query)).toMatchObject({ Items: [Item] });
});

test('a table with another key than the kept one stops the start with a way out', async () => {
  await (await start())[Symbol.asyncDispose]();
  await expect(start('name')).rejects.toThrow(/--fresh/);
  await (await start())[Symbol.asyncDispose]();
});

test('keys that were never given out are refused', async () => {
  await using dynamodb = await start();
  const authorization =
    'AWS4-HMAC-SHA256 Credential=AKIA/20260101/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=0';
  const response = await fetch(dynamodb.url, {
    method: 'POST',
    headers: {
      authorization,
      'x-amz-target': 'DynamoDB_20120810.ListTables',
      'content-type': 'application/x-amz-json-1.0',
    },
    body: '{}',
  });
  expect(response.status).toBe(400);
  expect(await response.json()).toMatchObject({ __type: expect.stringContaining('UnrecognizedClientException') });
});

// Dynalite throws past every handler when a client leaves in the middle of a request, as a function that is killed does.
test('a client that leaves in the middle of a request takes nothing down', async () => {
  await using dynamodb = await start();
  const { port } = new URL(dynamodb.url);
  const socket = connect(Number(port), '127.0.0.1');
  const closed = new Promise((resolve) => socket.once('close', resolve));
  socket.write('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{"Ta');
  socket.once('connect', () => setImmediate(() => socket.resetAndDestroy()));
  await closed;
  expect(await dynamodb.call('ListTables', {})).toEqual({ TableNames: ['things'] });
});
