import { PROGRESS_INTERVAL_MS } from '../domain/limits.ts';
import type { Clock, FetchProgress, SourceFiles, SourceOwner } from './ports.ts';

/** A URL that was opened. It MUST be disposed of, or its body read to the end. */
export interface Download extends AsyncDisposable {
  /** Throws SourceFailure where it breaks off, is too large or takes too long, and StartOver. */
  readonly body: AsyncIterable<Uint8Array>;
  /** Only where the server said it. */
  readonly totalBytes?: number;
  /** What it is called there. For display only. */
  readonly name?: string;
  /** What the server says that it is. */
  readonly mediaType?: string;
  /** After redirects. May hold a secret in its query. */
  readonly finalUrl: string;
}

/** The bytes that were given do not count any more: all of them come again, in `next`. Disposing of either disposes of both. */
export class StartOver extends Error {
  override readonly name = 'StartOver';
  readonly next: Download;

  constructor(next: Download) {
    super('the download starts over');
    this.next = next;
  }
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
 * answer of the server, and the last always are. Where it started over, nothing is that would go back: not even the last one.
 */
export async function fetchSource(
  ports: FetchSourcePorts,
  source: SourceOwner & { readonly url: string },
  onProgress: (progress: FetchProgress) => void,
  signal: AbortSignal,
): Promise<FetchProgress> {
  await using opened = await ports.open(source.url, signal);
  using progress = followProgress(ports.clock, onProgress);
  for (let download: Download = opened; ; ) {
    const next = await store(ports, source, download, progress, signal);
    if (!next) return progress.end();
    download = next;
  }
}

/** @returns what has to be stored in its place, where it started over: then nothing is stored. */
async function store(
  ports: FetchSourcePorts,
  source: SourceOwner,
  download: Download,
  progress: ByteProgress,
  signal: AbortSignal,
): Promise<Download | undefined> {
  // A store may wrap what its source throws: what the download failed with is the answer, so it is kept apart.
  let failure: { readonly error: unknown } | undefined;
  async function* counted(): AsyncGenerator<Uint8Array> {
    progress.begin(download.totalBytes);
    try {
      for await (const chunk of download.body) {
        progress.add(chunk.byteLength);
        yield chunk;
      }
    } catch (error) {
      failure = { error };
      throw error;
    }
  }
  try {
    const { name, mediaType } = download;
    const details = { ...(name !== undefined && { name }), ...(mediaType !== undefined && { mediaType }) };
    await ports.files.putOriginalStream(source, counted(), signal, details);
    return undefined;
  } catch (error) {
    if (failure?.error instanceof StartOver) return failure.error.next;
    throw failure ? failure.error : error;
  }
}

interface ByteProgress extends Disposable {
  begin(totalBytes: number | undefined): void;
  add(bytes: number): void;
  /** Reports the last value, and gives it. */
  end(): FetchProgress;
}

function followProgress(clock: Clock, onProgress: (progress: FetchProgress) => void): ByteProgress {
  let current: { bytes: number; readonly totalBytes?: number } = { bytes: 0 };
  let reported: FetchProgress = { bytes: 0 };
  let reportedAt = Number.NEGATIVE_INFINITY;
  let reportWaits = false;
  const ended = new AbortController();

  function report(): void {
    // What starts over has been seen further on: nothing is said until it is there again.
    if (current.bytes < reported.bytes || shareOf(current) < shareOf(reported)) return;
    reportedAt = clock.now();
    reported = { ...current };
    onProgress(reported);
  }

  /** At once or when the interval is over: a server that stalls after a burst is not shown at the burst's beginning. */
  function reportSoon(): void {
    const left = reportedAt + PROGRESS_INTERVAL_MS - clock.now();
    if (left <= 0) report();
    if (left <= 0 || reportWaits) return;
    reportWaits = true;
    void clock.sleep(left, ended.signal).then(() => {
      reportWaits = false;
      if (!ended.signal.aborted) report();
    });
  }

  return {
    begin(totalBytes) {
      current = { bytes: 0, ...(totalBytes !== undefined && { totalBytes }) };
      report();
    },
    add(bytes) {
      current.bytes += bytes;
      reportSoon();
    },
    end() {
      report();
      return { ...current };
    },
    [Symbol.dispose]() {
      ended.abort();
    },
  };
}

function shareOf({ bytes, totalBytes }: FetchProgress): number {
  return totalBytes === undefined || totalBytes === 0 ? 0 : bytes / totalBytes;
}
