import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Clock } from '../clock.ts';
import { endWhenRead } from '../http/early-answer.ts';
import { listenOnLoopback } from '../http/loopback.ts';
import type { LocalLog } from '../log.ts';
import {
  createGatewayResponder,
  GATEWAY_ERRORS,
  type GatewayError,
  type GatewayResponseProperties,
} from './gateway-responses.ts';
import { invokeIntegration, type LambdaInvoker, type ProxyResponse } from './integration.ts';
import {
  REQUEST_HEAD_TIMEOUT_MS,
  REQUEST_TIMEOUT_MS,
  REST_PAYLOAD_BYTES,
  REST_REQUEST_LINE_AND_HEADER_BYTES,
} from './limits.ts';
import { firstAccepted, isBinary } from './media-types.ts';
import { compileMockIntegration, type MockIntegration } from './mock-integration.ts';
import { declaresMoreThan, readBody } from './request-body.ts';
import { newRequestId, requestLineAndHeaderBytes } from './request-facts.ts';
import { restProxyEvent } from './rest-event.ts';
import { createRouter, type RestRoute, type RouteMatch } from './rest-routes.ts';

export interface RestApiOptions {
  readonly apiId: string;
  readonly stage: string;
  readonly region: string;
  readonly accountId: string;
  readonly stageVariables?: Readonly<Record<string, string>>;
  /** 0 or none: any free port. */
  readonly port?: number;
  readonly routes: readonly RestRoute[];
  readonly binaryMediaTypes: readonly string[];
  readonly gatewayResponses: readonly GatewayResponseProperties[];
  readonly lambda: LambdaInvoker;
  readonly clock: Clock;
  readonly log: LocalLog;
  /** From the first byte of a request to its last; real time, since a socket's is. */
  readonly requestTimeoutMs?: number;
}

export interface RunningRestApi extends AsyncDisposable {
  /** Without the stage: `http://127.0.0.1:<port>`. */
  readonly url: string;
}

const SOURCE = 'rest-api';

/**
 * API Gateway's REST API with proxy and mock integrations, served below `/<stage>/` as `execute-api` does.
 * @throws PortInUseError, UnsupportedMappingError
 */
export async function startRestApi(options: RestApiOptions): Promise<RunningRestApi> {
  const stopping = new AbortController();
  const handle = createRequestHandler(options, stopping.signal);
  const requestTimeoutMs = options.requestTimeoutMs ?? REQUEST_TIMEOUT_MS;
  const server = createServer({
    // Above API Gateway's own limit, which counts less than node's does; what is over this one gets 431 from node.
    maxHeaderSize: 4 * REST_REQUEST_LINE_AND_HEADER_BYTES,
    headersTimeout: Math.min(REQUEST_HEAD_TIMEOUT_MS, requestTimeoutMs),
    requestTimeout: requestTimeoutMs,
    connectionsCheckingInterval: Math.min(1000, requestTimeoutMs),
  });
  const onRequest = (request: IncomingMessage, response: ServerResponse) => {
    handle(request, response).catch((error: unknown) => {
      options.log.error(SOURCE, `${request.method} ${request.url}: ${error}`);
      response.destroy();
    });
  };
  server.on('request', onRequest);
  server.on('checkContinue', (request, response) => {
    if (!declaresMoreThan(request, REST_PAYLOAD_BYTES)) response.writeContinue();
    onRequest(request, response);
  });
  const listening = await listenOnLoopback(server, options.port ?? 0);
  return {
    url: `http://127.0.0.1:${listening.port}`,
    async [Symbol.asyncDispose]() {
      stopping.abort();
      await listening[Symbol.asyncDispose]();
    },
  };
}

