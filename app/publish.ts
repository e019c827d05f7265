import type { EventId } from '../domain/ids.ts';
import type { ChannelEvent, Unnumbered } from '../domain/messages.ts';
import { heartbeatEvent, receivedEvent, stepEvent, terminalEvent } from './events.ts';
import type {
  Clock,
  EventBus,
  Log,
  Metrics,
  Publication,
  Published,
  Source,
  Sources,
  SubscriberStarter,
} from './ports.ts';

export interface PublishPorts {
  readonly bus: EventBus;
  readonly subscribers: SubscriberStarter;
  readonly sources: Sources;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
}

/** All that it takes to say something of a source which has not ended. */
export type ReportPorts = Pick<PublishPorts, 'bus' | 'subscribers' | 'sources' | 'clock' | 'log'>;

type BusPorts = Pick<PublishPorts, 'bus' | 'subscribers' | 'sources'>;
type Content = Pick<Publication, 'kind' | 'dedupeKey' | 'after' | 'known' | 'correlationId'> & {
  readonly event: Unnumbered<ChannelEvent>;
};

/** What was published is believed only when it was seen once more, this long after: a failover of Redis may lose its tail. */
const CONFIRM_MS = 60_000;

/** Redis would have to come back empty between two calls as many times. */
const MAX_BEGINNINGS = 5;

/**
 * Redis may come back empty between any two events: what has lost its predecessor is published from its beginning again, but
 * not where the source has ended meanwhile, since whoever ended it says so, or has.
 * Throws when the bus does not answer or nobody could be woken: the caller decides whether that matters.
 */
async function publish(ports: BusPorts, source: Source, last: Content): Promise<Published> {
  let { published, wake } = await publishAll(ports, source, [last]);
  for (let beginnings = 0; published.outcome === 'unopened'; beginnings++) {
    if (beginnings === MAX_BEGINNINGS) throw new Error('Redis does not keep what it is given.');
    if (last.kind !== 'terminal' && (await hasEnded(ports, source))) return { ...published, outcome: 'refused' };
    const again = await publishAll(ports, source, [step(source), received(source), last]);
    published = again.published;
    wake ||= again.wake;
  }
  if (wake) await ports.subscribers.start(source.shard);
  return published;
}

async function hasEnded({ sources }: BusPorts, { sourceUuid, generation }: Source): Promise<boolean> {
  const stored = await sources.get(sourceUuid);
  return stored !== undefined && (stored.generation !== generation || stored.terminal !== undefined);
}

/** Stops at the first that has lost its predecessor. */
async function publishAll({ bus }: BusPorts, source: Source, contents: readonly Content[]) {
  const { wsUuid, shard, batchSize, sourceUuid, generation } = source;
  const name = `${sourceUuid}#${generation}`;
  let published: Published | undefined;
  let wake = false;
  for (const content of contents) {
    published = await bus.publish({ shard, wsUuid, batchSize, source: name, ...content });
    wake ||= published.wake;
    if (published.outcome === 'unopened') break;
  }
  return { published: published!, wake };
}

const TERMINAL = 'terminal';

/** The dedupe key of no event: what has to stand after it is never added. */
const NEVER_PUBLISHED = 'never';

const step = (source: Source): Content => ({ kind: 'opening', dedupeKey: 'step', event: stepEvent(source) });

const received = (source: Source): Content => ({
  kind: 'opening',
  dedupeKey: 'received',
  after: 'step',
  event: receivedEvent(source),
});

export async function publishOpening(ports: BusPorts, source: Source): Promise<void> {
  await publish(ports, source, received(source));
}

/** @returns what became of it: progress of an attempt that is not as far as an earlier one was is refused. */
export async function publishProgress(
  ports: BusPorts,
  source: Source,
  progress: Pick<Content, 'dedupeKey' | 'event' | 'known'>,
): Promise<Published> {
  return await publish(ports, source, { kind: 'progress', after: 'received', ...progress });
}

export async function publishHeartbeat(ports: BusPorts, source: Source, dedupeKey: string): Promise<void> {
  await publish(ports, source, { kind: 'heartbeat', after: 'received', dedupeKey, event: heartbeatEvent(source) });
}

/** Puts the stored terminal into the history, if it is not there. @returns where it stands now. */
async function publishEnd(ports: BusPorts, source: Source): Promise<EventId> {
  const { epoch, seq } = await publish(ports, source, terminal(source));
  return { epoch, seq };
}

function terminal(source: Source): Content {
  const { published: known, correlationId } = source;
  return {
    kind: 'terminal',
    dedupeKey: TERMINAL,
    after: 'received',
    event: terminalEvent(source),
    ...(known && { known: { ...known, dedupeKey: TERMINAL } }),
    ...(correlationId && { correlationId }),
  };
}

/**
 * Looks whether the terminal is where it was put, and adds nothing. Should the epoch have lost it, in which it was told to
 * somebody, the channel begins another one: its delivery brings back what others of its sockets were not told.
 */
export async function confirmTold(ports: BusPorts, source: Source): Promise<void> {
  const { wsUuid, shard } = source;
  const { published } = await publishAll(ports, source, [{ ...terminal(source), after: NEVER_PUBLISHED }]);
  if (published.outcome !== 'unopened') return;
  const { wake } = await ports.bus.ring({ shard, wsUuid });
  if (wake) await ports.subscribers.start(shard);
}

/** Makes the stored terminal known, and notes where it stands. @returns true when it was noted there already. */
export async function publishTerminal(ports: PublishPorts, source: Source): Promise<boolean> {
  const event = await publishEnd(ports, source);
  const { published } = source;
  if (published?.epoch === event.epoch && published.seq === event.seq) return true;
  await ports.sources.markPublished(source, event, ports.clock.now() + CONFIRM_MS);
  return false;
}
