import type { Clock, Log, Processor, Source, SourceFiles } from '../../app/ports.ts';
import { SourceFailure } from '../../domain/errors.ts';
import { brokenOff, failed, redirected, refused, timedOut, unreachable } from './forward-failures.ts';
import { FIRST_PAUSE_MS, FORWARD_DEADLINE_MS, MAX_TRIES } from './limits.ts';
import { BodyFailure, ConnectFailure, postRequest, type UpstreamAnswer } from './post-request.ts';
import { readResult } from './read-result.ts';
import { refusalWords } from './refusal-words.ts';
import { requestFor, type UpstreamRequest } from './upstream-request.ts';

export interface ForwardProcessorOptions {
  /** From `parseUpstreamUrl`. */
  readonly upstream: string;
  readonly files: Pick<SourceFiles, 'readOriginal' | 'putResult'>;
  readonly clock: Clock;
  readonly log: Log;
  /** From 0 to below 1. Default: Math.random. */
  readonly random?: () => number;
  /** Default: FORWARD_DEADLINE_MS. */
  readonly deadlineMs?: number;
}

type OnProgress = Parameters<Processor['process']>[1];

/** How a try ended. A failure that says `again` happened before the upstream can have taken the source, or is said to pass. */
type Tried = { readonly result: unknown } | { readonly failure: SourceFailure; readonly again: boolean };

/** Sends the source to an upstream service, whose JSON is the result. */
export function createForwardProcessor(options: ForwardProcessorOptions): Processor {
  const { files, clock, log, deadlineMs = FORWARD_DEADLINE_MS } = options;

  async function process(source: Source, onProgress: OnProgress, signal: AbortSignal): Promise<unknown> {
    signal.throwIfAborted();
    const ended = new AbortController();
    const late = new AbortController();
    void clock.sleep(deadlineMs, ended.signal).then(() => {
      if (!ended.signal.aborted) late.abort(timedOut(deadlineMs));
    });
    try {
      const life = { signal: AbortSignal.any([signal, late.signal]), endsAt: clock.now() + deadlineMs };
      const result = await forward(options, source, neverFalling(onProgress), life);
      // The upstream has it now: sending it again for the sake of our own copy would do more harm.
      await files
        .putResult(source, result)
        .catch((error: unknown) => log.warn('result-not-stored', { sourceUuid: source.sourceUuid, error }));
      return result;
    } finally {
      ended.abort();
    }
  }

  return { stage: 'forward', process };
}

interface Life {
  readonly signal: AbortSignal;
  readonly endsAt: number;
}

async function forward(
  options: ForwardProcessorOptions,
  source: Source,
  onProgress: OnProgress,
  { signal, endsAt }: Life,
): Promise<unknown> {
  const { clock, log, random = Math.random } = options;
  for (let tries = 1; ; tries += 1) {
    const tried = await tryOnce(options, source, onProgress, signal);
    if ('result' in tried) return tried.result;
    const { failure, again } = tried;
    const pauseMs = FIRST_PAUSE_MS * 4 ** (tries - 1) * (0.5 + random() / 2);
    const goesOn = again && tries < MAX_TRIES && clock.now() + pauseMs < endsAt;
    const { code, message: sentence, cause } = failure;
    log.warn('forward-failed', { sourceUuid: source.sourceUuid, tries, code, sentence, cause, again: goesOn });
    if (!goesOn) throw failure;
    await clock.sleep(pauseMs, signal);
    signal.throwIfAborted();
  }
}

async function tryOnce(
  { upstream, files }: ForwardProcessorOptions,
  source: Source,
  onProgress: OnProgress,
  signal: AbortSignal,
): Promise<Tried> {
  using request = await unlessAborted(requestFor(source, files), signal);
  const onSent = (bytes: number) => onProgress({ bytes, totalBytes: request.bytes });
  onSent(0);
  try {
    return judge(await postRequest(upstream, request, { onSent, signal }));
  } catch (error) {
    if (signal.aborted || error instanceof BodyFailure) throw error;
    if (error instanceof SourceFailure) return { failure: error, again: false };
    if (!(error instanceof ConnectFailure)) return { failure: brokenOff(error), again: false };
    return { failure: unreachable(error), again: !isUntrusted(error.cause) };
  }
}

/** A store that takes its time does not hold up an abort; what it brings too late is let go. */
async function unlessAborted(coming: Promise<UpstreamRequest>, signal: AbortSignal): Promise<UpstreamRequest> {
  const aborted = Promise.withResolvers<never>();
  const abort = () => aborted.reject(signal.reason);
  signal.addEventListener('abort', abort);
  try {
    return await Promise.race([coming, aborted.promise]);
  } catch (error) {
    coming.then((request) => request[Symbol.dispose]()).catch(() => undefined);
    throw error;
  } finally {
    signal.removeEventListener('abort', abort);
  }
}

function judge(answer: UpstreamAnswer): Tried {
  const { status } = answer;
  if (status < 300) return { result: readResult(answer) };
  if (status < 400) return { failure: redirected(status), again: false };
  if (status < 500) return { failure: refused(status, refusalWords(answer)), again: false };
  return { failure: failed(status, refusalWords(answer)), again: true };
}

/** A certificate does not get better by asking again. */
function isUntrusted(cause: unknown): boolean {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  return /CERT|SELF_SIGNED|UNABLE_TO_VERIFY/.test(code);
}

/** A second try begins at its first byte again, which is nothing that a client should see. */
function neverFalling(onProgress: OnProgress): OnProgress {
  let highest = -1;
  return (progress) => {
    if (!('bytes' in progress) || progress.bytes <= highest) return;
    highest = progress.bytes;
    onProgress(progress);
  };
}
