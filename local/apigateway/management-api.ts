import type { IncomingMessage, ServerResponse } from 'node:http';
import { endWhenRead } from '../http/early-answer.ts';
import { accessKeyIdOf } from '../iam/signature-v4.ts';
import type { Connections } from './connections.ts';
import { WEBSOCKET_MESSAGE_BYTES } from './limits.ts';
import { readBody } from './request-body.ts';
import { newRequestId } from './request-facts.ts';
import type { WebSocketStage } from './websocket-event.ts';

/** One signed call of the @connections API, as IAM sees it. */
export interface ManagementCall {
  /** From the Authorization header's credential scope; undefined where the call is not signed. */
  readonly accessKeyId: string | undefined;
  readonly action: 'execute-api:ManageConnections';
  /** arn:aws:execute-api:<region>:<account>:<api>/<stage>/<method>/@connections/<id> */
  readonly resource: string;
}

export interface ManagementRefusal {
  readonly error: 'AccessDeniedException' | 'UnrecognizedClientException';
  readonly message: string;
}

/** @returns why the call is refused; undefined: it is allowed. */
export type AuthorizeManagement = (call: ManagementCall) => ManagementRefusal | undefined;

export interface ManagementApiOptions {
  readonly api: WebSocketStage;
  readonly connections: Connections;
  /** IAM's decision; without it every call is allowed. */
  readonly authorize?: AuthorizeManagement;
}

const ERRORS = {
  AccessDeniedException: { statusCode: 403, message: 'Forbidden' },
  BadRequestException: { statusCode: 400, message: 'Invalid connectionId' },
  ForbiddenException: { statusCode: 403, message: 'Forbidden' },
  MissingAuthenticationTokenException: { statusCode: 403, message: 'Missing Authentication Token' },
  GoneException: { statusCode: 410, message: 'Gone' },
  PayloadTooLargeException: { statusCode: 413, message: 'Payload too large' },
  LimitExceededException: { statusCode: 429, message: 'Too many unsent bytes' },
  UnrecognizedClientException: { statusCode: 403, message: 'The security token included in the request is invalid.' },
} as const;

type Answer =
  | { readonly error: keyof typeof ERRORS; readonly message?: string }
  | { readonly statusCode: number; readonly body?: object };

/** `POST`, `GET` and `DELETE /<stage>/@connections/{connectionId}`. The SDK names its errors from `x-amzn-ErrorType`. */
export function createManagementApi(options: ManagementApiOptions) {
  return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const answer = await handle(options, request);
    if (answer === 'aborted') return;
    response.setHeader('x-amzn-RequestId', newRequestId());
    if ('error' in answer) {
      const { statusCode, message } = { ...ERRORS[answer.error], ...answer };
      response.setHeader('x-amzn-ErrorType', answer.error);
      send(request, response, statusCode, { message });
    } else send(request, response, answer.statusCode, answer.body);
  };
}

async function handle(options: ManagementApiOptions, request: IncomingMessage): Promise<Answer | 'aborted'> {
  const connectionId = connectionIdOf(request.url!, options.api.stage);
  if (connectionId === undefined) return { error: 'ForbiddenException' };
  if (connectionId === 'malformed') return { error: 'BadRequestException' };
  const refusal = authorize(options, request, connectionId);
  if (refusal) return refusal;
  switch (request.method) {
    case 'POST':
      return post(options.connections, connectionId, request);
    case 'GET':
      return get(options.connections, connectionId);
    case 'DELETE':
      return options.connections.close(connectionId, { code: 1000, reason: 'Connection Closed Normally' })
        ? { statusCode: 204 }
        : { error: 'GoneException' };
    default:
      return { error: 'MissingAuthenticationTokenException' };
  }
}

/** @returns undefined for another path, 'malformed' for an id that cannot be decoded. */
function connectionIdOf(url: string, stage: string): string | undefined {
  const [empty, first, second, id, ...rest] = url.split('?')[0]!.split('/');
  const isConnections = second === '@connections' || second?.toLowerCase() === '%40connections';
  if (empty !== '' || first !== stage || !isConnections || !id || rest.length > 0) return undefined;
  try {
    return decodeURIComponent(id);
  } catch {
    return 'malformed';
  }
}

function authorize(
  { api, authorize }: ManagementApiOptions,
  request: IncomingMessage,
  connectionId: string,
): Answer | undefined {
  if (authorize === undefined) return undefined;
  const accessKeyId = accessKeyIdOf(request.headers);
  if (accessKeyId === undefined) return { error: 'MissingAuthenticationTokenException' };
  const resource = `arn:aws:execute-api:${api.region}:${api.accountId}:${api.apiId}/${api.stage}/${request.method}/@connections/${connectionId}`;
  return authorize({ accessKeyId, action: 'execute-api:ManageConnections', resource });
}

async function post(
  connections: Connections,
  connectionId: string,
  request: IncomingMessage,
): Promise<Answer | 'aborted'> {
  const body = await readBody(request, WEBSOCKET_MESSAGE_BYTES);
  if (body === 'aborted') return 'aborted';
  if (body === 'too-large') return { error: 'PayloadTooLargeException' };
  const result = connections.post(connectionId, body);
  if (result === 'gone') return { error: 'GoneException' };
  return result === 'sent' ? { statusCode: 200 } : { error: 'LimitExceededException' };
}

function get(connections: Connections, connectionId: string): Answer {
  const connection = connections.find(connectionId);
  if (connection === undefined) return { error: 'GoneException' };
  const body = {
    connectedAt: new Date(connection.connectedAt).toISOString(),
    identity: { sourceIp: connection.sourceIp, userAgent: connection.userAgent },
    lastActiveAt: new Date(connection.lastActiveAt).toISOString(),
  };
  return { statusCode: 200, body };
}

function send(request: IncomingMessage, response: ServerResponse, statusCode: number, body?: object): void {
  const text = body === undefined ? '' : JSON.stringify(body);
  const framing = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) };
  response.writeHead(statusCode, statusCode === 204 ? {} : framing);
  if (text !== '') response.write(text);
  endWhenRead(request, response);
}
