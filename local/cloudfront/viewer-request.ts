import type { IncomingMessage } from 'node:http';

/** Header names are in lower case; a name may come several times. */
export type HeaderList = readonly (readonly [name: string, value: string])[];

/** A viewer's request as it goes on to the origin: without what is about the one connection. */
export interface ViewerRequest {
  readonly method: string;
  readonly ip: string;
  readonly uri: string;
  /** Without the question mark, as it was sent. */
  readonly querystring: string;
  readonly headers: HeaderList;
}

/** Hop-by-hop (RFC 9110, section 7.6.1), and Expect, which is answered here. */
const HOP_HEADERS = new Set([
  'connection',
  'expect',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'upgrade',
]);

export function readViewerRequest(request: IncomingMessage): ViewerRequest {
  const url = request.url!;
  const queryStart = url.indexOf('?');
  return {
    method: request.method!,
    ip: request.socket.remoteAddress ?? '127.0.0.1',
    uri: queryStart === -1 ? url : url.slice(0, queryStart),
    querystring: queryStart === -1 ? '' : url.slice(queryStart + 1),
    headers: withoutHopHeaders(request.rawHeaders),
  };
}

/** Reads node's flat list of names and values. */
export function withoutHopHeaders(rawHeaders: readonly string[]): HeaderList {
  const headers: [string, string][] = [];
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const name = rawHeaders[index]!.toLowerCase();
    if (!HOP_HEADERS.has(name)) headers.push([name, rawHeaders[index + 1]!]);
  }
  return headers;
}
