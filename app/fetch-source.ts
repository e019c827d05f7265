import { PROGRESS_INTERVAL_MS } from '../domain/limits.ts';
import type { Clock, FetchProgress, SourceFiles, SourceOwner } from './ports.ts';

/** A URL that was opened. It MUST be disposed of, or its body read to the end. */
export interface Download extends AsyncDisposable {
  /** Throws SourceFailure where it breaks off, is too large or takes too long. */
  readonly body: AsyncIterable<Uint8Array>;
  /** Only where the server said it. */
  readonly totalBytes?: number;
  /** What the server says that it is: never to be trusted. */
  readonly mediaType?: string;
  /** After redirects. May hold a secret in its query. */
  readonly finalUrl: string;
}

/** Throws SourceFailure when the URL cannot be had; MUST NOT reach anything but public addresses and hosts allowed by name. */
export type OpenUrl = (url: string, signal: AbortSignal) => Promise<Download>;

export interface FetchSourcePorts {
  readonly open: OpenUrl;
  readonly files: Pick<SourceFiles, 'putOriginalStream'>;
  readonly clock: Clock;
}

/**
 * Streams a URL into the source's original. Progress is reported at most every PROGRESS_INTERVAL_MS; the first value, at the
 * answer of the server, and the last always are.
 */
export async function fetchSource(
  ports: FetchSourcePorts,
  source: SourceOwner & { readonly url: string },
  onProgress: (progress: FetchProgress) => void,
  signal: AbortSignal,
): Promise<FetchProgress> {
  await using download = await ports.open(source.url, signal);
  const { totalBytes } = download;
  let bytes = 0;
  let reportedAt = Number.NEGATIVE_INFINITY;
  let reportWaits = false;
  const ended = new AbortController();
  const report = () => {
    reportedAt = ports.clock.now();
    onProgress({ bytes, ...(totalBytes !== undefined && { totalBytes }) });
  };
  /** At once or when the interval is over: a server that stalls after a burst is not shown at the burst's beginning. */
  const reportSoon = () => {
    const left = reportedAt + PROGRESS_INTERVAL_MS - ports.clock.now();
    if (left <= 0) return report();
    if (reportWaits) return;
    reportWaits = true;
    void ports.clock.sleep(left, ended.signal).then(() => {
      reportWaits = false;
      if (!ended.signal.aborted) report();
    });
  };

  // A store may wrap what its source throws: what the download failed with is the answer, so it is kept apart.
  let failure: { readonly error: unknown } | undefined;
  async function* counted(): AsyncGenerator<Uint8Array> {
    report();
    try {
      for await (const chunk of download.body) {
        bytes += chunk.byteLength;
        reportSoon();
        yield chunk;
      }
    } catch (error) {
      failure = { error };
      throw error;
    }
  }

  try {
    await ports.files.putOriginalStream(source, counted(), signal);
  } catch (error) {
    throw failure ? failure.error : error;
  } finally {
    ended.abort();
  }
  report();
  return { bytes, ...(totalBytes !== undefined && { totalBytes }) };
}
