import { SQSClient, type SQSClientConfig } from '@aws-sdk/client-sqs';

/** The calls made here are answered within some 10 ms; whoever has not connected by then will not. */
const CONNECTION_TIMEOUT_MS = 1000; // 1 s
const REQUEST_TIMEOUT_MS = 3000; // 3 s

/** About 9.5 s at the worst. A message sent twice is harmless: the second delivery finds the lease or the terminal. */
const MAX_ATTEMPTS = 3;

export function createSqsClient(config: SQSClientConfig = {}): SQSClient {
  return new SQSClient({
    maxAttempts: MAX_ATTEMPTS,
    retryMode: 'standard',
    // Without this the host of the queue's URL is called, which has IPv4 only, whatever endpoint was resolved.
    useQueueUrlAsEndpoint: false,
    requestHandler: {
      connectionTimeout: CONNECTION_TIMEOUT_MS,
      requestTimeout: REQUEST_TIMEOUT_MS,
      throwOnRequestTimeout: true,
    },
    ...config,
  });
}
