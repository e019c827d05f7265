import { CHANNEL_TTL_MS } from '../domain/limits.ts';
import type { Channel, Channels, Clock, Source, Sources } from './ports.ts';

/**
 * What a channel stands for, as DynamoDB knows it: what was accepted on it and has not been over for longer than a channel
 * lives. Sources live longer, and a ws-uuid may be registered anew after its time, also by another user, who is not to be
 * told what was before. The list may be some moments old.
 */
export async function sourcesOfChannel(
  { channels, sources, clock }: { readonly channels: Channels; readonly sources: Sources; readonly clock: Clock },
  wsUuid: string,
): Promise<{ readonly channel: Channel | undefined; readonly sources: AsyncIterable<Source> }> {
  const now = clock.now();
  const recent = sources.ofChannel(wsUuid, now, now - CHANNEL_TTL_MS);
  const [channel, all] = await Promise.all([channels.get(wsUuid, now), recent]);
  const isOurs = ({ owner }: Source) => channel === undefined || owner === channel.owner;
  return { channel, sources: filtered(all, (source) => source.queued && isOurs(source)) };
}

async function* filtered(
  sources: AsyncIterable<Source>,
  isWanted: (source: Source) => boolean,
): AsyncGenerator<Source> {
  for await (const source of sources) if (isWanted(source)) yield source;
}
