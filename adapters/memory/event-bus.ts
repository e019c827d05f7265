import type { Clock, Cursor, EventBus, Publication, Published, ShardReader } from '../../app/ports.ts';
import { CHANNEL_TTL_MS, HISTORY_EVENTS } from '../../domain/limits.ts';
import {
  begin,
  type ChannelState,
  cursorOf,
  held,
  liveLease,
  place,
  putCursor,
  ring,
  ringOrTimeout,
  type Store,
  shardOf,
  toDoorbell,
  unread,
  wake,
} from './bus-state.ts';

/** What `adapters/redis/` keeps in Redis, with the same rules, in this process. */
export interface MemoryBus {
  readonly bus: EventBus;
  readonly reader: ShardReader;
  /** As when Redis comes back empty: channels, doorbells and leases are gone. */
  lose(): void;
}

export function createMemoryBus({ clock }: { readonly clock: Clock }): MemoryBus {
  const store: Store = { now: () => clock.now(), channels: new Map(), shards: new Map(), epochs: 0, rings: 0 };
  return {
    bus: busOf(store),
    reader: { ...leaseOf(store), ...doorbellsOf(store, clock), ...channelsOf(store) },
    lose() {
      store.channels.clear();
      store.shards.clear();
    },
  };
}

function busOf(store: Store): EventBus {
  return {
    async publish(publication) {
      const channel = begin(store, publication);
      channel.expiresAt = store.now() + CHANNEL_TTL_MS;
      const { outcome, seq } = judge(channel, publication) ?? append(channel, publication);
      if (outcome === 'published') ring(store, publication);
      return { outcome, epoch: channel.epoch, seq, wake: wake(store, publication.shard) };
    },
    async open(at, connectionId, after) {
      const channel = begin(store, at);
      channel.expiresAt = store.now() + CHANNEL_TTL_MS;
      const cursor = channel.cursors.get(connectionId);
      if (!cursor) putCursor(channel, connectionId, after);
      else if (after) cursor.resume = place(channel, after);
      ring(store, at);
      return { wake: wake(store, at.shard) };
    },
    async acknowledge(at, connectionId, { epoch, seq }) {
      const channel = held(store, at);
      const cursor = channel?.cursors.get(connectionId);
      const reached = Math.min(seq, channel?.seq ?? 0);
      if (cursor && channel?.epoch === epoch && reached > cursor.acknowledged) {
        cursor.acknowledged = reached;
        ring(store, at);
      }
      return { wake: wake(store, at.shard) };
    },
  };
}

/** @returns what becomes of a publication that is not to be added, or undefined where it is. */
function judge(channel: ChannelState, { source, kind, dedupeKey, event }: Publication): Verdict | undefined {
  const open = channel.open.get(source);
  const seen = open?.seen.get(dedupeKey);
  if (seen !== undefined) return { outcome: 'duplicate', seq: seen };
  const terminal = channel.terminals.get(source);
  if (terminal !== undefined && kind === 'terminal') return { outcome: 'duplicate', seq: terminal };
  const falls = 'stage' in event && event.progress < (open?.highest.get(event.stage) ?? 0);
  if (terminal !== undefined || (kind === 'progress' && falls)) return { outcome: 'refused', seq: channel.seq };
  return undefined;
}

type Verdict = Pick<Published, 'outcome' | 'seq'>;

function append(channel: ChannelState, { source, kind, dedupeKey, batchSize, event }: Publication): Verdict {
  channel.seq += 1;
  const { epoch, seq, history } = channel;
  const open = channel.open.get(source);
  if (!open && channel.complete > 0) {
    channel.complete = 0;
    channel.ended = 0;
  }
  if (kind === 'terminal') {
    channel.open.delete(source);
    channel.terminals.set(source, seq);
    channel.ended += 1;
    if (channel.ended >= batchSize && channel.open.size === 0) channel.complete = seq;
  } else {
    const state = open ?? { seen: new Map(), highest: new Map() };
    channel.open.set(source, state);
    state.seen.set(dedupeKey, seq);
    if ('stage' in event) state.highest.set(event.stage, event.progress);
  }
  history.push({ seq, frame: JSON.stringify({ ...event, 'event-id': `${epoch}-${seq}` }) });
  if (history.length > HISTORY_EVENTS) history.shift();
  return { outcome: 'published', seq };
}

