import { createHash } from 'node:crypto';
import {
  CreateQueueCommand,
  GetQueueAttributesCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { buildApp } from 'fauxqs';
import { beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { systemClock } from '../../../local/clock.ts';
import { type SqsEventSourceOptions, startSqsEventSource } from '../../../local/lambda/sqs-event-source.ts';
import { failedMessageIds, type SqsRecord } from '../../../local/lambda/sqs-records.ts';
import { memoryLog } from '../../../local/log.ts';
import { eventually } from '../eventually.ts';

const REGION = 'eu-central-1';
const QUEUE_ARN = `arn:aws:sqs:${REGION}:000000000000:work`;

type Handler = (records: SqsRecord[]) => unknown;

let endpoint: string;
let client: SQSClient;
let queueUrl: string;
let receives = 0;

beforeEach(async () => {
  const app = buildApp({ logger: false, defaultRegion: REGION });
  receives = 0;
  app.addHook('preHandler', async (request) => {
    if (request.headers['x-amz-target'] === 'AmazonSQS.ReceiveMessage') receives += 1;
  });
  endpoint = await app.listen({ port: 0, host: '127.0.0.1' });
  client = new SQSClient({ endpoint, region: REGION, credentials: { accessKeyId: 'a', secretAccessKey: 's' } });
  onTestFinished(async () => {
    client.destroy();
    await app.close();
  });
  // At once visible again: a failed message is redelivered without waiting.
  const create = new CreateQueueCommand({ QueueName: 'work', Attributes: { VisibilityTimeout: '0' } });
  queueUrl = (await client.send(create)).QueueUrl!;
});

/** Disposed of after the test. What the handler returns is the function's answer; what it throws, its error. */
function source(handler: Handler, options: Partial<SqsEventSourceOptions> = {}) {
  const log = memoryLog();
  const invocations: SqsRecord[][] = [];
  const lambda: SqsEventSourceOptions['lambda'] = {
    async invoke(functionName, event) {
      expect(functionName).toBe('process');
      const { Records } = JSON.parse(JSON.stringify(event)) as { Records: SqsRecord[] };
      invocations.push(Records);
      try {
        return { payload: JSON.stringify((await handler(Records)) ?? null) };
      } catch (error) {
        return { functionError: 'Unhandled', payload: JSON.stringify({ errorMessage: String(error) }) };
      }
    },
  };
  const eventSource = startSqsEventSource({
    sqsEndpoint: endpoint,
    queueUrl,
    queueArn: QUEUE_ARN,
    functionName: 'process',
    batchSize: 1,
    maximumBatchingWindowMs: 0,
    maximumConcurrency: 1,
    reportBatchItemFailures: false,
    lambda,
    clock: systemClock,
    log,
    ...options,
  });
  onTestFinished(() => eventSource[Symbol.asyncDispose]());
  return { invocations, log, eventSource };
}

async function send(...bodies: string[]): Promise<void> {
  for (let start = 0; start < bodies.length; start += 10) {
    const Entries = bodies.slice(start, start + 10).map((MessageBody, n) => ({ Id: String(n), MessageBody }));
    await client.send(new SendMessageBatchCommand({ QueueUrl: queueUrl, Entries }));
  }
}

async function messagesInQueue(): Promise<number> {
  const names = ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'] as const;
  const { Attributes = {} } = await client.send(
    new GetQueueAttributesCommand({ QueueUrl: queueUrl, AttributeNames: [...names] }),
  );
  return names.reduce((sum, name) => sum + Number(Attributes[name]), 0);
}

function emptied(): Promise<void> {
  return eventually(async () => expect(await messagesInQueue()).toBe(0));
}

test('a message comes as the record that the real service makes, and is deleted when the function has succeeded', async () => {
  await client.send(
    new SendMessageCommand({
      QueueUrl: queueUrl,
      MessageBody: 'the body',
      MessageAttributes: {
        word: { DataType: 'String', StringValue: 'w' },
        bytes: { DataType: 'Binary', BinaryValue: Buffer.from('b') },
      },
    }),
  );
  const { invocations } = source(() => undefined);
  await emptied();
  expect(invocations).toEqual([
    [
      {
        messageId: expect.stringMatching(/^[0-9a-f-]{36}$/),
        receiptHandle: expect.any(String),
        body: 'the body',
        attributes: expect.objectContaining({
          ApproximateReceiveCount: '1',
          SentTimestamp: expect.stringMatching(/^\d{13}$/),
          ApproximateFirstReceiveTimestamp: expect.stringMatching(/^\d{13}$/),
          SenderId: expect.any(String),
        }),
        messageAttributes: {
          word: { stringValue: 'w', stringListValues: [], binaryListValues: [], dataType: 'String' },
          bytes: { binaryValue: 'Yg==', stringListValues: [], binaryListValues: [], dataType: 'Binary' },
        },
        md5OfMessageAttributes: expect.stringMatching(/^[0-9a-f]{32}$/),
        md5OfBody: createHash('md5').update('the body').digest('hex'),
        eventSource: 'aws:sqs',
        eventSourceARN: QUEUE_ARN,
        awsRegion: REGION,
      },
    ],
  ]);
});

test('a function error leaves the message, which comes again with a higher receive count', async () => {
  await send('x');
  const { invocations } = source((records) => {
    if (records[0]!.attributes.ApproximateReceiveCount !== '3') throw new Error('not yet');
  });
  await emptied();
  expect(invocations.map(([record]) => record!.attributes.ApproximateReceiveCount)).toEqual(['1', '2', '3']);
});

test('with ReportBatchItemFailures only the messages that are named come again', async () => {
  await send('good', 'bad', 'fine');
  const { invocations } = source(
    (records) => ({
      batchItemFailures: records
        .filter(({ body, attributes }) => body === 'bad' && attributes.ApproximateReceiveCount === '1')
        .map(({ messageId }) => ({ itemIdentifier: messageId })),
    }),
    { batchSize: 10, reportBatchItemFailures: true },
  );
  await emptied();
  const bodies = invocations.flat().map(({ body }) => body);
  expect(bodies.toSorted()).toEqual(['bad', 'bad', 'fine', 'good']);
});

test('without ReportBatchItemFailures the answer is not read', async () => {
  await send('x');
  const { invocations } = source(([record]) => ({ batchItemFailures: [{ itemIdentifier: record!.messageId }] }));
  await emptied();
  expect(invocations).toHaveLength(1);
});

test('an answer that names a message that was not given is the failure of the whole batch', async () => {
  await send('a', 'b');
  const seen: string[] = [];
  source(
    (records) => {
      seen.push(...records.map(({ body, attributes }) => `${body}${attributes.ApproximateReceiveCount}`));
      const first = records.some(({ attributes }) => attributes.ApproximateReceiveCount === '1');
      return first ? { batchItemFailures: [{ itemIdentifier: 'nobody' }] } : null;
    },
    { batchSize: 10, reportBatchItemFailures: true },
  );
  await emptied();
  expect(seen.toSorted()).toEqual(['a1', 'a2', 'b1', 'b2']);
});

test('no batch is larger than the batch size', async () => {
  await send(...Array.from({ length: 7 }, (_, n) => String(n)));
  const { invocations } = source(() => undefined, { batchSize: 3 });
  await emptied();
  expect(Math.max(...invocations.map((records) => records.length))).toBe(3);
  expect(invocations.flat()).toHaveLength(7);
});

test('within the batching window a batch is gathered from several receives', async () => {
  const { invocations } = source(() => undefined, { batchSize: 12, maximumBatchingWindowMs: 60_000 });
  await send(...Array.from({ length: 12 }, (_, n) => String(n)));
  await eventually(() => expect(invocations.length).toBeGreaterThan(0));
  expect(invocations[0]).toHaveLength(12);
});

test('as many batches as the maximum concurrency are with the function at one time, and no more', async () => {
  await client
    .send(new CreateQueueCommand({ QueueName: 'slow', Attributes: { VisibilityTimeout: '600' } }))
    .then(({ QueueUrl }) => {
      queueUrl = QueueUrl!;
    });
  await send(...Array.from({ length: 9 }, (_, n) => String(n)));
  const finish: (() => void)[] = [];
  const { invocations } = source(() => new Promise<void>((resolve) => finish.push(resolve)), { maximumConcurrency: 3 });
  await eventually(() => expect(invocations).toHaveLength(3));
  for (let done = 1; done <= 9; done += 1) {
    finish.shift()!();
    await eventually(() => expect(invocations).toHaveLength(Math.min(done + 3, 9)));
    expect(finish.length).toBe(Math.min(3, 9 - done));
  }
  await emptied();
});

test('a function that cannot be run leaves the message, and the log says so', async () => {
  await send('x');
  const invoke = vi.fn().mockRejectedValueOnce(new Error('no such function')).mockResolvedValue({ payload: 'null' });
  const { log } = source(() => undefined, { lambda: { invoke } });
  await emptied();
  expect(log.entries).toContainEqual(
    expect.objectContaining({ level: 'error', text: expect.stringContaining('no such function') }),
  );
});

test('a queue that cannot be polled is tried again', async () => {
  await send('x');
  const slept = vi.fn((_ms: number) => Promise.resolve());
  const { log, invocations } = source(() => undefined, {
    queueUrl: queueUrl.replace('work', 'missing'),
    clock: { now: Date.now, sleep: slept },
  });
  await eventually(() => expect(slept.mock.calls.length).toBeGreaterThan(2));
  expect(slept).toHaveBeenCalledWith(1000, expect.any(AbortSignal));
  expect(log.entries[0]).toMatchObject({ level: 'warn', source: 'process' });
  expect(invocations).toEqual([]);
});

describe('stopping', () => {
  test('ends a long poll at once', async () => {
    const { eventSource } = source(() => undefined);
    await eventually(() => expect(receives).toBe(1));
    const startedAt = performance.now();
    await eventSource[Symbol.asyncDispose]();
    expect(performance.now() - startedAt).toBeLessThan(15_000); // the long poll is of 20 s
  });

  test('does not wait for the function, nor delete what it still works on', async () => {
    await send('x');
    let finish = () => {};
    const { invocations, eventSource } = source(() => new Promise<void>((resolve) => (finish = resolve)));
    await eventually(() => expect(invocations).toHaveLength(1));
    await eventSource[Symbol.asyncDispose]();
    finish();
    await new Promise((resolve) => setImmediate(resolve));
    expect(await messagesInQueue()).toBe(1);
    await send('y');
    expect(invocations).toHaveLength(1);
  });
});

describe('what a function says that it failed on', () => {
  const given = ['a', 'b', 'c'];
  test.each([
    ['null', []],
    ['{}', []],
    ['{"batchItemFailures":null}', []],
    ['{"batchItemFailures":[]}', []],
    ['{"batchItemFailures":[{"itemIdentifier":"b"}]}', ['b']],
    ['{"batchItemFailures":[{"itemIdentifier":"b"},{"itemIdentifier":"b"}]}', ['b']],
    ['{"batchItemFailures":[{"itemIdentifier":""}]}', given],
    ['{"batchItemFailures":[{"itemIdentifier":null}]}', given],
    ['{"batchItemFailures":[{"id":"b"}]}', given],
    ['{"batchItemFailures":[null]}', given],
    ['{"batchItemFailures":"b"}', given],
    ['not JSON', given],
  ])('%s', (payload, failed) => {
    expect([...failedMessageIds(payload, given)]).toEqual(failed);
  });
});
