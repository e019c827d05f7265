import {
  type ApiGatewayManagementApiClient,
  DeleteConnectionCommand,
  PostToConnectionCommand,
} from '@aws-sdk/client-apigatewaymanagementapi';
import type { Log, PostOutcome, Sockets } from '../../app/ports.ts';

export interface ApiGatewaySocketsOptions {
  readonly client: ApiGatewayManagementApiClient;
  readonly log: Log;
  /** From a call to its outcome, connecting included. Default: 5000, 5 s; API Gateway answers within some 20 ms. */
  readonly timeLimitMs?: number;
}

const DEFAULT_TIME_LIMIT_MS = 5000; // 5 s

/**
 * Refused for what it is, so the same post would be refused for ever: 400 an id that no gateway gave out, 404 another API's,
 * 413 a frame over the limit. The client of such a connection has to come again and ask for what it misses.
 */
const NEVER_ACCEPTED = new Set([400, 404, 413]);

export function createApiGatewaySockets(options: ApiGatewaySocketsOptions): Sockets {
  const { client, log, timeLimitMs = DEFAULT_TIME_LIMIT_MS } = options;

  async function outcomeOf(
    operation: 'post' | 'close',
    connectionId: string,
    call: (signal: AbortSignal) => Promise<unknown>,
  ): Promise<PostOutcome> {
    try {
      await withinTimeLimit(call, timeLimitMs);
      return 'sent';
    } catch (error) {
      const status = statusOf(error);
      const outcome = status === 410 || NEVER_ACCEPTED.has(status ?? 0) ? 'gone' : 'retry';
      const data = { operation, connectionId, outcome, status, error };
      if (status === 410) log.info('socket-gone', { operation, connectionId });
      else if (isOurFault(status)) log.error('socket-refused', data);
      else log.warn('socket-failed', data);
      return outcome;
    }
  }

  return {
    post: (connectionId, frame) =>
      outcomeOf('post', connectionId, (abortSignal) =>
        client.send(new PostToConnectionCommand({ ConnectionId: connectionId, Data: frame }), { abortSignal }),
      ),
    close: (connectionId) =>
      outcomeOf('close', connectionId, (abortSignal) =>
        client.send(new DeleteConnectionCommand({ ConnectionId: connectionId }), { abortSignal }),
      ),
  };
}

/** The abort ends the request; the race ends the wait even where the request does not heed it. */
async function withinTimeLimit<T>(call: (signal: AbortSignal) => Promise<T>, limitMs: number): Promise<T> {
  const controller = new AbortController();
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    late.reject(new Error(`no answer within ${limitMs} ms`));
    controller.abort();
  }, limitMs);
  try {
    return await Promise.race([call(controller.signal), late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

/** Taken from the answer itself: a gateway that sends no error type leaves the SDK's error without a name to go by. */
function statusOf(error: unknown): number | undefined {
  const { $metadata, $response } = error as {
    $metadata?: { httpStatusCode?: number };
    $response?: { statusCode?: number };
  };
  return $metadata?.httpStatusCode ?? $response?.statusCode;
}

/** A 4xx other than 429 is about what we asked or may do; the rest passes by itself. */
function isOurFault(status: number | undefined): boolean {
  return status !== undefined && status >= 400 && status < 500 && status !== 429 && status !== 408;
}
