import { SourceFailure } from '../domain/errors.ts';
import { conclude, givenUp } from './conclude.ts';
import type { StageProgress } from './events.ts';
import { percentOf } from './events.ts';
import type { Fetcher, Processor, Source, SourceFiles, SourceRef, Terminal } from './ports.ts';
import { type PublishPorts, publishOpening, publishTerminal } from './publish.ts';
import { createProgressReporter, type ProgressReporter } from './report-progress.ts';

export interface ProcessSourcePorts extends PublishPorts {
  readonly fetcher: Fetcher;
  readonly processor: Processor;
  readonly files: SourceFiles;
}

/** Short, and renewed while work goes on: a killed attempt keeps the next one waiting no longer than this. */
export const CLAIM_LEASE_MS = 15_000;

/** An unexpected error may pass; one that came with every attempt will not. Below the queue's limit, so that it ends here. */
export const MAX_ATTEMPTS = 4;

/** From the moment at which a returned delivery may come again until it has to have been claimed. */
const RETURN_WITHIN_MS = 20_000;

export type Processed =
  | { readonly outcome: 'done' }
  /** The delivery has to come again, but not before this. */
  | { readonly outcome: 'again'; readonly afterSeconds: number };

const DONE: Processed = { outcome: 'done' };

/**
 * One delivery of one source, from claim to terminal. Never throws: what could not be done is asked for again.
 * @param receives how many times this message has been received, this one included.
 */
export async function processSource(ports: ProcessSourcePorts, ref: SourceRef, receives = 1): Promise<Processed> {
  try {
    return await deliver(ports, ref, receives);
  } catch (error) {
    ports.log.error('delivery-failed', { sourceUuid: ref.sourceUuid, receives, error });
    return { outcome: 'again', afterSeconds: patience(receives) };
  }
}

/** 15 s, doubled up to 5 min: a message has ten receives in all, which an outage of the stores must not use up at once. */
function patience(receives: number): number {
  return Math.min(300, 15 * 2 ** (receives - 1));
}

async function deliver(ports: ProcessSourcePorts, ref: SourceRef, receives: number): Promise<Processed> {
  const now = ports.clock.now();
  const claim = await ports.sources.claim(ref, now, now + CLAIM_LEASE_MS);
  switch (claim.outcome) {
    case 'gone':
      return DONE;
    case 'ended':
      // An earlier delivery stored the end and broke off before it was known.
      if (!claim.source.published) await publishTerminal(ports, claim.source);
      return DONE;
    case 'leased': {
      // The first time its worker may have been killed; later on it is one that renews its lease.
      const leftSeconds = Math.ceil((claim.source.leaseUntil - now) / 1000) + 1;
      return {
        outcome: 'again',
        afterSeconds: receives === 1 ? leftSeconds : Math.max(leftSeconds, patience(receives)),
      };
    }
    case 'claimed':
      return await attempt(ports, claim.source);
  }
}

async function attempt(ports: ProcessSourcePorts, source: Source): Promise<Processed> {
  if (source.attempt > MAX_ATTEMPTS) {
    await conclude(ports, source, givenUp());
    return DONE;
  }
  const reporter = createProgressReporter(ports, source);
  await using lease = keepLease(ports, source, reporter);
  // What Redis does not take now goes ahead of the next event instead.
  await publishOpening(ports, source).catch((error) =>
    ports.log.warn('opening-lost', { sourceUuid: source.sourceUuid, error }),
  );
  try {
    const terminal = await work(ports, source, reporter, lease.lost);
    if (lease.lost.aborted) return DONE; // whoever took it over ends it
    await conclude(ports, source, terminal);
    return DONE;
  } catch (error) {
    if (lease.lost.aborted) return DONE;
    return await failedAttempt(ports, source, error);
  } finally {
    await reporter.stop();
  }
}

async function work(
  ports: ProcessSourcePorts,
  source: Source,
  reporter: ProgressReporter,
  lost: AbortSignal,
): Promise<Terminal> {
  try {
    if (source.type === 'url-upload') {
      const fetched = await ports.fetcher.fetch(
        source,
        (progress) => reporter.report({ stage: 'fetch', ...progress }),
        lost,
      );
      await reporter.end({ stage: 'fetch', ...fetched });
    }
    const { stage } = ports.processor;
    let last: StageProgress = { stage };
    const result = await ports.processor.process(
      source,
      (progress) => {
        last = { stage, ...progress };
        reporter.report(last);
      },
      lost,
    );
    await reporter.end(last);
    return { status: 'success', result };
  } catch (error) {
    if (error instanceof SourceFailure) return { status: 'failure', code: error.code, error: error.message };
    throw error;
  }
}

async function failedAttempt(ports: ProcessSourcePorts, source: Source, error: unknown): Promise<Processed> {
  ports.log.error('attempt-failed', { sourceUuid: source.sourceUuid, attempt: source.attempt, error });
  if (source.attempt >= MAX_ATTEMPTS) {
    await conclude(ports, source, givenUp());
    return DONE;
  }
  const afterSeconds = 4 ** source.attempt;
  await ports.sources.release(source, source.attempt, ports.clock.now() + afterSeconds * 1000 + RETURN_WITHIN_MS);
  return { outcome: 'again', afterSeconds };
}

interface KeptLease extends AsyncDisposable {
  /** Aborts when the source was taken over or has ended otherwise. */
  readonly lost: AbortSignal;
}

function keepLease(
  ports: Pick<PublishPorts, 'sources' | 'clock' | 'log'>,
  source: Source,
  reporter: ProgressReporter,
): KeptLease {
  const lost = new AbortController();
  const stop = new AbortController();
  const run = async () => {
    while (true) {
      await ports.clock.sleep(CLAIM_LEASE_MS / 3, stop.signal);
      if (stop.signal.aborted) return;
      const { latest } = reporter;
      const at = latest && { stage: latest.stage, progress: percentOf(latest) };
      try {
        const kept = await ports.sources.renew(source, source.attempt, ports.clock.now() + CLAIM_LEASE_MS, at);
        if (!kept) return lost.abort();
      } catch (error) {
        // Not an answer: the lease may still be ours. Should it not be, storing the terminal decides.
        ports.log.warn('lease-renewal-failed', { sourceUuid: source.sourceUuid, error });
      }
    }
  };
  const running = run();
  return {
    lost: lost.signal,
    async [Symbol.asyncDispose]() {
      stop.abort();
      await running;
    },
  };
}
