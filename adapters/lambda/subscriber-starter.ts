import { InvokeCommand, LambdaClient, type LambdaClientConfig } from '@aws-sdk/client-lambda';
import type { SubscriberStarter } from '../../app/ports.ts';

/** An asynchronous invoke is answered when it is queued, within some 10 ms: nothing here waits for the subscriber. */
const CONNECTION_TIMEOUT_MS = 1000; // 1 s
const REQUEST_TIMEOUT_MS = 3000; // 3 s

/** A start too many is harmless: the second subscriber finds the lease taken and ends. */
const MAX_ATTEMPTS = 3;

/**
 * Whoever publishes while nobody holds the shard is told to start a subscriber: under load that is many of them within the
 * moment that one needs to begin. One that was started so lately is still to begin or still lingers, since it does that
 * for twice as long (`app/subscribe.ts`); had it crashed, the sweeper finds what waits.
 */
const SAME_START_MS = 1000;

export interface LambdaSubscriberStarterOptions {
  readonly client: LambdaClient;
  readonly functionName: string;
  /** Default: the system's. */
  readonly now?: () => number;
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
  const { client, functionName, now = Date.now } = options;
  const acceptedAt = new Map<number, number>();
  return {
    async start(shard) {
      if (now() - (acceptedAt.get(shard) ?? Number.NEGATIVE_INFINITY) < SAME_START_MS) return;
      const begunAt = now();
      const event: SubscriberEvent = { shard };
      await client.send(
        new InvokeCommand({ FunctionName: functionName, InvocationType: 'Event', Payload: JSON.stringify(event) }),
      );
      acceptedAt.set(shard, begunAt);
    },
  };
}
