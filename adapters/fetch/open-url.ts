import { pipeline, type Readable } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import { Agent, type Dispatcher, request } from 'undici';
import type { Download } from '../../app/fetch-source.ts';
import type { Clock } from '../../app/ports.ts';
import { SourceFailure } from '../../domain/errors.ts';
import { FETCH_DEADLINE_MS, MAX_FETCH_BYTES, MAX_REDIRECTS } from '../../domain/limits.ts';
import { type AllowedHost, checkedUrl, parseAllowHosts } from './address-guard.ts';
import { failedFetch, statusFailure, timedOut, tooLarge, tooManyRedirects } from './fetch-failures.ts';
import { createGuardedConnector, type GuardOptions } from './guarded-connector.ts';

export interface OpenUrlOptions extends Pick<GuardOptions, 'lookup' | 'dial'> {
  /** `host`, `host:port` or an IP address: may be local and have any port. Default: none. */
  readonly allowHosts?: readonly string[];
  readonly clock: Clock;
  readonly signal?: AbortSignal;
  /** From the first connect to the last byte. Default: FETCH_DEADLINE_MS. */
  readonly deadlineMs?: number;
  /** Of the body, as it is after its content-encoding is undone. Default: MAX_FETCH_BYTES. */
  readonly maxBytes?: number;
  readonly maxRedirects?: number;
  readonly userAgent?: string;
}

/** A page may forbid what it does not know the name of. */
const USER_AGENT = 'source-upload-service';

/**
 * Opens a URL that somebody else chose. The body MUST be read to its end or the download disposed of: until then, or the
 * deadline, a connection is open. Errors never hold the URL: its query may be a secret.
 * @throws SourceFailure, from here or from the body; the signal's reason when that aborts.
 */
export async function openUrl(url: string, options: OpenUrlOptions): Promise<Download> {
  const { clock, deadlineMs = FETCH_DEADLINE_MS, maxBytes = MAX_FETCH_BYTES } = options;
  const allowed = parseAllowHosts(options.allowHosts ?? []);
  const life = openLife(clock, deadlineMs, options.signal);
  const connect = createGuardedConnector({ ...options, allowed, signal: life.signal });
  // The deadline covers the headers and the body: two more timers would only give the same end other names.
  const agent = new Agent({ connect, headersTimeout: 0, bodyTimeout: 0 });
  const close = async () => {
    life.end();
    await agent.destroy();
  };
  try {
    const { response, finalUrl } = await follow(url, { ...options, allowed, agent, signal: life.signal });
    const encoding = encodingOf(response.headers);
    const totalBytes = encoding === undefined ? contentLength(response.headers) : undefined;
    if (totalBytes !== undefined && totalBytes > maxBytes) throw tooLarge(maxBytes);
    const body = decoded(response.body, encoding);
    return {
      body: readBody(body, { maxBytes, signal: life.signal, host: finalUrl.hostname, close }),
      finalUrl: finalUrl.href,
      ...(totalBytes !== undefined && { totalBytes }),
      ...mediaTypeOf(response.headers),
      [Symbol.asyncDispose]: close,
    };
  } catch (error) {
    await close();
    throw life.signal.aborted ? life.signal.reason : failedFetch(error, hostOf(url));
  }
}

/** One signal for the caller's abort and the deadline; `end` lets go of both. */
function openLife(clock: Clock, deadlineMs: number, signal?: AbortSignal) {
  const life = new AbortController();
  const ended = new AbortController();
  const abort = () => life.abort(signal?.reason);
  if (signal?.aborted) abort();
  signal?.addEventListener('abort', abort, { signal: ended.signal });
  void clock.sleep(deadlineMs, ended.signal).then(() => {
    if (!ended.signal.aborted) life.abort(timedOut(deadlineMs));
  });
  return { signal: life.signal, end: () => ended.abort() };
}

interface FollowOptions extends Pick<OpenUrlOptions, 'maxRedirects' | 'userAgent'> {
  readonly allowed: readonly AllowedHost[];
  readonly agent: Agent;
  readonly signal: AbortSignal;
}

async function follow(start: string, options: FollowOptions) {
  const { allowed, agent, signal, maxRedirects = MAX_REDIRECTS, userAgent = USER_AGENT } = options;
  const headers = { 'user-agent': userAgent, accept: '*/*', 'accept-encoding': 'identity' };
  let url = checkedUrl(start, undefined, allowed);
  for (let hop = 0; ; hop += 1) {
    signal.throwIfAborted();
    const response = await request(url, { dispatcher: agent, signal, headers }).catch((cause: unknown) => {
      throw signal.aborted ? signal.reason : failedFetch(cause, url.hostname);
    });
    const { statusCode } = response;
    if (statusCode >= 200 && statusCode < 300) return { response, finalUrl: url };
    // Destroying a body that was not read is an error event to undici.
    response.body.on('error', () => {}).destroy();
    const location = response.headers.location;
    if (![301, 302, 303, 307, 308].includes(statusCode) || typeof location !== 'string') {
      throw statusFailure(statusCode);
    }
    if (hop === maxRedirects) throw tooManyRedirects(maxRedirects);
    url = checkedUrl(location, url.href, allowed);
  }
}

interface BodyOptions {
  readonly maxBytes: number;
  readonly signal: AbortSignal;
  readonly host: string;
  close(): Promise<void>;
}

async function* readBody(body: Readable, { maxBytes, signal, host, close }: BodyOptions): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  try {
    for await (const chunk of body as AsyncIterable<Uint8Array>) {
      signal.throwIfAborted();
      bytes += chunk.byteLength;
      if (bytes > maxBytes) throw tooLarge(maxBytes);
      yield chunk;
    }
    signal.throwIfAborted();
  } catch (error) {
    throw signal.aborted ? signal.reason : failedFetch(error, host);
  } finally {
    await close();
  }
}

type Headers = Dispatcher.ResponseData['headers'];

/** We ask for none, but some servers do not care. More than one at a time is nothing but a way to hide a bomb. */
function encodingOf(headers: Headers): string | undefined {
  const encoding = String(headers['content-encoding'] ?? '')
    .trim()
    .toLowerCase();
  return encoding === '' || encoding === 'identity' ? undefined : encoding;
}

function decoded(body: Readable, encoding: string | undefined): Readable {
  if (encoding === undefined) return body;
  const decoder = DECODERS[encoding]?.();
  if (!decoder) {
    body.on('error', () => {}).destroy();
    throw new SourceFailure(
      'fetch-failed',
      'The server sent the content compressed in a way that it was not asked for.',
    );
  }
  // What fails is seen by whoever reads the decoder.
  return pipeline(body, decoder, () => {});
}

const DECODERS: Readonly<Record<string, () => ReturnType<typeof createGunzip>>> = Object.assign(Object.create(null), {
  gzip: createGunzip,
  'x-gzip': createGunzip,
  deflate: createInflate,
  br: createBrotliDecompress,
});

function contentLength(headers: Headers): number | undefined {
  const text = headers['content-length'];
  return typeof text === 'string' && /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}

function mediaTypeOf(headers: Headers): { readonly mediaType?: string } {
  const mediaType = String(headers['content-type'] ?? '')
    .split(';')[0]!
    .trim()
    .toLowerCase();
  return mediaType === '' ? {} : { mediaType };
}

function hostOf(url: string): string {
  return URL.parse(url)?.hostname ?? '';
}
