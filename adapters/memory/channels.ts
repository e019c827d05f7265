import type { Channel, Channels } from '../../app/ports.ts';
import { CHANNEL_KEPT_MS } from '../../domain/limits.ts';
import { type Faults, withFaults } from './faults.ts';

export function createMemoryChannels(): Channels & Faults<Channels> {
  const stored = new Map<string, Channel>();

  const at = (wsUuid: string, now: number): Channel | undefined => {
    const channel = stored.get(wsUuid);
    return channel && channel.expiresAt > now ? channel : undefined;
  };

  return withFaults<Channels>({
    async register(channel, now) {
      const existing = at(channel.wsUuid, now - CHANNEL_KEPT_MS);
      if (existing && existing.owner !== channel.owner) return existing;
      const registered: Channel = {
        ...channel,
        shard: existing?.shard ?? channel.shard,
        batchSize: channel.batchSize ?? existing?.batchSize ?? 1,
        closed: existing?.closed ?? {},
        expiresAt: wholeSecond(channel.expiresAt),
      };
      stored.set(channel.wsUuid, registered);
      return registered;
    },
    async get(wsUuid, now) {
      return at(wsUuid, now);
    },
    async countOf(owner, now, most) {
      const alive = [...stored.values()].filter((channel) => channel.owner === owner && channel.expiresAt > now);
      return Math.min(alive.length, most);
    },
    async closeRound(wsUuid, { epoch, seq }) {
      const channel = stored.get(wsUuid);
      if (!channel || (channel.closed[epoch] ?? -1) >= seq) return;
      stored.set(wsUuid, { ...channel, closed: { ...channel.closed, [epoch]: seq } });
    },
  });
}

/** Expiry times are kept in whole seconds, rounded up, as DynamoDB's TTL wants them. */
export function wholeSecond(ms: number): number {
  return Math.ceil(ms / 1000) * 1000;
}
