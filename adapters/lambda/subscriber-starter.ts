import { InvokeCommand, LambdaClient, type LambdaClientConfig } from '@aws-sdk/client-lambda';
import type { SubscriberStarter } from '../../app/ports.ts';

/** An asynchronous invoke is answered when it is queued, within some 10 ms: nothing here waits for the subscriber. */
const CONNECTION_TIMEOUT_MS = 1000; // 1 s
const REQUEST_TIMEOUT_MS = 3000; // 3 s

/** A start too many is harmless: the second subscriber finds the lease taken and ends. */
const MAX_ATTEMPTS = 3;

export interface LambdaSubscriberStarterOptions {
  readonly client: LambdaClient;
  readonly functionName: string;
}

/** The event that the subscriber is invoked with. */
export interface SubscriberEvent {
  readonly shard: number;
}

/** For short calls only: a client that waits for a function's answer needs other limits. */
export function createStarterClient(config: LambdaClientConfig = {}): LambdaClient {
  return new LambdaClient({
    maxAttempts: MAX_ATTEMPTS,
    retryMode: 'standard',
    requestHandler: {
      connectionTimeout: CONNECTION_TIMEOUT_MS,
      requestTimeout: REQUEST_TIMEOUT_MS,
      throwOnRequestTimeout: true,
    },
    ...config,
  });
}

export function createLambdaSubscriberStarter(options: LambdaSubscriberStarterOptions): SubscriberStarter {
  const { client, functionName } = options;
  return {
    async start(shard) {
      const event: SubscriberEvent = { shard };
      await client.send(
        new InvokeCommand({ FunctionName: functionName, InvocationType: 'Event', Payload: JSON.stringify(event) }),
      );
    },
  };
}
