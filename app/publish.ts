import type { EventId } from '../domain/ids.ts';
import type { ChannelEvent, Unnumbered } from '../domain/messages.ts';
import { receivedEvent, stepEvent, terminalEvent } from './events.ts';
import type { Clock, EventBus, Log, Publication, Published, Source, Sources, SubscriberStarter } from './ports.ts';

export interface PublishPorts {
  readonly bus: EventBus;
  readonly subscribers: SubscriberStarter;
  readonly sources: Sources;
  readonly clock: Clock;
  readonly log: Log;
}

type BusPorts = Pick<PublishPorts, 'bus' | 'subscribers'>;
type Content = Pick<Publication, 'kind' | 'dedupeKey' | 'known'> & { readonly event: Unnumbered<ChannelEvent> };

/** What was published is believed only when it was seen once more, this long after: a failover of Redis may lose its tail. */
const CONFIRM_MS = 60_000;

/** Throws when the bus does not answer or nobody could be woken: the caller decides whether that matters. */
async function publish(
  { bus, subscribers }: BusPorts,
  source: Source,
  contents: readonly Content[],
): Promise<Published> {
  const { wsUuid, shard, batchSize, sourceUuid, generation } = source;
  const name = `${sourceUuid}#${generation}`;
  let last: Published | undefined;
  let wake = false;
  for (const content of contents) {
    last = await bus.publish({ shard, wsUuid, batchSize, source: name, ...content });
    wake ||= last.wake;
  }
  if (wake) await subscribers.start(shard);
  return last!;
}

function opening(source: Source): Content[] {
  return [
    { kind: 'opening', dedupeKey: 'step', event: stepEvent(source) },
    { kind: 'opening', dedupeKey: 'received', event: receivedEvent(source) },
  ];
}

export async function publishOpening(ports: BusPorts, source: Source): Promise<void> {
  await publish(ports, source, opening(source));
}

/** Where Redis came back empty, the opening goes first once more. */
export async function publishProgress(
  ports: BusPorts,
  source: Source,
  progress: Pick<Content, 'dedupeKey' | 'event'>,
): Promise<void> {
  const content: Content = { kind: 'progress', ...progress };
  const { outcome } = await publish(ports, source, [content]);
  if (outcome === 'unopened') await publish(ports, source, [...opening(source), content]);
}

/**
 * Puts the stored terminal into the history. Its opening goes first, once more: had Redis been away at the start, or lost
 * its data since, the client would otherwise see an end without a beginning; where it is there, both are duplicates.
 * @returns where it stands now.
 */
export async function publishEnd(ports: BusPorts, source: Source): Promise<EventId> {
  const end: Content = { kind: 'terminal', dedupeKey: 'terminal', event: terminalEvent(source) };
  const contents = [...opening(source), end];
  const { published: known } = source;
  const { epoch, seq } = await publish(ports, source, known ? contents.map((each) => ({ ...each, known })) : contents);
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
