import type { CountName, Source, SourceRef, Terminal } from './ports.ts';
import { type PublishPorts, publishTerminal } from './publish.ts';

/** A stored terminal that was not published by then was left by a worker that broke off. */
const PUBLISH_WITHIN_MS = 10_000;

/** The only failure that is neither the document's nor the client's. */
const GIVEN_UP = 'processing-failed';

/**
 * The only way in which a source ends, whoever ends it. Stored first, published second, marked third: whatever breaks in
 * between, the stored value is the one that everybody will hear, and an unmarked one is published again.
 * @param lastAttempt only where nobody has claimed it since, and no lease is alive: else it is returned without an end.
 * @returns how it ended, which may be otherwise; undefined: a later generation took its place.
 */
export async function conclude(
  ports: PublishPorts,
  ref: SourceRef,
  terminal: Terminal,
  lastAttempt?: number,
): Promise<Source | undefined> {
  const now = ports.clock.now();
  const stored = await ports.sources.settle(ref, terminal, now, now + PUBLISH_WITHIN_MS, lastAttempt);
  if (stored?.terminal === undefined) return stored;
  // Counted here, since the publication may fail and come later; and by whoever stored it, not by who came second.
  if (stored.endedAt === now) measureEnd(ports, stored);
  await publishTerminal(ports, stored);
  ports.log.info('source-ended', {
    sourceUuid: stored.sourceUuid,
    status: stored.terminal.status,
    code: stored.terminal.status === 'failure' ? stored.terminal.code : undefined,
    milliseconds: ports.clock.now() - stored.openedAt,
    correlationId: stored.correlationId,
  });
  return stored;
}

function measureEnd({ metrics }: PublishPorts, { terminal, openedAt, endedAt }: Source): void {
  metrics.count(countOf(terminal!));
  metrics.duration('TimeToEnd', endedAt! - openedAt);
}

function countOf(terminal: Terminal): CountName {
  if (terminal.status === 'success') return 'SourcesSucceeded';
  if (terminal.code === 'cancelled') return 'SourcesCancelled';
  return terminal.code === GIVEN_UP ? 'SourcesGivenUp' : 'SourcesFailed';
}

/**
 * For whoever does not work on it: not while somebody does, which may begin at any moment.
 * @returns as `conclude`; without a terminal: somebody has claimed it, or holds it still.
 */
export function giveUp(ports: PublishPorts, source: Source): Promise<Source | undefined> {
  return conclude(ports, source, givenUp(), source.attempt);
}

export function givenUp(): Terminal {
  return {
    status: 'failure',
    code: GIVEN_UP,
    error: 'The source could not be processed, though it was tried several times. Please send it again later.',
  };
}
