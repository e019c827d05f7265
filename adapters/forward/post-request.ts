import { Readable } from 'node:stream';
import { Agent, buildConnector, type Dispatcher, request as send } from 'undici';
import { CONNECT_TIMEOUT_MS, MAX_ANSWER_BYTES, MAX_REFUSAL_BYTES } from './limits.ts';
import type { UpstreamRequest } from './upstream-request.ts';

/** What an upstream answered. */
export interface UpstreamAnswer {
  readonly status: number;
  /** Without parameters, in lower case. */
  readonly mediaType: string;
  /** Though it was asked not to. */
  readonly compressed: boolean;
  readonly body: Buffer;
  /** There was more than is read. */
  readonly cut: boolean;
}

/** No connection was made, so that nothing can have been sent. */
export class ConnectFailure extends Error {
  override readonly name = 'ConnectFailure';
}

/** The request could not be told whole because of what it is made of: our own fault, and no answer. */
export class BodyFailure extends Error {
  override readonly name = 'BodyFailure';
}

export interface PostOptions {
  readonly onSent: (bytes: number) => void;
  readonly signal: AbortSignal;
  /** Default: CONNECT_TIMEOUT_MS. */
  readonly connectTimeoutMs?: number;
}

/**
 * One try, on a connection of its own: one that was kept may have been closed while the function was frozen, and what fails
 * on it can no longer be told from a request that was lost half-way. Redirects are not followed.
 * Throws ConnectFailure, BodyFailure, the signal's reason, or whatever the connection broke off with.
 */
export async function postRequest(
  upstream: string,
  request: UpstreamRequest,
  { onSent, signal, connectTimeoutMs = CONNECT_TIMEOUT_MS }: PostOptions,
): Promise<UpstreamAnswer> {
  // The caller's deadline covers all: more timers would only give the same end other names.
  const agent = new Agent({ connect: connector(signal, connectTimeoutMs), headersTimeout: 0, bodyTimeout: 0 });
  let fault: BodyFailure | undefined;
  async function* body(): AsyncGenerator<Uint8Array> {
    const chunks = request.body(onSent)[Symbol.asyncIterator]();
    try {
      for (;;) {
        // Only here: what the connection fails with is thrown in at the yield.
        const next = await chunks.next().catch((cause: unknown) => {
          fault = new BodyFailure('the original could not be read', { cause });
          throw fault;
        });
        if (next.done) return;
        yield next.value;
      }
    } finally {
      await chunks.return?.();
    }
  }
  try {
    const { path, headers } = request;
    const stream = Readable.from(body(), { objectMode: false });
    const options = { method: 'POST', headers, body: stream, signal, dispatcher: agent } as const;
    return await readAnswer(await send(`${upstream}${path}`, options));
  } catch (error) {
    throw signal.aborted ? signal.reason : (fault ?? error);
  } finally {
    // Not awaited: a lookup that is under way cannot be stopped, and nobody waits for its end.
    agent.destroy().catch(() => undefined);
  }
}

/** Undici hears of an abort only once it has a connection: until then the socket does, which is half-way up or looks up a name. */
function connector(signal: AbortSignal, timeout: number): buildConnector.connector {
  const dial = buildConnector({ timeout, allowH2: false, signal });
  return (target, callback) => {
    dial(target, (...outcome) => {
      // Not told apart by its code: a connection that is reset later has the same.
      if (outcome[0]) callback(new ConnectFailure('no connection to the upstream', { cause: outcome[0] }), null);
      else callback(...outcome);
    });
  };
}

async function readAnswer({ statusCode, headers, body }: Dispatcher.ResponseData): Promise<UpstreamAnswer> {
  const maxBytes = statusCode < 300 ? MAX_ANSWER_BYTES : MAX_REFUSAL_BYTES;
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  // Leaving the loop lets go of the rest.
  for await (const chunk of body as AsyncIterable<Uint8Array>) {
    bytes += chunk.byteLength;
    if (bytes > maxBytes) break;
    chunks.push(chunk);
  }
  return {
    status: statusCode,
    mediaType: textOf(headers['content-type']).split(';')[0]!.trim(),
    compressed: !['', 'identity'].includes(textOf(headers['content-encoding'])),
    body: Buffer.concat(chunks),
    cut: bytes > maxBytes,
  };
}

function textOf(header: string | string[] | undefined): string {
  return String(header ?? '')
    .trim()
    .toLowerCase();
}
