import type { ChannelRef, Channels, ShardReader, Source } from './ports.ts';
import { type PublishPorts, publishEnd, publishOpening, publishTerminal } from './publish.ts';
import { wasTold } from './told.ts';

export interface RestoreChannelPorts extends PublishPorts {
  readonly channels: Channels;
  readonly reader: ShardReader;
}

/**
 * Brings a new epoch up to what DynamoDB knows of the channel: for a channel that is new, nothing; where Redis lost its
 * data, the opening of each source and the terminals. What was told comes first and is a closed round again, so that
 * nobody who comes without an event-id is handed it. Safe to repeat, and beside workers that publish: all of it dedupes.
 */
export async function restoreChannel(ports: RestoreChannelPorts, at: ChannelRef, epoch: string): Promise<void> {
  const now = ports.clock.now();
  const [channel, all] = await Promise.all([
    ports.channels.get(at.wsUuid, now),
    ports.sources.ofChannel(at.wsUuid, now),
  ]);
  const accepted = all.filter(({ queued }) => queued);
  const told = accepted.filter((source) => wasTold(channel, source));
  const lost = accepted.filter(({ published }) => published && published.epoch !== epoch).length;
  if (lost > 0) ports.log.warn('channel-restored', { wsUuid: at.wsUuid, sources: accepted.length, lost });
  await restoreTold(ports, at, told);
  for (const source of accepted) {
    if (told.includes(source)) continue;
    if (source.terminal) await publishTerminal(ports, source);
    else if (source.attempt > 0) await publishOpening(ports, source); // else its worker says so, when it begins
  }
  await ports.reader.markRestored(at, epoch);
}

/** Their new places are noted last: until then, by the old ones, they count as told. */
async function restoreTold(ports: RestoreChannelPorts, at: ChannelRef, told: readonly Source[]): Promise<void> {
  for (const source of told) {
    const end = await publishEnd(ports, source);
    await ports.reader.closeRound(at, end);
    await ports.channels.closeRound(at.wsUuid, end);
    await ports.sources.markPublished(source, end, ports.clock.now());
  }
}
