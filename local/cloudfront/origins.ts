import { Agent, type ClientRequest, request as httpRequest, type IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { Readable } from 'node:stream';
import { errorPage, type OriginResponse } from './origin-response.ts';
import type { Forwarding } from './policies.ts';
import { type HeaderList, type ViewerRequest, withoutHopHeaders } from './viewer-request.ts';

export type Origin =
  | { readonly kind: 'http' /** `http://127.0.0.1:<port>` */; readonly url: string; readonly originPath?: string }
  | { readonly kind: 's3'; readonly bucket: string; readonly originPath?: string };

export interface FetchedObject {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array | AsyncIterable<Uint8Array>;
}

/** Reads an object as the distribution's own principal may. Rejects only when S3 does not answer. */
export type FetchObject = (bucket: string, key: string) => Promise<FetchedObject>;

export interface OriginCall {
  readonly request: ViewerRequest;
  readonly forwarding: Forwarding;
  readonly requestId: string;
  readonly readTimeoutMs: number;
  /** Aborts when the viewer has left. */
  readonly signal: AbortSignal;
  /** Why the viewer gets an error page of CloudFront's own. */
  readonly onFailure: (text: string) => void;
}

/** Forwarded whatever the policies say: without them the origin could not read the body or answer a part of it. */
const ALWAYS_FORWARDED = /^(content-(length|type|encoding)|transfer-encoding|range|if-.*)$/;

// A connection of its own for each request: one that the origin is just closing would be a 502 that is nobody's fault.
// Kept alive all the same until the request is through: told to close, an origin that answers early would reset the
// connection under the rest of the body, and its answer would be lost with it.
// `maxFreeSockets: 0` would not do: node takes it for its default.
const agent = new Agent({ keepAlive: true }).on('free', (socket: Socket) => socket.destroy());

function openRequest(origin: Extract<Origin, { kind: 'http' }>, call: OriginCall, extra: HeaderList): ClientRequest {
  const { request, forwarding } = call;
  const url = new URL(origin.url);
  const query = forwarding.queryStrings && request.querystring !== '' ? `?${request.querystring}` : '';
  return httpRequest({
    agent,
    host: url.hostname,
    port: url.port,
    method: request.method,
    path: `${origin.originPath ?? ''}${request.uri}${query}`,
    headers: [...originHeaders(call, url.host), ...extra].flat(),
    timeout: call.readTimeoutMs,
    signal: call.signal,
  });
}

function originHeaders({ request, forwarding, requestId }: OriginCall, originHost: string): HeaderList {
  const all = forwarding.headers !== 'default';
  const forwarded = request.headers.filter(([name]) => {
    if (name === 'host') return forwarding.headers === 'all';
    if (name === 'cookie') return forwarding.cookies;
    if (name === 'x-forwarded-for' || name === 'via') return false;
    return all || ALWAYS_FORWARDED.test(name);
  });
  const before = (name: string) => request.headers.filter(([each]) => each === name).map(([, value]) => value);
  return [
    ...(forwarding.headers === 'all' ? [] : ([['host', originHost]] as const)),
    ...forwarded,
    ...(all ? [] : ([['user-agent', 'Amazon CloudFront']] as const)),
    ['x-forwarded-for', [...before('x-forwarded-for'), request.ip].join(', ')],
    ['via', [...before('via'), VIA].join(', ')],
    ['x-amz-cf-id', requestId],
  ];
}

export const VIA = '1.1 local.cloudfront.net (CloudFront)';

/** Sends the request on, body and all; what the origin cannot answer becomes CloudFront's own 502 or 504. */
export function requestHttpOrigin(
  origin: Extract<Origin, { kind: 'http' }>,
  call: OriginCall,
  body: Readable | undefined,
): Promise<OriginResponse> {
  const { promise, resolve } = Promise.withResolvers<OriginResponse>();
  const toOrigin = openRequest(origin, call, []);
  toOrigin.once('response', (fromOrigin) => resolve(responseOf(fromOrigin)));
  onFailure(toOrigin, call, resolve);
  if (body === undefined) toOrigin.end();
  else {
    // The origin may have its answer from the headers alone.
    toOrigin.flushHeaders();
    body.pipe(toOrigin);
    // The viewer goes on to send whatever the origin does: what nobody takes is read and dropped.
    toOrigin.once('error', () => body.unpipe(toOrigin).resume());
  }
  return promise;
}

export type UpgradeResult =
  | { readonly kind: 'upgraded'; readonly head: IncomingMessage; readonly socket: Duplex; readonly first: Buffer }
  | { readonly kind: 'refused'; readonly response: OriginResponse };

export function upgradeHttpOrigin(
  origin: Extract<Origin, { kind: 'http' }>,
  call: OriginCall,
  protocol: string,
): Promise<UpgradeResult> {
  const { promise, resolve } = Promise.withResolvers<UpgradeResult>();
  const toOrigin = openRequest(origin, call, [
    ['connection', 'Upgrade'],
    ['upgrade', protocol],
  ]);
  const refuse = (response: OriginResponse) => resolve({ kind: 'refused', response });
  toOrigin.once('upgrade', (head, socket, first) => {
    toOrigin.setTimeout(0);
    resolve({ kind: 'upgraded', head, socket, first });
  });
  toOrigin.once('response', (fromOrigin) => refuse(responseOf(fromOrigin)));
  onFailure(toOrigin, call, refuse);
  toOrigin.end();
  return promise;
}

function responseOf(fromOrigin: IncomingMessage): OriginResponse {
  return {
    statusCode: fromOrigin.statusCode!,
    statusMessage: fromOrigin.statusMessage,
    headers: withoutHopHeaders(fromOrigin.rawHeaders).filter(([name]) => name !== 'transfer-encoding'),
    body: fromOrigin,
    generated: false,
  };
}

function onFailure(toOrigin: ClientRequest, call: OriginCall, answer: (response: OriginResponse) => void): void {
  let timedOut = false;
  toOrigin.once('timeout', () => {
    timedOut = true;
    toOrigin.destroy(new Error('the origin did not answer in time'));
  });
  toOrigin.on('error', (error) => {
    if (!call.signal.aborted) call.onFailure(`${call.request.method} ${call.request.uri}: the origin: ${error}`);
    answer(
      timedOut
        ? errorPage(504, "CloudFront wasn't able to get an answer from the origin in time.")
        : errorPage(502, "CloudFront wasn't able to connect to the origin."),
    );
  });
}

export async function requestS3Origin(
  origin: Extract<Origin, { kind: 's3' }>,
  { request }: OriginCall,
  fetchObject: FetchObject,
): Promise<OriginResponse> {
  if (request.method !== 'GET' && request.method !== 'HEAD')
    return errorPage(403, 'The bucket is only read from here.');
  const key = objectKey(`${origin.originPath ?? ''}${request.uri}`);
  if (key === undefined) return errorPage(400, 'The path cannot be decoded.');
  try {
    const { status, headers, body } = await fetchObject(origin.bucket, key);
    return {
      statusCode: status,
      headers: withoutHopHeaders(Object.entries(headers).flat()).filter(([name]) => name !== 'transfer-encoding'),
      body: Readable.from(body instanceof Uint8Array ? [body] : body),
      generated: false,
    };
  } catch {
    return errorPage(502, "CloudFront wasn't able to read from the bucket.");
  }
}

function objectKey(path: string): string | undefined {
  try {
    return decodeURIComponent(path.slice(1));
  } catch {
    return undefined;
  }
}
