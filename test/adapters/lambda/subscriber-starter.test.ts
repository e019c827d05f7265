import { text } from 'node:stream/consumers';
import { InvokeCommand, LambdaClient, TooManyRequestsException } from '@aws-sdk/client-lambda';
import { mockClient } from 'aws-sdk-client-mock';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createLambdaSubscriberStarter, createStarterClient } from '../../../adapters/lambda/subscriber-starter.ts';
import { describeSubscriberStarter } from '../contracts/subscriber-starter.ts';
import { type HttpServer, startHttpServer } from '../http-server.ts';
import { TEST_CREDENTIALS } from '../servers.ts';

let server: HttpServer;
let requests: { path: string; invocationType: unknown; payload: unknown }[] = [];
beforeAll(async () => {
  server = await startHttpServer(async (request, response) => {
    const payload = JSON.parse(await text(request));
    requests.push({ path: request.url!, invocationType: request.headers['x-amz-invocation-type'], payload });
    response.writeHead(202).end(); // never waits for the function
  });
});
afterAll(() => server[Symbol.asyncDispose]());

describeSubscriberStarter('by Lambda', () => {
  requests = [];
  const client = createStarterClient({ ...TEST_CREDENTIALS, endpoint: server.url });
  return {
    starter: createLambdaSubscriberStarter({ client, functionName: 'subscriber' }),
    started: () => requests.map(({ payload }) => (payload as { shard: number }).shard),
  };
});

describe('a start by Lambda', () => {
  it('is an asynchronous invoke with the shard as its event', async () => {
    requests = [];
    const client = createStarterClient({ ...TEST_CREDENTIALS, endpoint: server.url });
    await createLambdaSubscriberStarter({ client, functionName: 'subscriber' }).start(2);
    expect(requests).toEqual([
      { path: '/2015-03-31/functions/subscriber/invocations', invocationType: 'Event', payload: { shard: 2 } },
    ]);
  });

  it('fails when Lambda does not take it, so that the caller can tell', async () => {
    const lambda = mockClient(LambdaClient);
    try {
      const throttled = new TooManyRequestsException({ message: 'Rate Exceeded', $metadata: {} });
      lambda.on(InvokeCommand).rejects(throttled);
      const client = createStarterClient(TEST_CREDENTIALS);
      await expect(createLambdaSubscriberStarter({ client, functionName: 'f' }).start(1)).rejects.toBe(throttled);
    } finally {
      lambda.restore();
    }
  });
});
