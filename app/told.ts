import type { Channel, Source } from './ports.ts';

/** Its terminal was delivered to a socket that was closed for it: a new connection is not to be handed it again. */
export function wasTold(channel: Channel | undefined, { published }: Source): boolean {
  return published !== undefined && (channel?.closed[published.epoch] ?? 0) >= published.seq;
}
