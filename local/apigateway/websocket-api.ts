import { createServer, type IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import type { Clock } from '../clock.ts';
import { connectionsCall } from '../faults/http-calls.ts';
import { type HttpFaults, putFaultsBefore } from '../faults/http-faults.ts';
import { listenOnLoopback } from '../http/loopback.ts';
import type { LocalLog } from '../log.ts';
import { type Close, type Connections, createConnections } from './connections.ts';
import { createFrameLimit } from './frame-limit.ts';
import { isWebSocketHandshake, refuseUpgrade } from './handshake.ts';
import { type IntegrationOutcome, invokeIntegration, type LambdaInvoker } from './integration.ts';
import {
  REQUEST_HEAD_TIMEOUT_MS,
  REQUEST_TIMEOUT_MS,
  REST_REQUEST_LINE_AND_HEADER_BYTES,
  WEBSOCKET_CLOSE_TIMEOUT_MS,
  WEBSOCKET_FRAME_BYTES,
  WEBSOCKET_MESSAGE_BYTES,
  WEBSOCKET_URL_CHARACTERS,
} from './limits.ts';
import { type AuthorizeManagement, createManagementApi } from './management-api.ts';
import { newGatewayId, sourceIp } from './request-facts.ts';
import { createRouteSelector } from './route-selection.ts';
import { type ConnectionFacts, connectEvent, disconnectEvent, messageEvent } from './websocket-event.ts';

export interface WebSocketApiOptions {
  readonly apiId: string;
  readonly stage: string;
  readonly region: string;
  readonly accountId: string;
  /** 0 or none: any free port. */
  readonly port?: number;
  /** Function names by route key: `$connect`, `$disconnect`, `$default` and the API's own. */
  readonly routes: Readonly<Record<string, string>>;
  readonly routeSelectionExpression: string;
  readonly lambda: LambdaInvoker;
  readonly clock: Clock;
  readonly log: LocalLog;
  /** IAM's decision on a call of @connections; without it every call is allowed. */
  readonly authorizeManagement?: AuthorizeManagement;
  /** Before each call of @connections. */
  readonly faults?: HttpFaults;
}

export interface RunningWebSocketApi extends AsyncDisposable {
  /** Without the stage: `http://127.0.0.1:<port>`. Sockets open on `ws://…/<stage>`, @connections is below `/<stage>/`. */
  readonly url: string;
  /** Cuts every socket without a close frame, as the end of the gateway's host would. @returns how many. */
  dropSockets(options: { readonly disconnect: boolean }): number;
}

const SOURCE = 'websocket-api';

/**
 * API Gateway's WebSocket API with Lambda proxy integrations and no route responses.
 * Invocations of one connection run at the same time, as they do there: nothing keeps the order of two messages.
 * Dispose cuts the sockets off and invokes no `$disconnect`, which is best effort in any case.
 * @throws PortInUseError, UnsupportedMappingError
 */
export async function startWebSocketApi(options: WebSocketApiOptions): Promise<RunningWebSocketApi> {
  const stopping = new AbortController();
  const gateway = createGateway(options, stopping.signal);
  const manage = createManagementApi({
    api: options,
    connections: gateway.connections,
    authorize: options.authorizeManagement,
  });
  const server = createServer({
    maxHeaderSize: 4 * REST_REQUEST_LINE_AND_HEADER_BYTES,
    headersTimeout: REQUEST_HEAD_TIMEOUT_MS,
    requestTimeout: REQUEST_TIMEOUT_MS,
  });
  server.on('request', (request, response) => {
    manage(request, response).catch((error: unknown) => {
      options.log.error(SOURCE, `${request.method} ${request.url}: ${error}`);
      response.destroy();
    });
  });
  if (options.faults) putFaultsBefore(server, connectionsCall, options.faults);
  server.on('upgrade', (request, socket, head) => {
    // Without a listener a client that leaves while it is held would end this process.
    socket.on('error', () => socket.destroy());
    gateway.upgrade(request, socket, head).catch((error: unknown) => {
      options.log.error(SOURCE, `upgrade of ${request.url}: ${error}`);
      socket.destroy();
    });
  });
  const listening = await listenOnLoopback(server, options.port ?? 0);
  return {
    url: `http://127.0.0.1:${listening.port}`,
    dropSockets: ({ disconnect }) => gateway.connections.drop(disconnect),
    async [Symbol.asyncDispose]() {
      stopping.abort();
      gateway.connections[Symbol.dispose]();
      await listening[Symbol.asyncDispose]();
    },
  };
}

interface Gateway {
  readonly connections: Connections;
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void>;
}

function createGateway(options: WebSocketApiOptions, stopped: AbortSignal): Gateway {
  const { clock, routes } = options;
  const selectRoute = createRouteSelector(options.routeSelectionExpression, Object.keys(routes));
  const invoke = (functionName: string, event: unknown) =>
    invokeIntegration({ ...options, source: SOURCE, functionName, event, stopped });

  const disconnect = (facts: ConnectionFacts, close: Close) => {
    const functionName = routes.$disconnect;
    if (functionName === undefined) return;
    void invoke(functionName, disconnectEvent(options, facts, close, clock.now()));
  };
  const connections = createConnections(clock, disconnect);

  const receive = async (facts: ConnectionFacts, message: string) => {
    connections.touch(facts.connectionId);
    const routeKey = selectRoute(message);
    const event = messageEvent(options, facts, routeKey ?? '$default', message, clock.now());
    const outcome = routeKey === undefined ? undefined : await invoke(routes[routeKey]!, event);
    if (outcome?.kind === 'response') return;
    const text = errorMessage(outcome?.kind, facts.connectionId, event.requestContext.requestId);
    connections.post(facts.connectionId, Buffer.from(text));
  };

  const protocols = new WeakMap<IncomingMessage, string>();
  const serverOptions = {
    noServer: true,
    maxPayload: WEBSOCKET_MESSAGE_BYTES,
    perMessageDeflate: false,
    closeTimeout: WEBSOCKET_CLOSE_TIMEOUT_MS,
    handleProtocols: (_offered: Set<string>, request: IncomingMessage) => protocols.get(request) ?? false,
  };
  const sockets = new WebSocketServer(serverOptions);

  const open = (facts: ConnectionFacts, request: IncomingMessage, socket: Duplex, head: Buffer): boolean => {
    let opened = false;
    sockets.handleUpgrade(request, socket, head, (webSocket) => {
      opened = true;
      connections.open(facts, webSocket);
      listen(connections, facts, { webSocket, socket }, receive);
    });
    return opened;
  };

  return {
    connections,
    async upgrade(request, socket, head) {
      const refusal = refusalOf(request, options.stage);
      if (refusal !== undefined) return refuseUpgrade(socket, refusal, `{"message":"${REFUSALS[refusal]}"}`);
      const facts = connectionFacts(request, clock.now());
      if (routes.$connect !== undefined) {
        const event = connectEvent(options, facts, request, facts.connectedAt);
        const outcome = await invoke(routes.$connect, event);
        const accepted = outcome.kind === 'response' && outcome.response.statusCode < 300;
        if (!accepted) return refuseConnect(socket, outcome, facts.connectionId, event.requestContext.requestId);
        const protocol = headerOf(outcome.response.headers, 'sec-websocket-protocol');
        if (protocol !== undefined) protocols.set(request, protocol);
      }
      // The client may have left while it was held, or `ws` finds fault with the handshake. `$connect` has run for it, so
      // that `$disconnect` has to follow.
      if (!stopped.aborted && !open(facts, request, socket, head)) disconnect(facts, { code: 1006, reason: '' });
    },
  };
}

const REFUSALS = { 400: 'Bad Request', 403: 'Forbidden', 414: 'URI Too Long' } as const;

function refusalOf(request: IncomingMessage, stage: string): keyof typeof REFUSALS | undefined {
  if (request.url!.length > WEBSOCKET_URL_CHARACTERS) return 414;
  if (request.url!.split('?')[0] !== `/${stage}`) return 403;
  return isWebSocketHandshake(request) ? undefined : 400;
}

function connectionFacts(request: IncomingMessage, connectedAt: number): ConnectionFacts {
  const userAgent = request.headers['user-agent'];
  return { connectionId: newGatewayId(), connectedAt, sourceIp: sourceIp(request), userAgent };
}

/** The function's own status refuses the handshake with that status; a function that failed is 502, one that is too late 504. */
function refuseConnect(socket: Duplex, outcome: IntegrationOutcome, connectionId: string, requestId: string): void {
  if (outcome.kind === 'response') refuseUpgrade(socket, outcome.response.statusCode);
  else {
    const statusCode = outcome.kind === 'timeout' ? 504 : 502;
    refuseUpgrade(socket, statusCode, errorMessage(outcome.kind, connectionId, requestId));
  }
}

/** Spaced as API Gateway spaces it. */
function errorMessage(kind: IntegrationOutcome['kind'] | undefined, connectionId: string, requestId: string): string {
  const message =
    kind === undefined ? 'Forbidden' : kind === 'timeout' ? 'Endpoint request timed out' : 'Internal server error';
  return `{"message": "${message}", "connectionId":"${connectionId}", "requestId":"${requestId}"}`;
}

function headerOf(headers: ReadonlyMap<string, readonly string[]>, lowerName: string): string | undefined {
  return [...headers].find(([name]) => name.toLowerCase() === lowerName)?.[1][0];
}

/** MUST be called in the turn of the upgrade: `ws` starts to read in the next one. */
function listen(
  connections: Connections,
  facts: ConnectionFacts,
  { webSocket, socket }: { readonly webSocket: WebSocket; readonly socket: Duplex },
  receive: (facts: ConnectionFacts, message: string) => Promise<void>,
): void {
  const { connectionId } = facts;
  const limit = createFrameLimit(WEBSOCKET_FRAME_BYTES);
  let messages = 0;
  webSocket.on('message', (data, isBinary) => {
    messages += 1;
    // What arrives after the close has begun, or from the frame that begins it on, is not a message any more.
    if (connections.find(connectionId) === undefined || messages > (limit.messagesBeforeExcess() ?? messages)) return;
    if (isBinary) connections.close(connectionId, { code: 1003, reason: 'Binary frames are not supported' });
    else void receive(facts, data.toString());
  });
  // Before and after the listener of `ws`: the messages that came ahead of the excess are delivered first.
  socket.prependListener('data', limit.read);
  socket.on('data', () => {
    if (limit.messagesBeforeExcess() !== undefined)
      connections.close(connectionId, { code: 1009, reason: 'Frame too large' });
  });
}
