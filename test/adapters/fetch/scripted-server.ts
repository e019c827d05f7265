import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import type { Clock } from '../../../app/ports.ts';
import { type ReadOptions, serve, type TestServer } from './web-server.ts';

/** A server that answers each request as the test has it, with contents that break off and their rests. */

export const CONTENT = Buffer.from('0123456789abcdefghij');
export const HALF = 10;

/** Pauses between tries are over at once, and noted; deadlines and patience never are. */
export function pausingClock() {
  const pauses: number[] = [];
  let now = Date.UTC(2025, 0, 1);
  const clock: Clock = {
    now: () => now,
    async sleep(ms, signal) {
      if (ms >= 30_000) return await new Promise((resolve) => signal?.addEventListener('abort', () => resolve()));
      pauses.push(ms);
      now += ms;
    },
  };
  // Exactly the average pause.
  return { clock, pauses, options: { clock, random: () => 0.5 } satisfies ReadOptions };
}

export type Answer = (response: ServerResponse, request: IncomingMessage) => void;

interface Scripted extends TestServer {
  readonly requests: IncomingHttpHeaders[];
}

/** Answers the first request with the first answer, and so on; the last one to all that come then. */
export async function script(...answers: readonly Answer[]): Promise<Scripted> {
  const requests: IncomingHttpHeaders[] = [];
  const server = await serve((request, response) => {
    const answer = answers[Math.min(requests.length, answers.length - 1)]!;
    requests.push(request.headers);
    answer(response, request);
  });
  return { ...server, requests };
}

export const ETAG = { etag: '"v1"' };

/** The first half, and then the end of the connection. */
export function breaksOff(headers: Record<string, string> = {}, content: Buffer = CONTENT): Answer {
  return (response) => {
    response.writeHead(200, { 'content-length': content.length, ...headers });
    response.write(content.subarray(0, HALF), () => response.socket!.end());
  };
}

/** Without a word on how much there is. */
export function breaksOffInChunks(response: ServerResponse): void {
  response.writeHead(200, ETAG);
  response.write(CONTENT.subarray(0, HALF), () => response.socket!.end());
}

export function whole(headers: Record<string, string> = {}, content = CONTENT): Answer {
  return (response) => response.writeHead(200, { 'content-length': content.length, ...headers }).end(content);
}

export function rest(headers: Record<string, string> = {}, from = HALF): Answer {
  const contentRange = `bytes ${from}-${CONTENT.length - 1}/${CONTENT.length}`;
  return (response) =>
    response.writeHead(206, { 'content-range': contentRange, ...headers }).end(CONTENT.subarray(from));
}

export const status =
  (code: number, headers: Record<string, string> = {}): Answer =>
  (response) =>
    response.writeHead(code, headers).end();

export const OLD = { date: 'Wed, 01 Jan 2025 00:01:00 GMT', 'last-modified': 'Wed, 01 Jan 2025 00:00:00 GMT' };
