import { S3Client, type S3ClientConfig } from '@aws-sdk/client-s3';

const CONNECTION_TIMEOUT_MS = 1000; // 1 s

/** Until the answer begins, the upload of one part included: 5 MiB are through in well under a second. */
const REQUEST_TIMEOUT_MS = 8000; // 8 s

/**
 * Silence on the socket, the body of an answer included. Long, since it counts while a reader that parses what it has takes
 * no more; a body that breaks off is the loss of a whole attempt.
 */
const SOCKET_TIMEOUT_MS = 120_000; // 2 min

/** About 25 s at the worst, within the 28 s of an upload. Every call here is safe to repeat. */
const MAX_ATTEMPTS = 3;

export function createS3Client(config: S3ClientConfig = {}): S3Client {
  return new S3Client({
    maxAttempts: MAX_ATTEMPTS,
    retryMode: 'standard',
    requestHandler: {
      connectionTimeout: CONNECTION_TIMEOUT_MS,
      requestTimeout: REQUEST_TIMEOUT_MS,
      throwOnRequestTimeout: true,
      socketTimeout: SOCKET_TIMEOUT_MS,
    },
    ...config,
  });
}
