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

type BusPorts = Pick<PublishPorts, 'bus' | 'subscribers'>;
type Content = Pick<Publication, 'kind' | 'dedupeKey' | 'after' | 'known' | 'correlationId'> & {
  readonly event: Unnumbered<ChannelEvent>;
};

/** What was published is believed only when it was seen once more, this long after: a failover of Redis may lose its tail. */
const CONFIRM_MS = 60_000;

/** Redis would have to come back empty between two calls as many times. */
const MAX_BEGINNINGS = 5;

/**
 * Redis may come back empty between any two events: what has lost its predecessor is published from its beginning again.
 * Throws when the bus does not answer or nobody could be woken: the caller decides whether that matters.
 */
async function publish(ports: BusPorts, source: Source, last: Content): Promise<Published> {
  let { published, wake } = await publishAll(ports, source, [last]);
  for (let beginnings = 0; published.outcome === 'unopened'; beginnings++) {
    if (beginnings === MAX_BEGINNINGS) throw new Error('Redis does not keep what it is given.');
    const again = await publishAll(ports, source, [step(source), received(source), last]);
    published = again.published;
    wake ||= again.wake;
  }
  if (wake) await ports.subscribers.start(source.shard);
  return published;
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
  progress: Pick<Content, 'dedupeKey' | 'event'>,
): Promise<Published> {
  return await publish(ports, source, { kind: 'progress', after: 'received', ...progress });
}

export async function publishHeartbeat(ports: BusPorts, source: Source, dedupeKey: string): Promise<void> {
  await publish(ports, source, { kind: 'heartbeat', after: 'received', dedupeKey, event: heartbeatEvent(source) });
}

/** Puts the stored terminal into the history, if it is not there. @returns where it stands now. */
async function publishEnd(ports: BusPorts, source: Source): Promise<EventId> {
  const { published: known, correlationId } = source;
  const { epoch, seq } = await publish(ports, source, {
    kind: 'terminal',
    dedupeKey: 'terminal',
    after: 'received',
    event: terminalEvent(source),
    ...(known && { known }),
    ...(correlationId && { correlationId }),
  });
  return { epoch, seq };
}

/** Makes the stored terminal known, and notes where it stands. @returns true when it was noted there already. */
export async function publishTerminal(ports: PublishPorts, source: Source): Promise<boolean> {
  const event = await publishEnd(ports, source);
  const { published } = source;
  if (published?.epoch === event.epoch && published.seq === event.seq) return true;
  await ports.sources.markPublished(source, event, ports.clock.now() + CONFIRM_MS);
  return false;
}
