import { createServer } from 'node:http';
import type { Socket } from 'node:net';
import { listenOnLocalhost } from '../http/loopback.ts';
import type { LocalLog } from '../log.ts';
import type { CacheBehavior, PathBehavior } from './behaviors.ts';
import { type CustomErrorResponse, createEdge } from './edge.ts';
import { REQUEST_HEAD_BYTES, VIEWER_HEAD_TIMEOUT_MS } from './limits.ts';
import type { FetchObject, Origin } from './origins.ts';

export interface DistributionOptions {
  /** 0: any free port. */
  readonly port: number;
  /** In the order of the template: the first pattern that matches wins. */
  readonly behaviors: readonly PathBehavior[];
  readonly defaultBehavior: CacheBehavior;
  /** By the ids that the behaviours name. */
  readonly origins: Readonly<Record<string, Origin>>;
  /** Needed where an origin is a bucket. */
  readonly fetchObject?: FetchObject;
  readonly defaultRootObject?: string;
  readonly customErrorResponses?: readonly CustomErrorResponse[];
  /** For the first byte of an origin and between two packets; CloudFront's 30 s by default. */
  readonly originReadTimeoutMs?: number;
  readonly log: LocalLog;
}

export interface RunningDistribution extends AsyncDisposable {
  readonly port: number;
  /** `http://localhost:<port>` */
  readonly url: string;
}

/**
 * CloudFront in front of the local origins, on 127.0.0.1 and ::1 and nowhere else. Nothing is cached.
 * @throws PortInUseError, FunctionCodeError, UnknownPolicyError, UnknownOriginError
 */
export async function startDistribution(options: DistributionOptions): Promise<RunningDistribution> {
  const edge = createEdge(options);
  const newServer = () => {
    const server = createServer({
      maxHeaderSize: REQUEST_HEAD_BYTES,
      headersTimeout: VIEWER_HEAD_TIMEOUT_MS,
      // A large upload over a slow line is no attack; the origin has its own limit.
      requestTimeout: 0,
      // Anything else that a client would like to upgrade to is served as the plain request that it is.
      shouldUpgradeCallback: (request) => request.headers.upgrade?.toLowerCase() === 'websocket',
    });
    server.on('request', edge.request);
    server.on('upgrade', (request, socket, head) => edge.upgrade(request, socket as Socket, head));
    return server;
  };
  const listening = await listenOnLocalhost(newServer, options.port);
  return {
    port: listening.port,
    url: `http://localhost:${listening.port}`,
    [Symbol.asyncDispose]: () => listening[Symbol.asyncDispose](),
  };
}
