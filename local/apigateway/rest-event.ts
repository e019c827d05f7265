import type { IncomingMessage } from 'node:http';
import type { APIGatewayProxyEvent } from 'aws-lambda';
import { eventHeaders, eventQuery, newGatewayId, requestTime, sourceIp } from './request-facts.ts';
import type { RouteMatch } from './rest-routes.ts';

export interface RestStage {
  readonly apiId: string;
  readonly stage: string;
  readonly region: string;
  readonly accountId: string;
  readonly stageVariables?: Readonly<Record<string, string>>;
}

export interface ReceivedRequest {
  readonly request: IncomingMessage;
  readonly requestId: string;
  /** Without the stage. */
  readonly path: string;
  readonly search: string;
  readonly body: Buffer;
  readonly binary: boolean;
  readonly now: number;
}

/** The event of a REST API's Lambda proxy integration (payload format 1.0). */
export function restProxyEvent(
  api: RestStage,
  { route, pathParameters }: RouteMatch,
  received: ReceivedRequest,
): APIGatewayProxyEvent {
  const { request, body, binary, path } = received;
  return {
    resource: route.path,
    path,
    httpMethod: request.method!,
    ...eventHeaders(request, received.now),
    ...eventQuery(received.search),
    pathParameters,
    stageVariables: api.stageVariables ? { ...api.stageVariables } : null,
    requestContext: requestContext(api, route.path, received),
    body: body.length === 0 ? null : body.toString(binary ? 'base64' : 'utf8'),
    isBase64Encoded: binary && body.length > 0,
  };
}

function requestContext(
  api: RestStage,
  resourcePath: string,
  received: ReceivedRequest,
): APIGatewayProxyEvent['requestContext'] {
  const { request, now } = received;
  return {
    resourceId: resourcePath,
    resourcePath,
    httpMethod: request.method!,
    extendedRequestId: newGatewayId(),
    requestTime: requestTime(now),
    path: `/${api.stage}${received.path}`,
    accountId: api.accountId,
    protocol: `HTTP/${request.httpVersion}`,
    stage: api.stage,
    domainPrefix: api.apiId,
    requestTimeEpoch: now,
    requestId: received.requestId,
    identity: { ...NO_IDENTITY, sourceIp: sourceIp(request), userAgent: request.headers['user-agent'] ?? null },
    domainName: `${api.apiId}.execute-api.${api.region}.amazonaws.com`,
    apiId: api.apiId,
    authorizer: null,
  };
}

/** Filled only for calls that are signed, carry an API key of a usage plan, or a client certificate. */
const NO_IDENTITY = {
  cognitoIdentityPoolId: null,
  accountId: null,
  cognitoIdentityId: null,
  caller: null,
  principalOrgId: null,
  accessKey: null,
  apiKey: null,
  apiKeyId: null,
  clientCert: null,
  cognitoAuthenticationType: null,
  cognitoAuthenticationProvider: null,
  userArn: null,
  user: null,
};
