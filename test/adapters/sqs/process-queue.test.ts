import {
  ChangeMessageVisibilityCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  MessageNotInflight,
  ReceiptHandleIsInvalid,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { mockClient } from 'aws-sdk-client-mock';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createSqsClient } from '../../../adapters/sqs/client.ts';
import { createSqsProcessQueue } from '../../../adapters/sqs/process-queue.ts';
import { describeProcessQueue } from '../contracts/process-queue.ts';
import { patient, type S3SqsServer, startS3Sqs, TEST_CREDENTIALS } from '../servers.ts';

let server: S3SqsServer;
let client: SQSClient;
beforeAll(async () => {
  server = await startS3Sqs();
  client = patient(createSqsClient({ ...TEST_CREDENTIALS, endpoint: server.url }));
});
afterAll(async () => {
  client.destroy();
  await server[Symbol.asyncDispose]();
});

describeProcessQueue('in SQS', async () => {
  const queueUrl = await server.createQueue({ VisibilityTimeout: '330' });
  return {
    queue: createSqsProcessQueue({ client, queueUrl }),
    async receive() {
      const receive = new ReceiveMessageCommand({
        QueueUrl: queueUrl,
        WaitTimeSeconds: 0,
        MessageSystemAttributeNames: ['ApproximateReceiveCount'],
      });
      const [message] = (await client.send(receive)).Messages ?? [];
      return (
        message && {
          body: message.Body!,
          receiptHandle: message.ReceiptHandle!,
          receiveCount: Number(message.Attributes!.ApproximateReceiveCount),
        }
      );
    },
    async delete(receiptHandle) {
      await client.send(new DeleteMessageCommand({ QueueUrl: queueUrl, ReceiptHandle: receiptHandle }));
    },
  };
});

describe('the process queue in SQS', () => {
  const queueUrl = 'https://sqs.eu-central-1.amazonaws.com/123456789012/process';

  const mockSqs = () => mockClient(SQSClient);
  async function withMock(test: (sqs: ReturnType<typeof mockSqs>) => Promise<void>): Promise<void> {
    const sqs = mockSqs();
    try {
      await test(sqs);
    } finally {
      sqs.restore();
    }
  }
  const queue = () => createSqsProcessQueue({ client: createSqsClient(TEST_CREDENTIALS), queueUrl });

  it('rounds a delay up to whole seconds, so that the lease is over when the message is back', () =>
    withMock(async (sqs) => {
      sqs.on(ChangeMessageVisibilityCommand).resolves({});
      await queue().returnAfter('handle', 1.2);
      expect(sqs.commandCalls(ChangeMessageVisibilityCommand)[0]!.args[0].input).toEqual({
        QueueUrl: queueUrl,
        ReceiptHandle: 'handle',
        VisibilityTimeout: 2,
      });
    }));

  it('takes it calmly when the message is visible already', () =>
    withMock(async (sqs) => {
      sqs.on(ChangeMessageVisibilityCommand).rejects(new MessageNotInflight({ message: 'late', $metadata: {} }));
      await expect(queue().returnAfter('handle', 1)).resolves.toBeUndefined();
    }));

  it.each([{}, { ApproximateNumberOfMessages: 'many' }])('does not take %j for an empty queue', (attributes) =>
    withMock(async (sqs) => {
      sqs.on(GetQueueAttributesCommand).resolves({ Attributes: attributes });
      await expect(queue().backlog()).rejects.toThrow();
    }),
  );

  it('does not hide any other failure', () =>
    withMock(async (sqs) => {
      const invalid = new ReceiptHandleIsInvalid({ message: 'no such handle', $metadata: {} });
      sqs.on(ChangeMessageVisibilityCommand).rejects(invalid);
      await expect(queue().returnAfter('handle', 1)).rejects.toBe(invalid);
      sqs.on(SendMessageCommand).rejects(invalid);
      await expect(queue().send({ sourceUuid: 'any', generation: 1 })).rejects.toBe(invalid);
    }));
});

describe('the SQS client', () => {
  it('calls the endpoint of its environment, not the IPv4-only host of the queue URL', async () => {
    vi.stubEnv('AWS_ENDPOINT_URL_SQS', server.url);
    const configured = patient(createSqsClient(TEST_CREDENTIALS));
    try {
      const local = await server.createQueue();
      const queueUrl = local.replace(server.url, 'https://sqs.invalid');
      const queue = createSqsProcessQueue({ client: configured, queueUrl });
      await queue.send({ sourceUuid: '6f1f2b34-9a49-4c89-8a3e-0d1f6f6f2b11', generation: 1 });
      const { Messages } = await client.send(new ReceiveMessageCommand({ QueueUrl: local }));
      expect(Messages).toHaveLength(1);
    } finally {
      configured.destroy();
      vi.unstubAllEnvs();
    }
  });
});
