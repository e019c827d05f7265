import type { APIGatewayProxyEvent, APIGatewayProxyResult } from 'aws-lambda';
import { authenticate } from '../../app/authenticate.ts';
import type { ApiKeys, Log } from '../../app/ports.ts';
import { RequestError, type RequestErrorCode } from '../../domain/errors.ts';
import { MAX_JSON_BODY_BYTES } from '../../domain/limits.ts';
import { withLogFields } from '../log.ts';
import { correlationIdOf } from './correlation.ts';

/** The edge of the REST calls: credentials in, JSON out, and the only place where a code becomes an HTTP status. */

export interface Answer {
  readonly status: number;
  readonly body: object;
  /** Where what is answered for began with an earlier request. Default: that of this one. */
  readonly correlationId?: string;
  readonly retryAfterSeconds?: number;
}

/** Every code that is not here is a 400. */
const STATUS: Partial<Record<RequestErrorCode, number>> = {
  'missing-credentials': 401,
  'invalid-credentials': 401,
  'token-missing': 401,
  'token-invalid': 401,
  'token-expired': 401,
  'origin-not-allowed': 403,
  'ws-uuid-not-yours': 403,
  'source-uuid-not-yours': 403,
  'unknown-channel': 404,
  'unknown-source': 404,
  'not-found': 404,
  'source-uuid-in-use': 409,
  'payload-too-large': 413,
  'unsupported-content-type': 415,
  'too-many-channels': 429,
  'too-many-sockets': 429,
  'too-many-uploads': 429,
  unavailable: 503,
  internal: 500,
};

/** Seconds after which it is worth while to ask again, for `Retry-After`. A channel is free again only after a day: it has none. */
const RETRY_AFTER_SECONDS: Partial<Record<RequestErrorCode, number>> = {
  'too-many-uploads': 10, // many a source takes no longer
  unavailable: 2,
  internal: 2,
};

export function statusOf(code: RequestErrorCode): number {
  return STATUS[code] ?? 400;
}

const HEADERS = {
  'content-type': 'application/json',
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  'access-control-expose-headers': 'x-correlation-id, retry-after',
};

/** A key in a header is what lets a caller in, not a cookie: any page may ask, unless there is a list of those that may. */
function originHeaders(allowed: readonly string[], origin = ''): Record<string, string> {
  if (allowed.length === 0) return { 'access-control-allow-origin': '*' };
  const listed = allowed.includes(origin.toLowerCase());
  return { vary: 'origin', ...(listed && { 'access-control-allow-origin': origin }) };
}

export interface RestPorts {
  readonly apiKeys: ApiKeys;
  readonly log: Log;
  /** Of the pages that may read the answers, in lower case. None: all. */
  readonly allowOrigins: readonly string[];
}

/** Answers every request: what is not a RequestError is logged whole and told as `internal`. */
export function restHandler(
  { apiKeys, log, allowOrigins }: RestPorts,
  handle: (event: APIGatewayProxyEvent, userId: string, correlationId: string) => Promise<Answer>,
): (event: APIGatewayProxyEvent) => Promise<APIGatewayProxyResult> {
  async function answer(event: APIGatewayProxyEvent, correlationId: string): Promise<Answer> {
    try {
      const credentials = { userId: header(event, 'x-user-id'), apiKey: header(event, 'x-api-key') };
      return await handle(event, await authenticate(apiKeys, credentials), correlationId);
    } catch (cause) {
      const error = toRequestError(cause, log);
      const retryAfterSeconds = RETRY_AFTER_SECONDS[error.code];
      return {
        status: statusOf(error.code),
        body: { error: error.message, code: error.code },
        ...(retryAfterSeconds !== undefined && { retryAfterSeconds }),
      };
    }
  }
  return async (event) => {
    const correlationId = correlationIdOf(event, header(event, 'x-correlation-id'));
    const answered = await withLogFields({ correlationId }, () => answer(event, correlationId));
    return respond({ correlationId, ...answered }, originHeaders(allowOrigins, header(event, 'origin')));
  };
}

export function toRequestError(cause: unknown, log: Log): RequestError {
  if (cause instanceof RequestError) {
    log.info('request-refused', { code: cause.code });
    return cause;
  }
  log.error('request-failed', { error: cause });
  return new RequestError('internal', 'Something went wrong on our side. Please send the request again.', { cause });
}

function respond(
  { status, body, correlationId, retryAfterSeconds }: Answer & { readonly correlationId: string },
  more: Readonly<Record<string, string>>,
): APIGatewayProxyResult {
  return {
    statusCode: status,
    headers: {
      ...HEADERS,
      ...more,
      'x-correlation-id': correlationId,
      ...(retryAfterSeconds !== undefined && { 'retry-after': String(retryAfterSeconds) }),
    },
    body: JSON.stringify(body),
  };
}

export function header(
  event: { readonly headers?: Readonly<Record<string, string | undefined>> | null },
  name: string,
): string | undefined {
  for (const [key, value] of Object.entries(event.headers ?? {})) {
    if (key.toLowerCase() === name) return value;
  }
  return undefined;
}

export function rawBody(event: APIGatewayProxyEvent): Buffer {
  return Buffer.from(event.body ?? '', event.isBase64Encoded ? 'base64' : 'utf8');
}

/** Throws RequestError `payload-too-large` or `invalid-json`. */
export function jsonBody(event: APIGatewayProxyEvent): unknown {
  const body = rawBody(event);
  if (body.length > MAX_JSON_BODY_BYTES) {
    throw new RequestError('payload-too-large', `This body is larger than ${MAX_JSON_BODY_BYTES} bytes.`);
  }
  try {
    return JSON.parse(body.toString('utf8'));
  } catch (cause) {
    throw new RequestError('invalid-json', 'The body is not valid JSON.', { cause });
  }
}
