import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { CreateMultipartUploadCommand, DeleteObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { DynamoDBDocumentClient, GetCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { expect } from 'vitest';
import { keyOf } from '../../adapters/s3/keys.ts';
import type { Service } from './service.ts';

const REGION = 'us-east-1';

export const FILES_IN_PARTS = ['original', 'text.txt'] as const;

/** What is done past the service, with the rights of the runtime. */
export type Hands = ReturnType<typeof createHands>;

export function createHands({ stack }: Service) {
  const { credentials, endpoints, functions } = stack;
  const config = { region: REGION, credentials };
  const dynamo = DynamoDBDocumentClient.from(new DynamoDBClient({ ...config, endpoint: endpoints.dynamodb }));
  const sqs = new SQSClient({ ...config, endpoint: endpoints.sqs });
  const s3 = new S3Client({ ...config, endpoint: endpoints.s3, forcePathStyle: true });
  const { PROCESS_QUEUE_URL, SOURCES_TABLE, SOURCES_BUCKET } = functions.get('process')!.environment;
  const { DEAD_LETTER_QUEUE_URL } = functions.get('dead-letter')!.environment;
  /** The last upload with this id, of the user with the development key. */
  const mine = async (sourceUuid: string) => {
    const { Item } = await dynamo.send(
      new GetCommand({ TableName: SOURCES_TABLE, Key: { 'source-uuid': sourceUuid }, ConsistentRead: true }),
    );
    return { owner: '1', sourceUuid, generation: Number(Item!.generation) };
  };
  const send = (QueueUrl: string | undefined) => async (sourceUuid: string) => {
    const { generation } = await mine(sourceUuid);
    const MessageBody = JSON.stringify({ 'source-uuid': sourceUuid, generation });
    await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody }));
  };
  return {
    deliver: send(PROCESS_QUEUE_URL),
    deadLetter: send(DEAD_LETTER_QUEUE_URL),
    /** As if it had been accepted, and its time were over. */
    async makeOverdue(sourceUuid: string): Promise<void> {
      const update = new UpdateCommand({
        TableName: SOURCES_TABLE,
        Key: { 'source-uuid': sourceUuid },
        UpdateExpression: 'SET deadline = :past, queued = :yes',
        ExpressionAttributeValues: { ':past': 1, ':yes': true },
      });
      await dynamo.send(update);
    },
    async deleteOriginal(sourceUuid: string): Promise<void> {
      await s3.send(
        new DeleteObjectCommand({ Bucket: SOURCES_BUCKET, Key: keyOf(await mine(sourceUuid), 'original') }),
      );
    },
    /** Uploads that were begun and never ended. */
    async leaveParts(sourceUuid: string): Promise<void> {
      const source = await mine(sourceUuid);
      for (const file of FILES_IN_PARTS) {
        const Key = keyOf(source, file);
        await s3.send(new CreateMultipartUploadCommand({ Bucket: SOURCES_BUCKET, Key }));
      }
    },
    async sweep(): Promise<void> {
      expect(await stack.lambda.invoke(functions.get('sweeper')!.name, {})).not.toHaveProperty('functionError');
    },
    /** With all that it held, leases too: whoever writes next has to start a subscriber. */
    loseRedis: () => stack.faults.redis('lose'),
    [Symbol.dispose]() {
      for (const client of [dynamo, sqs, s3]) client.destroy();
    },
  };
}