function createRequestHandler(options: RestApiOptions, stopped: AbortSignal) {
  const router = createRouter(options.routes);
  const respondWithError = createGatewayResponder(options.gatewayResponses);
  const mocks = new Map<RestRoute, MockIntegration>();
  for (const route of options.routes) {
    if (route.integration.type === 'MOCK') mocks.set(route, compileMockIntegration(route.integration));
  }

  return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const requestId = newRequestId();
    response.setHeader('x-amzn-requestid', requestId);
    const refuse = (error: GatewayError) => respondWithError(request, response, error, requestId);
    if (requestLineAndHeaderBytes(request) > REST_REQUEST_LINE_AND_HEADER_BYTES) {
      return respond(request, response, 431, '{"message":"Request Header Fields Too Large"}');
    }
    const target = splitTarget(request.url!, options.stage);
    // An unknown stage is refused before any API is known, so no gateway response applies.
    if (target === undefined) return respond(request, response, 403, '{"message":"Forbidden"}');
    const match = router(request.method!, target.path);
    if (match === undefined) return refuse(GATEWAY_ERRORS.missingAuthenticationToken);

    const body = await readBody(request, REST_PAYLOAD_BYTES);
    if (body === 'aborted') return;
    if (body === 'too-large') return refuse(GATEWAY_ERRORS.bodyTooLarge);
    const binary = isBinary(options.binaryMediaTypes, request.headers['content-type']);
    const mock = mocks.get(match.route);
    if (mock) {
      // A binary request bypasses the request template, and then the mock has no status: what makes `*/*` break preflights.
      if (binary || !mock(request, response)) refuse(GATEWAY_ERRORS.configuration);
      return;
    }
    const received = { request, requestId, ...target, body, binary, now: options.clock.now() };
    await proxy({ ...options, stopped }, match, received, response, refuse);
  };
}

async function proxy(
  options: RestApiOptions & { readonly stopped: AbortSignal },
  match: RouteMatch,
  received: Parameters<typeof restProxyEvent>[2],
  response: ServerResponse,
  refuse: (error: GatewayError) => void,
): Promise<void> {
  const { integration } = match.route;
  if (integration.type !== 'AWS_PROXY') throw new Error(`${match.route.path} has no proxy integration`);
  const outcome = await invokeIntegration({
    lambda: options.lambda,
    clock: options.clock,
    log: options.log,
    stopped: options.stopped,
    source: SOURCE,
    functionName: integration.functionName,
    event: restProxyEvent(options, match, received),
  });
  if (outcome.kind === 'too-large') return refuse(GATEWAY_ERRORS.eventTooLarge);
  if (outcome.kind === 'timeout') return refuse(GATEWAY_ERRORS.integrationTimeout);
  if (outcome.kind !== 'response') return refuse(GATEWAY_ERRORS.badIntegration);
  const decode =
    outcome.response.isBase64Encoded &&
    isBinary(options.binaryMediaTypes, firstAccepted(received.request.headers.accept));
  if (!writeProxyResponse(response, outcome.response, decode)) refuse(GATEWAY_ERRORS.badIntegration);
}

/** The framing of the answer is the gateway's own. */
const OWN_HEADERS = new Set(['connection', 'content-length', 'date', 'keep-alive', 'transfer-encoding', 'upgrade']);

/** @returns false, with nothing written, where a header cannot be sent as the function gave it. */
function writeProxyResponse(response: ServerResponse, proxied: ProxyResponse, decode: boolean): boolean {
  const body = Buffer.from(proxied.body, decode ? 'base64' : 'utf8');
  const headers = [...proxied.headers].filter(([name]) => !OWN_HEADERS.has(name.toLowerCase()));
  try {
    response.setHeader('content-type', 'application/json');
    for (const [name, values] of headers) response.setHeader(name, [...values]);
  } catch {
    for (const [name] of headers) response.removeHeader(name);
    return false;
  }
  const bodiless = proxied.statusCode === 204 || proxied.statusCode === 304;
  if (!bodiless) response.setHeader('content-length', body.length);
  response.writeHead(proxied.statusCode);
  response.end(bodiless ? undefined : body);
  return true;
}

function respond(request: IncomingMessage, response: ServerResponse, statusCode: number, body: string): void {
  response.writeHead(statusCode, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) });
  response.write(body);
  endWhenRead(request, response);
}

/** `/<stage>/a?b=c` → path and query; undefined for another stage. */
function splitTarget(url: string, stage: string): { path: string; search: string } | undefined {
  const queryStart = url.indexOf('?');
  const pathname = queryStart === -1 ? url : url.slice(0, queryStart);
  const search = queryStart === -1 ? '' : url.slice(queryStart + 1);
  if (pathname !== `/${stage}` && !pathname.startsWith(`/${stage}/`)) return undefined;
  return { path: pathname.slice(stage.length + 1) || '/', search };
}