function leaseOf(store: Store): Pick<ShardReader, 'acquire' | 'renew' | 'release' | 'exitIfIdle'> {
  const holder = (shard: number) => liveLease(store, shard)?.token;
  return {
    async acquire(shard, token, ttlMs) {
      const other = holder(shard);
      if (other !== undefined && other !== token) return false;
      shardOf(store, shard).lease = { token, until: store.now() + ttlMs };
      return true;
    },
    async renew(shard, token, ttlMs) {
      if (holder(shard) !== token) return false;
      shardOf(store, shard).lease = { token, until: store.now() + ttlMs };
      return true;
    },
    async release(shard, token) {
      if (holder(shard) === token) delete shardOf(store, shard).lease;
    },
    async exitIfIdle(shard, token) {
      const other = holder(shard);
      if (other !== undefined && other !== token) return false;
      const state = shardOf(store, shard);
      if (state.pending.size > 0 || unread(state).length > 0) return false;
      delete state.lease;
      return true;
    },
  };
}

function doorbellsOf(store: Store, clock: Clock): Pick<ShardReader, 'reclaim' | 'read' | 'settle'> {
  return {
    async reclaim(shard, _token, count, from = '0') {
      const { doorbells, pending } = shardOf(store, shard);
      const left = [...doorbells].filter(([id, { order }]) => pending.has(id) && order >= Number.parseInt(from, 10));
      const next = left[count]?.[0];
      return { doorbells: left.slice(0, count).map(toDoorbell), ...(next === undefined ? {} : { next }) };
    },
    async read(shard, _token, count, blockMs) {
      const waiting = shardOf(store, shard);
      if (unread(waiting).length === 0 && blockMs > 0) await ringOrTimeout(waiting, clock, blockMs);
      const state = shardOf(store, shard);
      const batch = unread(state).slice(0, count);
      for (const [id, { order }] of batch) {
        state.pending.add(id);
        state.lastRead = order;
      }
      return batch.map(toDoorbell);
    },
    async settle(shard, doorbellIds) {
      const state = shardOf(store, shard);
      for (const id of doorbellIds) {
        state.pending.delete(id);
        state.doorbells.delete(id);
      }
    },
  };
}

function channelsOf(
  store: Store,
): Pick<ShardReader, 'view' | 'history' | 'openCursor' | 'moveCursor' | 'dropCursor' | 'closeRound'> {
  return {
    async view(at) {
      const channel = held(store, at);
      const cursors = new Map<string, Cursor>();
      for (const [id, cursor] of channel?.cursors ?? []) cursors.set(id, cursorOf(cursor));
      return { epoch: channel?.epoch ?? '', seq: channel?.seq ?? 0, complete: channel?.complete ?? 0, cursors };
    },
    async history(at, after, count) {
      const entries = held(store, at)?.history ?? [];
      return entries.filter(({ seq }) => seq > after).slice(0, count);
    },
    async openCursor(at, connectionId, after) {
      const channel = begin(store, at);
      const state = channel.cursors.get(connectionId) ?? putCursor(channel, connectionId, after);
      const cursor = cursorOf(state);
      channel.cursors.set(connectionId, { ...cursor });
      return cursor;
    },
    async moveCursor(at, connectionId, sent) {
      const cursor = held(store, at)?.cursors.get(connectionId);
      if (cursor) cursor.sent = sent;
    },
    async dropCursor(at, connectionId) {
      held(store, at)?.cursors.delete(connectionId);
    },
    async closeRound(at, { epoch, seq }) {
      const channel = held(store, at);
      if (channel?.epoch === epoch) channel.floor = Math.max(channel.floor, seq);
    },
  };
}
