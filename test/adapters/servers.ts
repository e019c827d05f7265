import type { Server } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { CreateTableCommand, type CreateTableCommandInput, waitUntilTableExists } from '@aws-sdk/client-dynamodb';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { CreateQueueCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { buildApp } from 'fauxqs';
import { createDynamoClient } from '../../adapters/dynamodb/client.ts';

/** The services of AWS in process, for the tests of the adapters. */

export const TEST_CREDENTIALS = {
  region: 'eu-central-1',
  credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
} as const;

interface SdkClient {
  readonly config: { readonly requestHandler: unknown };
}

/** Far more than any call takes here, and less than a test may. */
const PATIENCE_MS = 30_000;

/**
 * The same client without the service's limits of a second or two, in which a machine that is busy may leave an answer
 * of this very process lying: the call would be made again, or fail, and the test see that.
 */
export function patient<C extends SdkClient>(client: C): C {
  const handler = client.config.requestHandler as { updateHttpClientConfig(key: string, value: number): void };
  for (const limit of ['connectionTimeout', 'requestTimeout']) handler.updateHttpClientConfig(limit, PATIENCE_MS);
  return client;
}

export interface DynamoServer extends AsyncDisposable {
  readonly client: DynamoDBDocumentClient;
  /** @returns the name of a new, empty table. */
  createTable(keys: readonly string[], ...indexes: readonly TableIndex[]): Promise<string>;
}

export interface TableIndex {
  readonly name: string;
  readonly key: string;
  /** With it the index holds the keys only, and what it includes. */
  readonly numberSortKey?: string;
  readonly includes?: readonly string[];
}

// dynalite carries no types of its own.
const dynalite = createRequire(import.meta.url)('dynalite') as (options: { createTableMs: number }) => Server;

export async function startDynamo(): Promise<DynamoServer> {
  const server = dynalite({ createTableMs: 0 });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const client = patient(createDynamoClient({ ...TEST_CREDENTIALS, endpoint: `http://127.0.0.1:${port}` }));
  let tables = 0;
  return {
    client,
    async createTable(keys, ...indexes) {
      tables += 1;
      const input = tableInput(`table-${tables}`, keys, indexes);
      await client.send(new CreateTableCommand(input));
      await waitUntilTableExists(
        { client, maxWaitTime: 10, minDelay: 0.01, maxDelay: 0.05 },
        { TableName: input.TableName },
      );
      return input.TableName!;
    },
    async [Symbol.asyncDispose]() {
      client.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

function tableInput(name: string, keys: readonly string[], indexes: readonly TableIndex[]): CreateTableCommandInput {
  const texts = new Set([...keys, ...indexes.map(({ key }) => key)]);
  const numbers = new Set(indexes.flatMap(({ numberSortKey }) => numberSortKey ?? []));
  return {
    TableName: name,
    BillingMode: 'PAY_PER_REQUEST',
    AttributeDefinitions: [
      ...[...texts].map((key) => ({ AttributeName: key, AttributeType: 'S' as const })),
      ...[...numbers].map((key) => ({ AttributeName: key, AttributeType: 'N' as const })),
    ],
    KeySchema: keys.map((key, at) => ({ AttributeName: key, KeyType: at === 0 ? 'HASH' : 'RANGE' })),
    ...(indexes.length > 0 && {
      GlobalSecondaryIndexes: indexes.map((index) => ({
        IndexName: index.name,
        KeySchema: [
          { AttributeName: index.key, KeyType: 'HASH' },
          ...(index.numberSortKey ? [{ AttributeName: index.numberSortKey, KeyType: 'RANGE' as const }] : []),
        ],
        Projection: index.includes
          ? { ProjectionType: 'INCLUDE', NonKeyAttributes: [...index.includes] }
          : { ProjectionType: index.numberSortKey ? 'KEYS_ONLY' : 'ALL' },
      })),
    }),
  };
}

export interface S3SqsServer extends AsyncDisposable {
  readonly url: string;
  readonly s3: S3Client;
  readonly sqs: SQSClient;
  createBucket(): Promise<string>;
  /** @returns the queue's URL. */
  createQueue(attributes?: Record<string, string>): Promise<string>;
}

const ACCOUNT = '000000000000';

export async function startS3Sqs(): Promise<S3SqsServer> {
  const app = buildApp({ logger: false });
  await app.listen({ port: 0, host: '127.0.0.1' });
  const { port } = app.server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}`;
  const s3 = new S3Client({ ...TEST_CREDENTIALS, endpoint: url, forcePathStyle: true });
  const sqs = new SQSClient({ ...TEST_CREDENTIALS, endpoint: url });
  let count = 0;
  return {
    url,
    s3,
    sqs,
    async createBucket() {
      count += 1;
      await s3.send(new CreateBucketCommand({ Bucket: `bucket-${count}` }));
      return `bucket-${count}`;
    },
    async createQueue(attributes = {}) {
      count += 1;
      await sqs.send(new CreateQueueCommand({ QueueName: `queue-${count}`, Attributes: attributes }));
      return `${url}/${ACCOUNT}/queue-${count}`;
    },
    async [Symbol.asyncDispose]() {
      s3.destroy();
      sqs.destroy();
      await app.close();
    },
  };
}
