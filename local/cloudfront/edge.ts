import { randomBytes } from 'node:crypto';
import { type IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { type CompiledBehavior, compileBehaviors, type FunctionOutcome, runViewerRequest } from './behaviors.ts';
import type { DistributionOptions } from './distribution.ts';
import { ORIGIN_READ_TIMEOUT_MS, URL_BYTES } from './limits.ts';
import { errorPage, type OriginResponse, sendToViewer } from './origin-response.ts';
import { type OriginCall, requestHttpOrigin, requestS3Origin, upgradeHttpOrigin, VIA } from './origins.ts';
import { tunnel } from './tunnel.ts';
import { type HeaderList, readViewerRequest, type ViewerRequest } from './viewer-request.ts';

export interface CustomErrorResponse {
  readonly errorCode: number;
  /** Both or neither, as in CloudFormation; with neither the origin's answer stays. */
  readonly responseCode?: number;
  readonly responsePagePath?: string;
}

/** A behaviour names an origin that the distribution does not have. */
export class UnknownOriginError extends Error {
  readonly code = 'UNKNOWN_ORIGIN';

  constructor(originId: string) {
    super(`No origin has the id ${originId}`);
    this.name = 'UnknownOriginError';
  }
}

/** Handlers for a server's `request` and `upgrade` events. They never throw. */
export interface Edge {
  request(request: IncomingMessage, response: ServerResponse): void;
  upgrade(request: IncomingMessage, socket: Socket, head: Buffer): void;
}

/** What is known of one request from its first line to its last byte. */
interface Exchange {
  readonly viewer: ViewerRequest;
  readonly behavior: CompiledBehavior;
  readonly requestId: string;
  /** Aborts when the viewer has left, or has everything. */
  readonly left: AbortSignal;
}

interface EdgeContext extends DistributionOptions {
  behaviorOf(path: string): CompiledBehavior;
}

const SOURCE = 'cloudfront';

export function createEdge(options: DistributionOptions): Edge {
  const { behaviors, defaultBehavior, origins, fetchObject, log } = options;
  for (const { originId } of [...behaviors, defaultBehavior]) {
    if (!Object.hasOwn(origins, originId)) throw new UnknownOriginError(originId);
    if (origins[originId]!.kind === 's3' && !fetchObject)
      throw new TypeError(`The bucket ${originId} needs fetchObject`);
  }
  const context: EdgeContext = {
    ...options,
    behaviorOf: compileBehaviors(behaviors, defaultBehavior, (text) => log.line(SOURCE, text)),
  };
  const settle = (served: Promise<void>, request: IncomingMessage, connection: { destroy(): void }) => {
    served.catch((error: unknown) => {
      log.error(SOURCE, `${request.method} ${request.url}: ${error}`);
      connection.destroy();
    });
  };
  return {
    request: (request, response) => settle(serve(context, request, response), request, response),
    upgrade(request, socket, head) {
      socket.on('error', () => socket.destroy());
      settle(serveUpgrade(context, request, socket, head), request, socket);
    },
  };
}

function beginExchange(edge: EdgeContext, request: IncomingMessage, toViewer: Socket | ServerResponse): Exchange {
  const viewer = readViewerRequest(request);
  const left = new AbortController();
  toViewer.once('close', () => left.abort());
  const requestId = `${randomBytes(40).toString('base64url')}==`;
  return { viewer, behavior: edge.behaviorOf(viewer.uri), requestId, left: left.signal };
}

async function serve(edge: EdgeContext, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const exchange = beginExchange(edge, request, response);
  const admitted = admit(edge, exchange);
  const from =
    admitted.kind === 'response'
      ? admitted.response
      : await requestOrigin(edge, callOf(edge, exchange, admitted.request), request);
  await send(edge, exchange, from, response, request);
}

async function serveUpgrade(edge: EdgeContext, request: IncomingMessage, socket: Socket, first: Buffer): Promise<void> {
  const exchange = beginExchange(edge, request, socket);
  const admitted = admit(edge, exchange);
  const origin = edge.origins[exchange.behavior.originId]!;
  let refusal: OriginResponse;
  if (admitted.kind === 'response') refusal = admitted.response;
  else if (origin.kind === 's3') refusal = errorPage(400, 'This origin takes no upgrade.');
  else {
    const result = await upgradeHttpOrigin(origin, callOf(edge, exchange, admitted.request), 'websocket');
    if (result.kind === 'upgraded') return tunnel({ socket, first }, result, ownHeaders(exchange));
    refusal = result.response;
  }
  const response = new ServerResponse(request);
  response.shouldKeepAlive = false;
  response.assignSocket(socket);
  response.once('finish', () => socket.end());
  await send(edge, exchange, refusal, response);
}

/** Everything before the origin: an answer that needs none, or the request as the origin is to get it. */
function admit(edge: EdgeContext, { viewer, behavior, requestId }: Exchange): FunctionOutcome {
  const refuse = (statusCode: number, why: string): FunctionOutcome => ({
    kind: 'response',
    response: errorPage(statusCode, why),
  });
  // Of HTTP/1.0; without it there, no distribution is found. Node refuses it of HTTP/1.1.
  if (!viewer.headers.some(([name]) => name === 'host')) return refuse(400, 'The request has no Host header.');
  if (Buffer.byteLength(`${viewer.uri}?${viewer.querystring}`) > URL_BYTES) return refuse(414, 'The URL is too long.');
  if (!behavior.allowedMethods.includes(viewer.method)) {
    return refuse(
      403,
      'This distribution is not configured to allow the HTTP request method that was used for this request.',
    );
  }
  const context = { distributionDomainName: 'local.cloudfront.net', distributionId: 'LOCAL', requestId };
  const outcome = runViewerRequest(behavior, viewer, context, (text) => edge.log.warn(SOURCE, text));
  if (outcome.kind === 'response' || outcome.request.uri !== '/' || !edge.defaultRootObject) return outcome;
  return { kind: 'request', request: { ...outcome.request, uri: `/${edge.defaultRootObject}` } };
}

interface BehaviorCall extends OriginCall {
  readonly originId: string;
}

function callOf(edge: EdgeContext, { behavior, requestId, left }: Exchange, request: ViewerRequest): BehaviorCall {
  return {
    originId: behavior.originId,
    request,
    forwarding: behavior.forwarding,
    requestId,
    readTimeoutMs: edge.originReadTimeoutMs ?? ORIGIN_READ_TIMEOUT_MS,
    onFailure: (text) => edge.log.error(SOURCE, text),
    signal: left,
  };
}

function requestOrigin(edge: EdgeContext, call: BehaviorCall, body?: IncomingMessage): Promise<OriginResponse> {
  const origin = edge.origins[call.originId]!;
  return origin.kind === 'http'
    ? requestHttpOrigin(origin, call, body)
    : requestS3Origin(origin, call, edge.fetchObject!);
}

async function send(
  edge: EdgeContext,
  exchange: Exchange,
  from: OriginResponse,
  response: ServerResponse,
  unread?: IncomingMessage,
): Promise<void> {
  const final = await withCustomError(edge, exchange, from);
  const cache = final.generated || final.statusCode >= 400 ? 'Error from cloudfront' : 'Miss from cloudfront';
  const added = [...addedByPolicy(exchange.behavior, final), ['x-cache', cache] as const, ...ownHeaders(exchange)];
  await sendToViewer(response, final, added, unread);
}

function addedByPolicy({ responseHeaders }: CompiledBehavior, { headers }: OriginResponse): HeaderList {
  const said = new Set(headers.map(([name]) => name.toLowerCase()));
  return responseHeaders
    .filter(({ name, override }) => override || !said.has(name))
    .map(({ name, value }) => [name, value] as const);
}

/** The error page that the template sets for this status, whichever origin it came from; the original error where there is none. */
async function withCustomError(edge: EdgeContext, exchange: Exchange, from: OriginResponse): Promise<OriginResponse> {
  const custom = edge.customErrorResponses?.find((each) => each.errorCode === from.statusCode);
  if (custom?.responsePagePath === undefined) return from;
  const behavior = edge.behaviorOf(custom.responsePagePath);
  const request = { method: 'GET', ip: exchange.viewer.ip, uri: custom.responsePagePath, querystring: '', headers: [] };
  const page = await requestOrigin(edge, callOf(edge, { ...exchange, behavior }, request));
  const unused = page.statusCode === 200 ? from : page;
  unused.body.destroy();
  return unused === page
    ? from
    : { ...page, statusCode: custom.responseCode ?? from.statusCode, statusMessage: undefined };
}

function ownHeaders({ requestId }: Exchange): HeaderList {
  return [
    ['via', VIA],
    ['x-amz-cf-id', requestId],
  ];
}
