import { Agent, type Dispatcher, request } from 'undici';
import type { Clock } from '../../app/ports.ts';
import { checkedUrl, type Reach } from './address-guard.ts';
import { watchConnection } from './connection-watch.ts';
import { inUtf8 } from './display-name.ts';
import {
  failedFetch,
  incomplete,
  lengthMismatch,
  type Phase,
  redirectLoop,
  stalled,
  statusFailure,
  tooManyRedirects,
} from './fetch-failures.ts';
import { createGuardedConnector, type GuardOptions } from './guarded-connector.ts';
import { retryAfterMs } from './retries.ts';
import { startWatchdog, type Watchdog } from './watchdog.ts';

/** One answer that was found at the end of the redirects. It is let go of by the next request, and with the client. */
export interface Exchange {
  readonly statusCode: number;
  readonly headers: Dispatcher.ResponseData['headers'];
  readonly url: URL;
  /** As sent. Throws SourceFailure where it breaks off or falls silent, and the signal's reason when that aborts. */
  readonly body: AsyncIterable<Uint8Array>;
}

export interface HttpClient extends AsyncDisposable {
  /** Throws SourceFailure, and the signal's reason when that aborts. Answers with 2xx only, and 416 to a request for a range. */
  get(url: string, headers?: Readonly<Record<string, string>>): Promise<Exchange>;
}

export interface HttpClientOptions extends GuardOptions, Reach {
  readonly clock: Clock;
  readonly maxRedirects: number;
  readonly userAgent: string;
  /** The longest silence. */
  readonly idleMs: number;
}

/** A name, a length, a type: real answers have some hundred bytes of headers, and few have more than 8 kB. */
const MAX_HEADER_BYTES = 16 * 1024;

export function createHttpClient(options: HttpClientOptions): HttpClient {
  let latest: Answer | undefined;
  const connection: Connection = {
    ...options,
    async ask(url, headers) {
      await latest?.letGo();
      latest = await ask(url, headers, options);
      return latest;
    },
  };
  return {
    get: (url, headers = {}) => follow(url, headers, connection),
    async [Symbol.asyncDispose]() {
      await latest?.letGo();
    },
  };
}

interface Connection extends HttpClientOptions {
  /** One at a time. */
  ask(url: URL, headers: Readonly<Record<string, string>>): Promise<Answer>;
}

interface Answer {
  readonly response: Dispatcher.ResponseData;
  readonly body: AsyncIterable<Uint8Array>;
  /** Safe to call at any time, more than once. */
  letGo(): Promise<void>;
}

const REDIRECTS = [301, 302, 303, 307, 308];

async function follow(
  start: string,
  headers: Readonly<Record<string, string>>,
  options: Connection,
): Promise<Exchange> {
  const { clock, maxRedirects } = options;
  const seen = new Set<string>();
  let url = checkedUrl(start, undefined, options);
  for (let hop = 0; ; hop += 1) {
    seen.add(withoutFragment(url));
    const answer = await options.ask(url, headers);
    const { statusCode } = answer.response;
    if ((statusCode >= 200 && statusCode < 300) || (statusCode === 416 && headers.range !== undefined)) {
      return { statusCode, url, headers: answer.response.headers, body: answer.body };
    }
    const { location, 'retry-after': retryAfter } = answer.response.headers;
    if (!REDIRECTS.includes(statusCode) || typeof location !== 'string') {
      throw statusFailure(statusCode, retryAfterMs(retryAfter, clock.now()));
    }
    if (hop === maxRedirects) throw tooManyRedirects(maxRedirects);
    url = checkedUrl(inUtf8(location), url.href, options);
    if (seen.has(withoutFragment(url))) throw redirectLoop();
  }
}

function withoutFragment({ href }: URL): string {
  return href.split('#', 1)[0]!;
}

/** One request, on a connection that is looked up and checked anew. Without a look at what the answer says. */
async function ask(url: URL, headers: Readonly<Record<string, string>>, options: HttpClientOptions): Promise<Answer> {
  options.signal.throwIfAborted();
  const life = startLife(options, url.hostname);
  const watch = watchConnection(createGuardedConnector({ ...options, signal: life.signal }));
  const agent = new Agent({ ...AGENT_OPTIONS, connect: watch.dial });
  life.watchdog.wait();
  const response = await request(url, {
    dispatcher: agent,
    signal: life.signal,
    headers: { 'user-agent': options.userAgent, accept: '*/*', 'accept-encoding': 'identity', ...headers },
  }).catch(async (cause: unknown) => {
    const failure = life.failure(cause);
    await agent.destroy();
    throw failure;
  });
  life.watchdog.rest();
  life.answered();

  async function* body(): AsyncGenerator<Uint8Array> {
    try {
      yield* chunksOf(response.body, life);
      if (watch.excess()) throw lengthMismatch(url.hostname);
      if (watch.reset()) throw incomplete(url.hostname);
    } catch (cause) {
      throw life.failure(cause);
    } finally {
      await letGo();
    }
  }

  async function letGo(): Promise<void> {
    life.end();
    // Destroying a body that was not read is an error event to undici.
    response.body.on('error', () => {}).destroy();
    await agent.destroy();
  }

  return { response, body: body(), letGo };
}

const AGENT_OPTIONS: Agent.Options = {
  // One request to a connection: what follows an answer belongs to it.
  pipelining: 0,
  maxHeaderSize: MAX_HEADER_BYTES,
  // The clock of this service watches over both.
  headersTimeout: 0,
  bodyTimeout: 0,
};

async function* chunksOf(body: AsyncIterable<Uint8Array>, { signal, watchdog }: Life): AsyncGenerator<Uint8Array> {
  const chunks = body[Symbol.asyncIterator]();
  for (;;) {
    watchdog.wait();
    const { done, value } = await chunks.next();
    // Who takes its time to use the chunk does not keep the server silent.
    watchdog.rest();
    signal.throwIfAborted();
    if (done) return;
    yield value;
  }
}

/** Of one request, from its first look-up on. It ends at the caller's abort and at a silence. */
interface Life {
  readonly signal: AbortSignal;
  readonly watchdog: Watchdog;
  /** The headers are there: what breaks now breaks in the body. */
  answered(): void;
  /** What it ended with. */
  failure(cause: unknown): unknown;
  end(): void;
}

function startLife({ clock, signal, idleMs }: HttpClientOptions, host: string): Life {
  const stop = new AbortController();
  let phase: Phase = 'answer';
  const watchdog = startWatchdog(clock, idleMs, () => stop.abort(stalled(idleMs, host, phase)));
  const abort = () => stop.abort(signal.reason);
  signal.addEventListener('abort', abort);
  const end = () => {
    watchdog[Symbol.dispose]();
    signal.removeEventListener('abort', abort);
  };
  return {
    signal: stop.signal,
    watchdog,
    answered() {
      phase = 'body';
    },
    failure(cause) {
      end();
      return stop.signal.aborted ? stop.signal.reason : failedFetch(cause, host, phase);
    },
    end,
  };
}
