import { S3Client, type S3ClientConfig } from '@aws-sdk/client-s3';

const CONNECTION_TIMEOUT_MS = 1000; // 1 s

/**
 * Silence on the socket, not the whole request: a part of 5 MiB takes what it takes, but a connection on which nothing moves
 * for this long is dead.
 */
const SOCKET_TIMEOUT_MS = 5000; // 5 s

/** One try more than elsewhere: S3's 503 SlowDown asks for it, and every call here is safe to repeat. */
const MAX_ATTEMPTS = 4;

export function createS3Client(config: S3ClientConfig = {}): S3Client {
  return new S3Client({
    maxAttempts: MAX_ATTEMPTS,
    retryMode: 'standard',
    requestHandler: { connectionTimeout: CONNECTION_TIMEOUT_MS, socketTimeout: SOCKET_TIMEOUT_MS },
    ...config,
  });
}
