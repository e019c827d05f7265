import { type Download, StartOver } from '../../app/fetch-source.ts';
import type { Clock } from '../../app/ports.ts';
import { FETCH_DEADLINE_MS, MAX_FETCH_BYTES, MAX_REDIRECTS } from '../../domain/limits.ts';
import { mediaTypeOf } from '../../domain/media-type.ts';
import { DEFAULT_PORTS, parseAllowHosts } from './address-guard.ts';
import { contentLength, contentOf, encodingOf } from './content.ts';
import { displayNameOf } from './display-name.ts';
import { createHttpClient, type Exchange, type HttpClient } from './exchange.ts';
import { incomplete, lengthMismatch, onlyAPart, timedOut, tooLarge } from './fetch-failures.ts';
import type { GuardOptions } from './guarded-connector.ts';
import { endOfRest, type Resumable, rangeHeaders, resumableOf } from './resume.ts';
import { createRetries } from './retries.ts';

export interface OpenUrlOptions extends Partial<Pick<GuardOptions, 'lookup' | 'dial' | 'connectTimeoutMs' | 'ports'>> {
  /** `host`, `host:port` or an IP address: may be local and have any port. Default: none. */
  readonly allowHosts?: readonly string[];
  readonly clock: Clock;
  /** In [0, 1), for the pauses between tries. Default: Math.random. */
  readonly random?: () => number;
  readonly signal?: AbortSignal;
  /** From the first connect to the last byte, with all redirects and retries. Default: FETCH_DEADLINE_MS. */
  readonly deadlineMs?: number;
  /** The longest silence: until the headers of an answer are there, and within its body. Default: DEFAULT_IDLE_MS. */
  readonly idleMs?: number;
  /** Of the body, as it is after its content-encoding is undone. Default: MAX_FETCH_BYTES. */
  readonly maxBytes?: number;
  /** From each try. Default: MAX_REDIRECTS. */
  readonly maxRedirects?: number;
  /** Default: 3. */
  readonly retries?: number;
  readonly userAgent?: string;
}

/** A page may forbid what it does not know the name of. */
export const DEFAULT_USER_AGENT = 'source-upload-service';

/** Half of the deadline: after the silence of a connection that died there is time for another. */
export const DEFAULT_IDLE_MS = 30_000;

/**
 * Opens a URL that somebody else chose. The body MUST be read to its end or the download disposed of: until then, or the
 * deadline, a connection is open. Errors never hold the URL: its query may be a secret.
 * @throws SourceFailure, from here or from the body; the signal's reason when that aborts.
 */
export async function openUrl(url: string, options: OpenUrlOptions): Promise<Download> {
  const { clock, random, retries, deadlineMs = FETCH_DEADLINE_MS, maxBytes = MAX_FETCH_BYTES } = options;
  const allowed = parseAllowHosts(options.allowHosts ?? []);
  const life = openLife(clock, deadlineMs, options.signal);
  const { signal } = life;
  const client = createHttpClient({
    ports: DEFAULT_PORTS,
    maxRedirects: MAX_REDIRECTS,
    userAgent: DEFAULT_USER_AGENT,
    idleMs: DEFAULT_IDLE_MS,
    ...options,
    allowed,
    signal,
  });
  const afterFailure = createRetries({ clock, random, retries, deadlineAt: clock.now() + deadlineMs, signal });
  const close = async () => {
    life.end();
    await client[Symbol.asyncDispose]();
  };
  const download = createDownloads({ url, client, afterFailure, maxBytes, signal, close });
  try {
    return await download();
  } catch (error) {
    await close();
    throw error;
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

interface DownloadsOptions {
  readonly url: string;
  readonly client: HttpClient;
  readonly afterFailure: (failure: unknown) => Promise<void>;
  readonly maxBytes: number;
  readonly signal: AbortSignal;
  close(): Promise<void>;
}

interface How {
  readonly encoding: string | undefined;
  readonly resumable: Resumable | undefined;
}

/** `end`: how many bytes there are with the rest. */
type Next = { readonly rest: Exchange; readonly end: number; readonly anew?: never } | { readonly anew: Download };

/** Makes downloads of one URL, each from its beginning: the second one where the first one could not go on. */
function createDownloads(options: DownloadsOptions): () => Promise<Download> {
  const { url, client, afterFailure, maxBytes, signal, close } = options;

  async function begin(): Promise<Download> {
    return toDownload(await get());
  }

  async function get(headers?: Readonly<Record<string, string>>): Promise<Exchange> {
    for (;;) {
      try {
        return await client.get(url, headers);
      } catch (failure) {
        await afterFailure(failure);
      }
    }
  }

  function toDownload(exchange: Exchange): Download {
    const { headers } = exchange;
    const host = exchange.url.hostname;
    // Nobody asked for a part.
    if (exchange.statusCode === 206) throw onlyAPart(host);
    const encoding = encodingOf(headers);
    const totalBytes = encoding === undefined ? contentLength(headers) : undefined;
    if (totalBytes !== undefined && totalBytes > maxBytes) throw tooLarge(maxBytes);
    const resumable = encoding === undefined ? resumableOf(headers, totalBytes) : undefined;
    const name = displayNameOf(headers['content-disposition'], exchange.url, new URL(url));
    const mediaType = mediaTypeOf(String(headers['content-type'] ?? ''));
    return {
      body: bodyOf(exchange, { encoding, resumable }),
      finalUrl: exchange.url.href,
      ...(totalBytes !== undefined && { totalBytes }),
      ...(name !== undefined && { name }),
      ...(mediaType !== undefined && { mediaType }),
      [Symbol.asyncDispose]: close,
    };
  }

  async function* bodyOf(first: Exchange, { encoding, resumable }: How): AsyncGenerator<Uint8Array> {
    let startsOver = false;
    let bytes = 0;
    let end = resumable?.totalBytes;
    try {
      for (let exchange: Exchange = first; ; ) {
        const host = exchange.url.hostname;
        try {
          for await (const chunk of contentOf(exchange.body, { encoding, maxBytes, from: bytes, host })) {
            signal.throwIfAborted();
            bytes += chunk.byteLength;
            if (end !== undefined && bytes > end) throw lengthMismatch(host);
            yield chunk;
          }
          signal.throwIfAborted();
          if (end !== undefined && bytes < end) throw incomplete(host);
          return;
        } catch (failure) {
          signal.throwIfAborted();
          await afterFailure(failure);
        }
        const next = await goOn(bytes, resumable && { ...resumable, totalBytes: end });
        if (next.anew) {
          startsOver = true;
          throw new StartOver(next.anew);
        }
        exchange = next.rest;
        end = next.end;
      }
    } finally {
      if (!startsOver) await close();
    }
  }

  /** The rest, or all of it: where the content changed, or nothing would prove that it did not, or there are no ranges. */
  async function goOn(bytes: number, resumable: Resumable | undefined): Promise<Next> {
    if (!resumable || bytes === 0) return { anew: await begin() };
    const answer = await get(rangeHeaders(resumable, bytes));
    const end = answer.statusCode === 206 ? endOfRest(answer.headers, resumable, bytes) : undefined;
    if (end !== undefined) return { rest: answer, end };
    return { anew: answer.statusCode === 206 || answer.statusCode === 416 ? await begin() : toDownload(answer) };
  }

  return begin;
}
