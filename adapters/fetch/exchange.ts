import { Agent, type Dispatcher, request } from 'undici';
import type { Clock } from '../../app/ports.ts';
import { checkedUrl, type Reach } from './address-guard.ts';
import { type ExcessWatch, watchExcess } from './excess.ts';
import {
  failedFetch,
  lengthMismatch,
  type Phase,
  redirectLoop,
  stalled,
  statusFailure,
  tooManyRedirects,
} from './fetch-failures.ts';
import { createGuardedConnector, type GuardOptions } from './guarded-connector.ts';
import { retryAfterMs } from './retries.ts';
import { startWatchdog } from './watchdog.ts';

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
  const watch = watchExcess(createGuardedConnector(options));
  const agent = new Agent({
    connect: watch.dial,
    // One request to a connection: each one is looked up and checked anew, and what follows an answer belongs to it.
    pipelining: 0,
    maxHeaderSize: MAX_HEADER_BYTES,
    // The clock of this service watches over both.
    headersTimeout: 0,
    bodyTimeout: 0,
  });
  let letGo = () => {};
  const connection: Connection = {
    ...options,
    agent,
    watch,
    async ask(url, headers) {
      letGo();
      const answer = await ask(url, headers, connection);
      letGo = answer.letGo;
      return answer;
    },
  };
  return {
    get: (url, headers = {}) => follow(url, headers, connection),
    async [Symbol.asyncDispose]() {
      letGo();
      await agent.destroy();
    },
  };
}

interface Connection extends HttpClientOptions {
  readonly agent: Agent;
  readonly watch: ExcessWatch;
  /** One at a time. */
  ask(url: URL, headers: Readonly<Record<string, string>>): Promise<Answer>;
}

interface Answer {
  readonly response: Dispatcher.ResponseData;
  readonly body: AsyncIterable<Uint8Array>;
  /** Safe to call at any time, more than once. */
  letGo(): void;
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
    url = checkedUrl(location, url.href, options);
    if (seen.has(withoutFragment(url))) throw redirectLoop();
  }
}

function withoutFragment({ href }: URL): string {
  return href.split('#', 1)[0]!;
}

/** One request, without a look at what the answer says. */
async function ask(url: URL, headers: Readonly<Record<string, string>>, options: Connection): Promise<Answer> {
  const { agent, clock, signal, userAgent, idleMs } = options;
  signal.throwIfAborted();
  const stop = new AbortController();
  let phase: Phase = 'answer';
  const watchdog = startWatchdog(clock, idleMs, () => stop.abort(stalled(idleMs, url.hostname, phase)));
  const abort = () => stop.abort(signal.reason);
  signal.addEventListener('abort', abort);
  const end = () => {
    watchdog[Symbol.dispose]();
    signal.removeEventListener('abort', abort);
  };
  const failed = (cause: unknown) => {
    end();
    return stop.signal.aborted ? stop.signal.reason : failedFetch(cause, url.hostname, phase);
  };

  watchdog.wait();
  const response = await request(url, {
    dispatcher: agent,
    signal: stop.signal,
    headers: { 'user-agent': userAgent, accept: '*/*', 'accept-encoding': 'identity', ...headers },
  }).catch((cause: unknown) => {
    throw failed(cause);
  });
  watchdog.rest();
  phase = 'body';

  async function* body(): AsyncGenerator<Uint8Array> {
    try {
      const chunks = (response.body as AsyncIterable<Uint8Array>)[Symbol.asyncIterator]();
      for (;;) {
        watchdog.wait();
        const { done, value } = await chunks.next();
        // Who takes its time to use the chunk does not keep the server silent.
        watchdog.rest();
        stop.signal.throwIfAborted();
        if (done) break;
        yield value;
      }
      if (options.watch.seen()) throw lengthMismatch(url.hostname);
    } catch (cause) {
      throw failed(cause);
    } finally {
      letGo();
    }
  }

  /** Destroying a body that was not read is an error event to undici. */
  function letGo(): void {
    end();
    response.body.on('error', () => {}).destroy();
  }

  return { response, body: body(), letGo };
}
