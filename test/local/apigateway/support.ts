import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { connect, type Socket } from 'node:net';
import type { LambdaInvoker } from '../../../local/apigateway/integration.ts';
import type { Clock } from '../../../local/clock.ts';
import type { LocalLog } from '../../../local/log.ts';

/** Time stands still until it is advanced; whoever sleeps wakes in the order of time. */
export class FakeClock implements Clock {
  #now: number;
  #sleepers: { at: number; wake: () => void }[] = [];

  constructor(now = Date.UTC(2026, 0, 2, 3, 4, 5)) {
    this.#now = now;
  }

  get sleeping(): number {
    return this.#sleepers.length;
  }

  now(): number {
    return this.#now;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const sleeper = { at: this.#now + ms, wake: resolve };
    this.#sleepers.push(sleeper);
    const drop = () => {
      this.#sleepers = this.#sleepers.filter((each) => each !== sleeper);
      resolve();
    };
    if (signal?.aborted) drop();
    else signal?.addEventListener('abort', drop);
    return promise;
  }

  async advance(ms: number): Promise<void> {
    const end = this.#now + ms;
    for (;;) {
      const next = this.#sleepers.filter((each) => each.at <= end).sort((a, b) => a.at - b.at)[0];
      if (!next) break;
      this.#now = next.at;
      this.#sleepers = this.#sleepers.filter((each) => each !== next);
      next.wake();
      await new Promise((resolve) => setImmediate(resolve));
    }
    this.#now = end;
  }
}

// biome-ignore lint/suspicious/noExplicitAny: a test reads whatever event it was sent.
export type AnyEvent = any;
export type FakeFunction = (event: AnyEvent) => unknown;

/** Functions in this process, by name. What one returns is its payload; what one throws is a function error. */
export class FakeLambda implements LambdaInvoker {
  readonly events: { readonly functionName: string; readonly event: AnyEvent }[] = [];
  readonly functions: Record<string, FakeFunction>;

  constructor(functions: Record<string, FakeFunction>) {
    this.functions = functions;
  }

  async invoke(functionName: string, event: unknown) {
    // A copy by way of JSON, as between two processes.
    const received = JSON.parse(JSON.stringify(event));
    this.events.push({ functionName, event: received });
    const run = this.functions[functionName];
    if (!run) throw new Error(`no function ${functionName}`);
    try {
      return { payload: JSON.stringify((await run(received)) ?? null) };
    } catch (error) {
      return { functionError: 'Unhandled', payload: JSON.stringify({ errorMessage: String(error) }) };
    }
  }

  eventsOf(functionName: string): AnyEvent[] {
    return this.events.filter((each) => each.functionName === functionName).map((each) => each.event);
  }
}

export class CollectedLog implements LocalLog {
  readonly lines: string[] = [];

  line(source: string, text: string): void {
    this.lines.push(`${source}: ${text}`);
  }
  warn(source: string, text: string): void {
    this.lines.push(`${source}: ${text}`);
  }
  error(source: string, text: string): void {
    this.lines.push(`${source}: ${text}`);
  }
}

/** Waits for a condition, for 30 s at the most: a bound for a failure, not a time that passes. */
export async function until<T>(condition: () => T | undefined | false | null): Promise<T> {
  for (const end = Date.now() + 30_000; ; ) {
    const value = condition();
    if (value) return value;
    if (Date.now() > end) throw new Error(`still waiting for ${condition}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  readonly text: string;
}

export interface Call {
  readonly method?: string;
  readonly headers?: Record<string, string | string[]> | string[];
  readonly body?: string | Buffer;
}

/** Plain node:http, so that every header goes out as it is given. */
export function call(url: string, { method = 'GET', headers = {}, body }: Call = {}): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const request = httpRequest(url, { method, headers, agent: false }, (response) => {
    const chunks: Buffer[] = [];
    response.on('data', (chunk: Buffer) => chunks.push(chunk));
    response.on('error', reject);
    response.on('end', () => {
      const whole = Buffer.concat(chunks);
      resolve({ status: response.statusCode!, headers: response.headers, body: whole, text: whole.toString() });
    });
  });
  request.on('error', reject);
  request.end(body);
  return promise;
}

export interface RawSocket {
  readonly socket: Socket;
  received(): string;
  /** Resolves with how it failed, or with undefined. */
  readonly closed: Promise<Error | undefined>;
}

/** A bare socket, for requests that no client library would send. */
export async function rawSocket(url: string): Promise<RawSocket> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  let text = '';
  let failure: Error | undefined;
  socket.on('data', (chunk) => {
    text += chunk.toString('latin1');
  });
  socket.on('error', (error) => {
    failure = error;
  });
  const closed = new Promise<Error | undefined>((resolve) => socket.once('close', () => resolve(failure)));
  await new Promise((resolve) => socket.once('connect', resolve));
  return { socket, received: () => text, closed };
}

/**
 * Sends a body of `bytes`, and most of it only after the answer has begun, on a connection that closes with the answer.
 * @returns the answer and how the connection ended.
 */
export async function answerBeforeBody(
  url: string,
  path: string,
  bytes: number,
): Promise<{ text: string; failure: Error | undefined }> {
  const raw = await rawSocket(url);
  raw.socket.write(`POST ${path} HTTP/1.1\r\nHost: h\r\nContent-Length: ${bytes}\r\nConnection: close\r\n\r\n`);
  await until(() => raw.received() !== '');
  const part = Buffer.alloc(1_000_000);
  for (let sent = 0; sent < bytes; sent += part.length) {
    raw.socket.write(part.subarray(0, bytes - sent));
    await new Promise((resolve) => setImmediate(resolve));
  }
  return { failure: await raw.closed, text: raw.received() };
}
