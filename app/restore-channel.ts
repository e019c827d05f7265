import { sourcesOfChannel } from './channel-sources.ts';
import type { ChannelRef, Channels, ShardReader } from './ports.ts';
import { type PublishPorts, publishOpening, publishTerminal } from './publish.ts';
import { wasTold } from './told.ts';

export interface RestoreChannelPorts extends PublishPorts {
  readonly channels: Channels;
  readonly reader: ShardReader;
}

export interface Restoration {
  readonly epoch: string;
  /** When the oldest connection of the channel was opened: what ended after that may have been told to others only. */
  readonly listeningSince: number;
}

/**
 * Brings a new epoch up to what DynamoDB knows of the channel: for a channel that is new, nothing; where Redis lost its
 * data, the opening of each source and the terminals. What was told before stays out: nobody who comes without an event-id
 * is to be handed it, and whoever comes with one is shown it after a gap. Safe to repeat, and beside workers that
 * publish: all of it dedupes.
 */
export async function restoreChannel(
  ports: RestoreChannelPorts,
  at: ChannelRef,
  { epoch, listeningSince }: Restoration,
): Promise<void> {
  const { channel, sources } = await sourcesOfChannel(ports, at.wsUuid);
  let lost = 0;
  for await (const source of sources) {
    if (wasTold(channel, source) && source.endedAt! < listeningSince) continue;
    if (source.published && source.published.epoch !== epoch) lost++;
    if (source.terminal) await publishTerminal(ports, source);
    else if (source.attempt > 0) await publishOpening(ports, source); // else its worker says so, when it begins
  }
  if (lost > 0) ports.log.warn('channel-restored', { wsUuid: at.wsUuid, lost });
  await ports.reader.markRestored(at, epoch);
}
