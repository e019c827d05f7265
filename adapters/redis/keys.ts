import type { ChannelRef } from '../../app/ports.ts';

/**
 * The keys of one shard. The hash tag is `{shard-<n>}`, so that every key of a shard lies in one slot and a script may
 * touch several of them.
 */

/** The one consumer group of a doorbell. Its consumers are named by the token of the lease under which they read. */
export const GROUP = 'subscriber';

/** Stream of ws-uuids: one entry for each thing that has to be looked at. Never expires. */
export function doorbellKey(shard: number): string {
  return `{shard-${shard}}:doorbell`;
}

/** The token of the subscriber that serves the shard, with a time to live. */
export function leaseKey(shard: number): string {
  return `{shard-${shard}}:lease`;
}

/** The token of a recovery that is under way, or `whole`: nothing was lost since the last one. */
export function recoveredKey(shard: number): string {
  return `{shard-${shard}}:recovered`;
}

/**
 * Hash: `epoch`, `seq`, `restored`; `open`, `ended` and `complete` for the round; `floors`, a line `<seq>@<when>` for each
 * round that was closed; for each source-uuid `ended:<source-uuid>`, `<generation>:<seq>` of its last terminal; and while one is
 * open, `current:<source-uuid>` (its generation), `open:<source>` (the names of the fields to remove at its terminal),
 * `seen:<source>:<dedupe key>` (a seq) and `stage:<source>:<stage>` (the highest progress). `left:…` as `closeRound` has it.
 */
export function channelKey({ shard, wsUuid }: ChannelRef): string {
  return `{shard-${shard}}:channel:${wsUuid}`;
}

/** Stream with ids `<seq>-0` and one field, `frame`: the message as it goes out. */
export function historyKey({ shard, wsUuid }: ChannelRef): string {
  return `{shard-${shard}}:history:${wsUuid}`;
}

/**
 * Hash: for each connection `<id>:start`, `<id>:sent` (the subscriber's; -1: a gap), `<id>:acknowledged` (the client's), `<id>:turn` and, from a
 * resume until the delivery next asks for its cursor, `<id>:resume`. Fields of their own, so that no writer undoes another's.
 */
export function cursorKey({ shard, wsUuid }: ChannelRef): string {
  return `{shard-${shard}}:cursor:${wsUuid}`;
}
