import {
  ApiGatewayManagementApiClient,
  type ApiGatewayManagementApiClientConfig,
} from '@aws-sdk/client-apigatewaymanagementapi';

const CONNECTION_TIMEOUT_MS = 1000; // 1 s

/**
 * Posts in flight at once. The SDK's own 50 would make the clients of a busy shard wait for each other, which must not be; a
 * Lambda may have 1,024 files open.
 */
const MAX_SOCKETS = 400;

/** The subscriber repeats a post itself, with the backoff of its connection: repeating here would block that connection twice. */
const MAX_ATTEMPTS = 1;

export function createManagementClient(
  config: ApiGatewayManagementApiClientConfig & { readonly endpoint: string },
): ApiGatewayManagementApiClient {
  return new ApiGatewayManagementApiClient({
    maxAttempts: MAX_ATTEMPTS,
    requestHandler: {
      connectionTimeout: CONNECTION_TIMEOUT_MS,
      httpAgent: { keepAlive: true, maxSockets: MAX_SOCKETS },
      httpsAgent: { keepAlive: true, maxSockets: MAX_SOCKETS },
    },
    ...config,
  });
}
