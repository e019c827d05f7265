import { Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { Bundles } from './bundle.ts';
import { Functions } from './constructs/functions.ts';
import { GatewayLogs } from './constructs/gateway-logs.ts';
import { KeepActive } from './constructs/keep-active.ts';
import { PublicApi } from './constructs/public-api.ts';
import { SocketTokens } from './constructs/socket-tokens.ts';
import { WebSocketEndpoint } from './constructs/web-socket-endpoint.ts';
import type { NetworkStack } from './network-stack.ts';
import type { Settings } from './settings.ts';
import type { StateStack } from './state-stack.ts';

export interface ApiStackProps extends StackProps {
  readonly settings: Settings;
  readonly bundles: Bundles;
  readonly state: StateStack;
  readonly network: NetworkStack;
}

/** The functions, what calls them, and what each of them may do. */
export class ApiStack extends Stack {
  readonly publicApi: PublicApi;
  readonly webSocket: WebSocketEndpoint;
  readonly #functions: Functions;

  constructor(scope: Construct, id: string, { settings, bundles, state, network, ...props }: ApiStackProps) {
    super(scope, id, props);
    this.#functions = new Functions(this, 'Functions', {
      bundles,
      network: network.network.functions,
      settings,
    });
    this.publicApi = new PublicApi(this, 'PublicApi', {
      ...this.#functions,
      allowOrigins: settings.allowOrigins,
    });
    this.webSocket = new WebSocketEndpoint(this, 'WebSocket');
    this.webSocket.route(this.#functions);
    new GatewayLogs(this, 'GatewayLogs', { rest: this.publicApi.stage, sockets: this.webSocket.stage });
    this.#grantPublicCalls(state, settings.shards);
    this.#grantCancelling(state, network);
    this.#grantSocketCalls(state, network);
    this.#grantSocketTokens(settings);
    this.#limitUsers(state, settings.limits);
    this.#grantProcessing(state, network);
    this.#grantProcessor(state, settings.upstream);
    this.#grantDelivery(state, network);
    this.#grantLookingAfter(state, network, settings.shards);
    new KeepActive(this, 'KeepActive', this.#functions);
  }

  #grantPublicCalls(state: StateStack, shards: number): void {
    const { wsAddress, uploadSource, sourceStatus, cancelSource } = this.#functions;
    for (const fn of [wsAddress, uploadSource, sourceStatus, cancelSource]) state.apiKeys.grantRead(fn);
    for (const fn of [wsAddress, uploadSource]) {
      state.channels.grantReadWrite(fn);
      fn.environment('SHARDS', String(shards));
    }
    this.webSocket.giveAddress(wsAddress);
    state.sources.grantReadWrite(uploadSource);
    state.sourceFiles.grantPutOriginal(uploadSource);
    state.processQueue.grantSend(uploadSource);
    state.sources.grantRead(sourceStatus);
  }

  #grantCancelling(state: StateStack, { redis }: NetworkStack): void {
    const { cancelSource, subscriber } = this.#functions;
    state.sources.grantReadWrite(cancelSource);
    state.sourceFiles.grantRemove(cancelSource);
    redis.grantUse(cancelSource, ['publish']);
    subscriber.grantStart(cancelSource);
  }

  #grantSocketCalls(state: StateStack, { redis }: NetworkStack): void {
    const { connect, disconnect, message, subscriber } = this.#functions;
    state.channels.grantRead(connect);
    state.connections.grantAdd(connect);
    state.connections.grantFind(disconnect);
    state.connections.grantRemove(disconnect);
    state.connections.grantFind(message);
    this.webSocket.grantManageConnections(message, ['POST']);
    redis.grantUse(connect, ['open']);
    redis.grantUse(message, ['open', 'acknowledge']);
    for (const fn of [connect, message]) subscriber.grantStart(fn);
  }

  #grantSocketTokens({ socketAuth, allowOrigins }: Settings): void {
    const { wsAddress, uploadSource, sourceStatus, cancelSource, connect, rotateSocketKey } = this.#functions;
    if (allowOrigins.length > 0) {
      const called = [wsAddress, uploadSource, sourceStatus, cancelSource, connect];
      for (const fn of called) fn.environment('ALLOW_ORIGINS', allowOrigins.join(','));
    }
    for (const fn of [wsAddress, connect]) fn.environment('SOCKET_AUTH', socketAuth);
    if (!rotateSocketKey) return;
    const tokens = new SocketTokens(this, 'SocketTokens');
    for (const fn of [wsAddress, connect]) tokens.grantRead(fn);
    tokens.grantRotate(rotateSocketKey);
  }

  /** Whoever makes more of something counts first how much of it its user has. */
  #limitUsers(state: StateStack, limits: Settings['limits']): void {
    const { wsAddress, uploadSource, connect } = this.#functions;
    for (const fn of [wsAddress, uploadSource, connect]) {
      fn.environment('MAX_CHANNELS', String(limits.channels));
      fn.environment('MAX_SOCKETS', String(limits.sockets));
      fn.environment('MAX_UPLOADS', String(limits.uploads));
    }
    for (const fn of [wsAddress, uploadSource]) state.channels.grantCount(fn);
    state.sources.grantCount(uploadSource);
    state.connections.grantCount(connect);
  }

  #grantProcessing(state: StateStack, { redis }: NetworkStack): void {
    const { process, fetcher, subscriber } = this.#functions;
    state.processQueue.consumedBy(process);
    state.sources.grantReadWrite(process);
    state.sourceFiles.grantRemove(process);
    redis.grantUse(process, ['publish']);
    subscriber.grantStart(process);
    fetcher.grantInvoke(process);
    state.sourceFiles.grantStreamOriginal(fetcher);
    state.sourceFiles.grantRemoveOriginal(fetcher);
    // It sees by itself that its source was cancelled. One record, whose id it was given: it can list none.
    state.sources.grantRead(fetcher);
  }

  /** What a source is made into: its text, or the answer of an upstream. */
  #grantProcessor(state: StateStack, upstream: URL | undefined): void {
    const { process } = this.#functions;
    state.sourceFiles.grantReadOriginal(process);
    state.sourceFiles.grantWriteResult(process);
    if (upstream) {
      process.environment('UPSTREAM_URL', upstream.href);
      return;
    }
    state.sourceFiles.grantWriteText(process);
    state.sourceFiles.grantReadText(process);
  }

  #grantDelivery(state: StateStack, { redis }: NetworkStack): void {
    const { subscriber } = this.#functions;
    state.connections.grantList(subscriber);
    state.connections.grantRemove(subscriber);
    redis.grantUse(subscriber, ['deliver', 'publish']);
    subscriber.grantStart(subscriber);
    this.webSocket.grantManageConnections(subscriber, ['POST', 'DELETE']);
    // A channel that Redis lost is restored by whoever delivers it.
    state.channels.grantRead(subscriber);
    state.channels.grantCloseRound(subscriber);
    state.sources.grantReadWrite(subscriber);
    state.sources.grantOfChannel(subscriber);
  }

  /** Whatever a crash or an outage has left is brought to its end. */
  #grantLookingAfter(state: StateStack, { redis }: NetworkStack, shards: number): void {
    const { deadLetter, sweeper, subscriber } = this.#functions;
    for (const fn of [deadLetter, sweeper]) {
      state.sources.grantReadWrite(fn);
      subscriber.grantStart(fn);
    }
    redis.grantUse(deadLetter, ['publish']);
    redis.grantUse(sweeper, ['publish', 'ring', 'watch']);
    state.processQueue.deadLettersConsumedBy(deadLetter);
    state.sources.grantOverdue(sweeper);
    state.channels.grantRead(sweeper);
    state.connections.grantAll(sweeper);
    state.connections.grantAnnounce(sweeper);
    state.processQueue.grantSend(sweeper);
    state.processQueue.grantBacklog(sweeper);
    sweeper.environment('SHARDS', String(shards));
  }
}
