import { RequestError } from '../domain/errors.ts';
import { CHANNEL_TTL_MS } from '../domain/limits.ts';
import type { Channel, Channels, Clock } from './ports.ts';
import { shardOf } from './shard-of.ts';
import { refusalOfOneMore, type UserLimits } from './user-limits.ts';

export interface RegisterChannelPorts {
  readonly channels: Channels;
  readonly clock: Clock;
  readonly shards: number;
  readonly limits: UserLimits;
}

export interface RegisterChannel {
  readonly wsUuid: string;
  readonly owner: string;
  readonly batchSize?: number;
}

/** Makes the channel, or keeps the caller's own alive. Throws RequestError `ws-uuid-not-yours` or `too-many-channels`. */
export async function registerChannel(
  { channels, clock, shards, limits }: RegisterChannelPorts,
  { wsUuid, owner, batchSize }: RegisterChannel,
): Promise<Channel> {
  const now = clock.now();
  const tooMany = await refusalOfOneMore(limits, 'channels', async (most) =>
    // One that is there is none more: whoever has it may go on with it.
    (await channels.get(wsUuid, now)) ? 0 : await channels.countOf(owner, now, most),
  );
  if (tooMany) throw tooMany;
  const channel = await channels.register(
    {
      wsUuid,
      owner,
      shard: shardOf(wsUuid, shards),
      expiresAt: now + CHANNEL_TTL_MS,
      ...(batchSize === undefined ? {} : { batchSize }),
    },
    now,
  );
  if (channel.owner !== owner) {
    throw new RequestError('ws-uuid-not-yours', 'This ws-uuid belongs to another user: generate a new one.');
  }
  return channel;
}
