import { eachAtOnce } from './at-once.ts';
import { giveUp } from './conclude.ts';
import type { Channels, ProcessQueue, Source } from './ports.ts';
import { confirmTold, type PublishPorts, publishTerminal } from './publish.ts';
import { wasTold } from './told.ts';

export interface SweepSourcesPorts extends PublishPorts {
  readonly channels: Channels;
  readonly queue: ProcessQueue;
}

/** Asked for at once, beside those that this run has dealt with: the list is some moments old, and may name them still. */
const PAGE = 200;

/**
 * Asked for at the most. A run deals with some 700 a second, so that a list would have to be seven seconds old to name none
 * but them. In DynamoDB it comes from sixteen queries of so many, below half of the megabyte that one answer may have each.
 */
const MAX_ASKED_FOR = 5_000;

/** Each of them may need some calls to Redis. */
const AT_ONCE = 16;

/** A redriven source is looked at again in the next run, a minute later. */
const REDRIVEN_WITHIN_MS = 50_000;

/**
 * Of runs in which no message waits, one a minute. Where the account has no concurrency left, SQS has handed out a message
 * that no function was invoked with, and hides it for 330 s: each has been handed out twice more by then.
 */
const MAX_REDRIVES = 15;

/**
 * Deals with every source that is past its deadline: an open one is redriven in each run until it is claimed, and
 * failed when nobody does for a quarter of an hour; a terminal that is not in the history is published. Each is dealt with
 * once in a run; what fails makes room for what comes after it, and is tried again in the next run.
 * @param until begins nothing new after it.
 */
export async function sweepSources(ports: SweepSourcesPorts, until: number): Promise<void> {
  const seen = new Set<string>();
  const backlog = once(() => ports.queue.backlog());
  for (let more = true; more && ports.clock.now() < until; ) {
    const limit = Math.min(seen.size + PAGE, MAX_ASKED_FOR);
    const overdue = await ports.sources.overdue(ports.clock.now(), limit);
    const waiting = overdue.filter((sourceUuid) => !seen.has(sourceUuid));
    for (const sourceUuid of waiting) seen.add(sourceUuid);
    more = overdue.length === limit && waiting.length > 0;
    const atOnce = { clock: ports.clock, atOnce: AT_ONCE, until };
    await eachAtOnce(waiting, atOnce, (sourceUuid) => lookAfter(ports, sourceUuid, backlog, until));
  }
}

/** @param until to be looked at again then, should this fail: at once in the next run, and not in this one. */
async function lookAfter(ports: SweepSourcesPorts, sourceUuid: string, backlog: Backlog, until: number): Promise<void> {
  let source: Source | undefined;
  try {
    source = await ports.sources.get(sourceUuid);
    const now = ports.clock.now();
    if (source === undefined || source.deadline > now) return;
    if (source.expiresAt <= now) await ports.sources.shelve(source);
    else if (source.terminal) await confirmEnd(ports, source);
    else await pushOn(ports, source, backlog);
  } catch (error) {
    ports.log.warn('overdue-source-left', { sourceUuid, error });
    await (source && ports.sources.postpone(source, until, source.redriven))?.catch(() => undefined);
  }
}

/** Published for the first time, or looked for where it was put: Redis may have gone back to before it. */
async function confirmEnd(ports: SweepSourcesPorts, source: Source): Promise<void> {
  const { sourceUuid, wsUuid, published, correlationId } = source;
  const channel = published && (await ports.channels.get(wsUuid, ports.clock.now()));
  if (wasTold(channel, source)) {
    await confirmTold(ports, source);
    return await ports.sources.shelve(source);
  }
  if (await publishTerminal(ports, source)) return await ports.sources.shelve(source);
  ports.log.warn('terminal-published-late', { sourceUuid, wsUuid, again: published !== undefined, correlationId });
}

type Backlog = () => Promise<number>;

/** @param backlog where messages wait, a source that nobody has claimed is not lost: its turn comes. */
async function pushOn(ports: SweepSourcesPorts, source: Source, backlog: Backlog): Promise<void> {
  const { sourceUuid, attempt, redriven, queued, correlationId } = source;
  // Nobody was told that it was accepted. Should the request come again, it goes on from here.
  if (!queued) return await ports.sources.shelve(source);
  const deadline = ports.clock.now() + REDRIVEN_WITHIN_MS;
  if ((redriven > 0 || attempt === 0) && (await backlog()) > 0) {
    await ports.sources.postpone(source, deadline, redriven);
    return;
  }
  if (redriven >= MAX_REDRIVES) {
    // Claimed in the meantime, it has another deadline, and its turn is then.
    if ((await giveUp(ports, source))?.terminal === undefined) return;
    ports.log.error('source-given-up', { sourceUuid, attempt, correlationId });
    return;
  }
  await ports.queue.send(source);
  await ports.sources.postpone(source, deadline, redriven + 1);
  ports.log.warn('source-redriven', { sourceUuid, attempt, correlationId });
}

function once<T>(ask: () => Promise<T>): () => Promise<T> {
  let answer: Promise<T> | undefined;
  return () => {
    answer ??= ask();
    return answer;
  };
}
