import { text } from 'node:stream/consumers';
import { InvokeCommand, LambdaClient, TooManyRequestsException } from '@aws-sdk/client-lambda';
import { mockClient } from 'aws-sdk-client-mock';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createLambdaSubscriberStarter, createStarterClient } from '../../../adapters/lambda/subscriber-starter.ts';
import { describeSubscriberStarter } from '../contracts/subscriber-starter.ts';
import { type HttpServer, startHttpServer } from '../http-server.ts';
import { patient, TEST_CREDENTIALS } from '../servers.ts';

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
  let passed = 0;
  const later = () => {
    passed += 5_000;
    return passed;
  };
  const client = patient(createStarterClient({ ...TEST_CREDENTIALS, endpoint: server.url }));
  return {
    // Each start long after the one before.
    starter: createLambdaSubscriberStarter({ client, functionName: 'subscriber', now: () => Date.now() + later() }),
    started: () => requests.map(({ payload }) => (payload as { shard: number }).shard),
  };
});

describe('a start by Lambda', () => {
  it('is an asynchronous invoke with the shard as its event', async () => {
    requests = [];
    const client = patient(createStarterClient({ ...TEST_CREDENTIALS, endpoint: server.url }));
    await createLambdaSubscriberStarter({ client, functionName: 'subscriber' }).start(2);
    expect(requests).toEqual([
      { path: '/2015-03-31/functions/subscriber/invocations', invocationType: 'Event', payload: { shard: 2 } },
    ]);
  });

  // Each publication of a burst started a subscriber: all but one found the lease taken, and the machine had no room for
  // the one that was needed.
  it('is made once for all that ask for the same shard within a second', async () => {
    requests = [];
    let now = 0;
    const client = patient(createStarterClient({ ...TEST_CREDENTIALS, endpoint: server.url }));
    const starter = createLambdaSubscriberStarter({ client, functionName: 'subscriber', now: () => now });
    const shards = () => requests.map(({ payload }) => (payload as { shard: number }).shard);
    for (const shard of [1, 1, 2]) await starter.start(shard);
    now = 999;
    await starter.start(1);
    expect(shards()).toEqual([1, 2]);
    now = 1000;
    await starter.start(1);
    expect(shards()).toEqual([1, 2, 1]);
  });

  it('is made again when Lambda did not take the one before', async () => {
    const lambda = mockClient(LambdaClient);
    try {
      lambda.on(InvokeCommand).rejectsOnce(new TooManyRequestsException({ message: 'Rate Exceeded', $metadata: {} }));
      const starter = createLambdaSubscriberStarter({
        client: createStarterClient(TEST_CREDENTIALS),
        functionName: 'f',
      });
      await expect(starter.start(1)).rejects.toThrow();
      await starter.start(1);
      expect(lambda.commandCalls(InvokeCommand)).toHaveLength(2);
    } finally {
      lambda.restore();
    }
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
