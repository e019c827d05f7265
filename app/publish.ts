import type { ChannelEvent, Unnumbered } from '../domain/messages.ts';
import { receivedEvent, stepEvent, terminalEvent } from './events.ts';
import type { EventBus, Log, Publication, Source, Sources, SubscriberStarter } from './ports.ts';

export interface PublishPorts {
  readonly bus: EventBus;
  readonly subscribers: SubscriberStarter;
  readonly sources: Sources;
  readonly log: Log;
}

/** Throws when the bus does not answer or nobody could be woken: the caller decides whether that matters. */
export async function publish(
  ports: Pick<PublishPorts, 'bus' | 'subscribers'>,
  source: Source,
  kind: Publication['kind'],
  events: ReadonlyArray<{ readonly dedupeKey: string; readonly event: Unnumbered<ChannelEvent> }>,
): Promise<void> {
  let wake = false;
  for (const { dedupeKey, event } of events) {
    const { wsUuid, shard, batchSize, sourceUuid, generation } = source;
    const name = `${sourceUuid}#${generation}`;
    const published = await ports.bus.publish({ shard, wsUuid, batchSize, source: name, kind, dedupeKey, event });
    wake ||= published.wake;
  }
  if (wake) await ports.subscribers.start(source.shard);
}

export async function publishOpening(ports: PublishPorts, source: Source): Promise<void> {
  await publish(ports, source, 'opening', [
    { dedupeKey: 'step', event: stepEvent(source) },
    { dedupeKey: 'received', event: receivedEvent(source) },
  ]);
}

/**
 * Makes the stored terminal known. Its opening goes first, once more: had Redis been away at the start, or lost its data
 * since, the client would otherwise see an end without a beginning; where it is there, both are duplicates.
 */
export async function publishTerminal(ports: PublishPorts, source: Source): Promise<void> {
  await publishOpening(ports, source);
  await publish(ports, source, 'terminal', [{ dedupeKey: 'terminal', event: terminalEvent(source) }]);
  await ports.sources.markPublished(source);
}
