import { DynamoDBClient, type DynamoDBClientConfig } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';

/** The table is some milliseconds away: whoever has not connected by then will not, and another try may meet a healthy host. */
const CONNECTION_TIMEOUT_MS = 1000; // 1 s

/** A single-item call takes 2 to 20 ms; the SDK's own default would wait for ever, and the function with it. */
const REQUEST_TIMEOUT_MS = 2000; // 2 s

/** With the limits above and the SDK's jittered pauses the worst call gives up after about 6.5 s, before any function's time is over. */
const MAX_ATTEMPTS = 3;

export interface DynamoTable {
  readonly client: DynamoDBDocumentClient;
  readonly table: string;
}

/**
 * A client with limits that suit a Lambda. Every write here is conditional or idempotent, so that the SDK may repeat one
 * whose answer was lost.
 */
export function createDynamoClient(config: DynamoDBClientConfig = {}): DynamoDBDocumentClient {
  const client = new DynamoDBClient({
    maxAttempts: MAX_ATTEMPTS,
    retryMode: 'standard',
    requestHandler: {
      connectionTimeout: CONNECTION_TIMEOUT_MS,
      requestTimeout: REQUEST_TIMEOUT_MS,
      throwOnRequestTimeout: true,
    },
    ...config,
  });
  return DynamoDBDocumentClient.from(client, { marshallOptions: { removeUndefinedValues: true } });
}
