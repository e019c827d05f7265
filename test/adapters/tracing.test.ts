import { createHash } from 'node:crypto';
import { text } from 'node:stream/consumers';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { createLambdaSubscriberStarter, createStarterClient } from '../../adapters/lambda/subscriber-starter.ts';
import { createSqsClient } from '../../adapters/sqs/client.ts';
import { createSqsProcessQueue } from '../../adapters/sqs/process-queue.ts';
import { type HttpServer, startHttpServer } from './http-server.ts';
import { patient, TEST_CREDENTIALS } from './servers.ts';

const TRACE = 'Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1';

let server: HttpServer;
let traces: unknown[] = [];
beforeAll(async () => {
  server = await startHttpServer(async (request, response) => {
    traces.push(request.headers['x-amzn-trace-id']);
    if (request.headers['x-amz-target'] !== 'AmazonSQS.SendMessage') return void response.writeHead(202).end();
    const { MessageBody } = JSON.parse(await text(request));
    const MD5OfMessageBody = createHash('md5').update(MessageBody).digest('hex');
    response.writeHead(200, { 'content-type': 'application/x-amz-json-1.0' });
    response.end(JSON.stringify({ MessageId: 'm-1', MD5OfMessageBody }));
  });
});
afterAll(() => server[Symbol.asyncDispose]());
afterEach(() => {
  vi.unstubAllEnvs();
  traces = [];
});

/**
 * Lambda and API Gateway make the segments of a trace; what hangs together by a call is told by this header alone, which the
 * SDK sends by itself while it runs in a function. SQS keeps it beside the message, and hands it on to the consumer.
 */
describe('the trace of a function', () => {
  const calls: Record<string, () => Promise<void>> = {
    'the message of an accepted source': async () => {
      const client = patient(createSqsClient({ ...TEST_CREDENTIALS, endpoint: server.url }));
      const queueUrl = `${server.url}/123456789012/process`;
      await createSqsProcessQueue({ client, queueUrl }).send({
        sourceUuid: '6f1c7a4e-8d0b-4d53-9f43-1b6f0a1f2c3d',
        generation: 1,
      });
      client.destroy();
    },
    'the start of a subscriber': async () => {
      const client = patient(createStarterClient({ ...TEST_CREDENTIALS, endpoint: server.url }));
      await createLambdaSubscriberStarter({ client, functionName: 'subscriber' }).start(0);
      client.destroy();
    },
  };

  it.each(Object.entries(calls))('goes along with %s', async (_what, call) => {
    vi.stubEnv('AWS_LAMBDA_FUNCTION_NAME', 'upload-source');
    // Set anew by Lambda for each invocation.
    for (const trace of [TRACE, TRACE.replace('bd86', 'ce97')]) {
      vi.stubEnv('_X_AMZN_TRACE_ID', trace);
      await call();
      expect(traces.pop()).toBe(trace);
    }
  });

  it('is none where nothing is traced', async () => {
    await calls['the message of an accepted source']!();
    expect(traces).toEqual([undefined]);
  });
});
