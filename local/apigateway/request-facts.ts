import { randomBytes, randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

/** Connection ids, extended request ids and message ids have one look: 11 bytes, URL-safe base64, one `=`. */
export function newGatewayId(): string {
  return `${randomBytes(11).toString('base64url')}=`;
}

export function newRequestId(): string {
  return randomUUID();
}

export function newTraceId(now: number): string {
  return `Root=1-${Math.floor(now / 1000)
    .toString(16)
    .padStart(8, '0')}-${randomBytes(12).toString('hex')}`;
}

/** Common log format, as in `requestContext.requestTime`: 09/Apr/2015:12:34:56 +0000. */
export function requestTime(now: number): string {
  const [, day, month, year, time] = new Date(now).toUTCString().split(' ');
  return `${day}/${month}/${year}:${time} +0000`;
}

export function sourceIp(request: IncomingMessage): string {
  return request.socket.remoteAddress ?? '127.0.0.1';
}

/** Bytes of the request line and of all header values, which is what API Gateway's limit counts. */
export function requestLineAndHeaderBytes(request: IncomingMessage): number {
  const values = request.rawHeaders.filter((_, index) => index % 2 === 1);
  const requestLine = `${request.method} ${request.url} HTTP/${request.httpVersion}`;
  return values.reduce((sum, value) => sum + Buffer.byteLength(value, 'latin1'), Buffer.byteLength(requestLine));
}

/** About one hop, or about the framing of the body: API Gateway does not hand them to a function. */
const HOP_HEADERS = new Set([
  'connection',
  'content-length',
  'expect',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'x-forwarded-port',
  'x-forwarded-proto',
]);

export interface EventHeaders {
  readonly headers: Record<string, string>;
  readonly multiValueHeaders: Record<string, string[]>;
}

/** The headers as the event has them: names in the client's spelling, the last value in `headers`, and what the gateway adds. */
export function eventHeaders(request: IncomingMessage, now: number): EventHeaders {
  const byLowerName = new Map<string, { name: string; values: string[] }>();
  const add = (name: string, value: string) => {
    const entry = byLowerName.get(name.toLowerCase());
    if (entry === undefined) byLowerName.set(name.toLowerCase(), { name, values: [value] });
    else entry.values.push(value);
  };
  for (let index = 0; index + 1 < request.rawHeaders.length; index += 2) {
    const name = request.rawHeaders[index]!;
    if (!HOP_HEADERS.has(name.toLowerCase())) add(name, request.rawHeaders[index + 1]!);
  }
  const forwardedFor = [...(byLowerName.get('x-forwarded-for')?.values ?? []), sourceIp(request)].join(', ');
  byLowerName.set('x-forwarded-for', { name: 'X-Forwarded-For', values: [forwardedFor] });
  add('X-Forwarded-Port', String(request.socket.localPort));
  add('X-Forwarded-Proto', 'http');
  if (!byLowerName.has('x-amzn-trace-id')) add('X-Amzn-Trace-Id', newTraceId(now));

  const entries = [...byLowerName.values()];
  return {
    headers: Object.fromEntries(entries.map(({ name, values }) => [name, values.at(-1)!])),
    multiValueHeaders: Object.fromEntries(entries.map(({ name, values }) => [name, values])),
  };
}

export interface EventQuery {
  readonly queryStringParameters: Record<string, string> | null;
  readonly multiValueQueryStringParameters: Record<string, string[]> | null;
}

export function eventQuery(search: string): EventQuery {
  const parameters = new URLSearchParams(search);
  const names = [...new Set(parameters.keys())];
  if (names.length === 0) return { queryStringParameters: null, multiValueQueryStringParameters: null };
  return {
    queryStringParameters: Object.fromEntries(names.map((name) => [name, parameters.getAll(name).at(-1)!])),
    multiValueQueryStringParameters: Object.fromEntries(names.map((name) => [name, parameters.getAll(name)])),
  };
}
