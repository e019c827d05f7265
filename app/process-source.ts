import { SourceFailure } from '../domain/errors.ts';
import { conclude, givenUp } from './conclude.ts';
import type { StageProgress } from './events.ts';
import { percentOf } from './events.ts';
import { startHeartbeat } from './heartbeat.ts';
import type { Fetcher, Processor, Source, SourceFiles, SourceRef, Terminal } from './ports.ts';
import { type PublishPorts, publishOpening, publishTerminal } from './publish.ts';
import { createProgressReporter, type ProgressReporter } from './report-progress.ts';
import { isDiscarded, standingOf } from './standing.ts';
import { type AttemptWatch, watchAttempt } from './watch-attempt.ts';

export interface ProcessSourcePorts extends PublishPorts {
  readonly fetcher: Fetcher;
  readonly processor: Processor;
  readonly files: SourceFiles;
}

/** Short, and renewed while work goes on: a killed attempt keeps the next one waiting no longer than this. */
export const CLAIM_LEASE_MS = 15_000;

const RENEW_EVERY_MS = CLAIM_LEASE_MS / 3;

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
      // The accept, or a worker that was killed, may have stored something after it was cancelled.
      if (isDiscarded(claim.source)) await ports.files.remove(claim.source);
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
  await using watch = keepClaim(ports, source, reporter);
  // What Redis does not take now goes ahead of the next event instead.
  await publishOpening(ports, source).then(
    () => measureFirstStatus(ports, source),
    (error) => ports.log.warn('opening-lost', { sourceUuid: source.sourceUuid, error }),
  );
  try {
    const terminal = await work(ports, source, reporter, watch.lost);
    if (!watch.lost.aborted) {
      await reporter.flush(); // how far it came goes ahead of its end
      const ended = await conclude(ports, source, terminal);
      if (isDiscarded(ended)) await ports.files.remove(source);
      return DONE;
    }
  } catch (error) {
    if (!watch.lost.aborted) return await failedAttempt(ports, source, error);
  } finally {
    await reporter.stop();
  }
  // Whoever took it over ends it.
  await removeDiscarded(ports, source);
  return DONE;
}

/** A later attempt finds it published. */
function measureFirstStatus({ metrics, clock }: ProcessSourcePorts, { attempt, openedAt }: Source): void {
  if (attempt === 1) metrics.duration('TimeToFirstStatus', clock.now() - openedAt);
}

/**
 * After the last write of an attempt. Who cancelled the source removed what was stored before that; what this attempt has
 * stored since, it finds here: so nothing stays, whichever of the two was faster.
 */
async function removeDiscarded(ports: ProcessSourcePorts, source: Source): Promise<boolean> {
  if ((await standingOf(ports.sources, source)) !== 'discarded') return false;
  await ports.files.remove(source);
  return true;
}

async function work(
  ports: ProcessSourcePorts,
  source: Source,
  reporter: ProgressReporter,
  lost: AbortSignal,
): Promise<Terminal> {
  await using _ = startHeartbeat(ports, source, () => reporter.heardAt, lost);
  /** What somebody else works on now is not shown where this attempt is, whether that has noticed or not. */
  const report = (progress: StageProgress) => {
    if (!lost.aborted) reporter.report(progress);
  };
  try {
    if (source.type === 'url-upload') {
      const fetched = await ports.fetcher.fetch(source, (progress) => report({ stage: 'fetch', ...progress }), lost);
      lost.throwIfAborted();
      await reporter.end({ stage: 'fetch', ...fetched });
    }
    const { stage } = ports.processor;
    let last: StageProgress = { stage };
    const result = await ports.processor.process(
      source,
      (progress) => {
        last = { stage, ...progress };
        report(last);
      },
      lost,
    );
    lost.throwIfAborted();
    await reporter.end(last);
    return { status: 'success', result };
  } catch (error) {
    if (!(error instanceof SourceFailure)) throw error;
    return { status: 'failure', code: error.code, error: error.message };
  }
}

async function failedAttempt(ports: ProcessSourcePorts, source: Source, error: unknown): Promise<Processed> {
  // The fetch function has seen the cancel first, and stopped. The delivery comes again, lest that end is not known yet.
  if (await removeDiscarded(ports, source)) return { outcome: 'again', afterSeconds: 1 };
  ports.log.error('attempt-failed', { sourceUuid: source.sourceUuid, attempt: source.attempt, error });
  if (source.attempt >= MAX_ATTEMPTS) {
    await conclude(ports, source, givenUp());
    return DONE;
  }
  const afterSeconds = 4 ** source.attempt;
  await ports.sources.release(source, source.attempt, ports.clock.now() + afterSeconds * 1000 + RETURN_WITHIN_MS);
  return { outcome: 'again', afterSeconds };
}

/** Renews the lease and notes how far the work is, and between two renewals looks whether there still is anything to do. */
function keepClaim(
  ports: Pick<PublishPorts, 'sources' | 'clock' | 'log'>,
  source: Source,
  reporter: ProgressReporter,
): AttemptWatch {
  let renewAt = ports.clock.now() + RENEW_EVERY_MS;
  return watchAttempt(ports, source.sourceUuid, async () => {
    const now = ports.clock.now();
    if (now < renewAt) return (await standingOf(ports.sources, source)) === 'held';
    const { latest } = reporter;
    const at = latest && { stage: latest.stage, progress: percentOf(latest) };
    const kept = await ports.sources.renew(source, source.attempt, now + CLAIM_LEASE_MS, at);
    renewAt = now + RENEW_EVERY_MS;
    return kept;
  });
}
