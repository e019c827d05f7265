import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { GetCommand } from '@aws-sdk/lib-dynamodb';
import { describe, expect, it } from 'vitest';
import { createDynamoClient } from '../../../adapters/dynamodb/client.ts';
import { patient, TEST_CREDENTIALS } from '../servers.ts';

describe('the DynamoDB client', () => {
  it('tries again when it is throttled or the service fails, and then gives the answer', async () => {
    const answers = [
      { status: 400, body: { __type: 'com.amazonaws.dynamodb.v20120810#ThrottlingException', message: 'slow down' } },
      { status: 500, body: { __type: 'com.amazonaws.dynamodb.v20120810#InternalServerError', message: 'oops' } },
      { status: 200, body: { Item: { id: { S: '1' } } } },
    ];
    const server = createServer((_request, response) => {
      const { status, body } = answers.shift()!;
      response.writeHead(status, { 'content-type': 'application/x-amz-json-1.0' }).end(JSON.stringify(body));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const client = patient(createDynamoClient({ ...TEST_CREDENTIALS, endpoint }));
    try {
      const { Item } = await client.send(new GetCommand({ TableName: 'table', Key: { id: '1' } }));
      expect(Item).toEqual({ id: '1' });
      expect(answers).toHaveLength(0);
    } finally {
      client.destroy();
      server.close();
    }
  });
});
