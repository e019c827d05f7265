import type { IncomingMessage } from 'node:http';
import { eventHeaders, eventQuery, newGatewayId, requestTime } from './request-facts.ts';

export interface WebSocketStage {
  readonly apiId: string;
  readonly stage: string;
  readonly region: string;
  readonly accountId: string;
}

/** What every event of one connection tells of it. */
export interface ConnectionFacts {
  readonly connectionId: string;
  readonly connectedAt: number;
  readonly sourceIp: string;
  readonly userAgent: string | undefined;
}

export function domainName(api: WebSocketStage): string {
  return `${api.apiId}.execute-api.${api.region}.amazonaws.com`;
}

export function connectEvent(api: WebSocketStage, connection: ConnectionFacts, request: IncomingMessage, now: number) {
  const { queryStringParameters, multiValueQueryStringParameters } = eventQuery(request.url!.split('?')[1] ?? '');
  return {
    ...eventHeaders(request, now),
    // Left out when there is no query, where a REST event has null.
    ...(queryStringParameters && { queryStringParameters, multiValueQueryStringParameters }),
    requestContext: requestContext(api, connection, { routeKey: '$connect', eventType: 'CONNECT' }, now),
    isBase64Encoded: false,
  };
}

export function messageEvent(
  api: WebSocketStage,
  connection: ConnectionFacts,
  routeKey: string,
  body: string,
  now: number,
) {
  const context = requestContext(api, connection, { routeKey, eventType: 'MESSAGE' }, now);
  return { requestContext: { ...context, messageId: newGatewayId() }, body, isBase64Encoded: false };
}

export function disconnectEvent(
  api: WebSocketStage,
  connection: ConnectionFacts,
  close: { readonly code: number; readonly reason: string },
  now: number,
) {
  const headers = { Host: domainName(api), 'x-api-key': '', 'X-Forwarded-For': '', 'x-restapi': '' };
  return {
    headers,
    multiValueHeaders: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value]])),
    requestContext: {
      ...requestContext(api, connection, { routeKey: '$disconnect', eventType: 'DISCONNECT' }, now),
      disconnectStatusCode: close.code,
      disconnectReason: close.reason,
    },
    isBase64Encoded: false,
  };
}

function requestContext(
  api: WebSocketStage,
  connection: ConnectionFacts,
  route: { readonly routeKey: string; readonly eventType: 'CONNECT' | 'MESSAGE' | 'DISCONNECT' },
  now: number,
) {
  const requestId = newGatewayId();
  return {
    ...route,
    extendedRequestId: requestId,
    requestTime: requestTime(now),
    messageDirection: 'IN' as const,
    stage: api.stage,
    connectedAt: connection.connectedAt,
    requestTimeEpoch: now,
    identity: {
      ...(connection.userAgent !== undefined && { userAgent: connection.userAgent }),
      sourceIp: connection.sourceIp,
    },
    requestId,
    domainName: domainName(api),
    connectionId: connection.connectionId,
    apiId: api.apiId,
  };
}
