import type {
  ChannelRef,
  Clock,
  EventBus,
  HistoryEntry,
  Publication,
  Published,
  ShardReader,
  ShardWatch,
} from '../../app/ports.ts';
import { CHANNEL_TTL_MS, HISTORY_EVENTS } from '../../domain/limits.ts';
import { doorbellsOf, leaseOf, watchOf } from './bus-shards.ts';
import {
  begin,
  type ChannelState,
  type Evicted,
  evict,
  foldResume,
  held,
  place,
  putCursor,
  ring,
  type Store,
  snapshot,
  viewOf,
  wake,
} from './bus-state.ts';

/** What `adapters/redis/` keeps in Redis, with the same rules, in this process. */
export interface MemoryBus {
  readonly bus: EventBus;
  readonly reader: ShardReader;
  readonly watch: ShardWatch;
  /** As when Redis comes back empty: channels, doorbells and leases are gone. */
  lose(): void;
  /** As when Redis evicts, or lets expire, one key of a channel or of its shard. */
  evict(at: ChannelRef, part: Evicted): void;
  /** @returns what takes the bus back to this moment: as when a replica takes over that had not heard of the rest. */
  snapshot(): () => void;
  /** All that the history of a channel holds, as nobody but a test may ask. */
  history(at: ChannelRef): readonly HistoryEntry[];
}

export function createMemoryBus({ clock }: { readonly clock: Clock }): MemoryBus {
  const store: Store = {
    now: () => clock.now(),
    channels: new Map(),
    shards: new Map(),
    epochs: 0,
    turns: 0,
    rings: 0,
  };
  return {
    bus: busOf(store),
    reader: { ...leaseOf(store), ...doorbellsOf(store, clock), ...channelsOf(store) },
    watch: watchOf(store),
    lose() {
      store.channels.clear();
      store.shards.clear();
    },
    evict: (at, part) => evict(store, at, part),
    snapshot: () => snapshot(store),
    history: (at) => [...(held(store, at)?.history ?? [])],
  };
}

function busOf(store: Store): EventBus {
  return {
    async publish(publication) {
      if (wentBack(store, publication) || lostAnEnd(store, publication)) store.channels.delete(publication.wsUuid);
      if (isUnopened(store, publication)) {
        const { epoch = '', seq = 0 } = held(store, publication) ?? {};
        return { outcome: 'unopened', epoch, seq, wake: wake(store, publication.shard) };
      }
      const channel = begin(store, publication);
      channel.expiresAt = store.now() + CHANNEL_TTL_MS;
      const { outcome, seq } = judge(channel, publication) ?? append(channel, publication, store.now());
      if (outcome === 'published') ring(store, publication);
      return { outcome, epoch: channel.epoch, seq, wake: wake(store, publication.shard) };
    },
    async open(listener, after) {
      const { connectionId, connectedAt } = listener;
      const channel = begin(store, listener);
      channel.expiresAt = store.now() + CHANNEL_TTL_MS;
      const to = place(channel, connectedAt, after);
      const cursor = channel.cursors.get(connectionId) ?? putCursor(store, channel, connectionId, to);
      if (after) cursor.resume = { to };
      ring(store, listener);
      return { wake: wake(store, listener.shard) };
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
    async ring(at) {
      ring(store, at);
      return { wake: wake(store, at.shard) };
    },
  };
}

/** An event that is known to stand in this very epoch, and does not: the numbers after it would be given out twice. */
function wentBack(store: Store, { known, source, ...at }: Publication): boolean {
  const channel = held(store, at);
  if (known === undefined || channel?.epoch !== known.epoch) return false;
  const terminal = endOf(channel, source);
  if (terminal) return known.dedupeKey === 'terminal' && terminal.isOwn && terminal.seq !== known.seq;
  return known.dedupeKey === 'terminal' || channel.open.get(source)?.seen.get(known.dedupeKey) !== known.seq;
}

/** It is sent again, so its upload before has ended, and here that is under way. */
function lostAnEnd(store: Store, { source, ...at }: Publication): boolean {
  const channel = held(store, at);
  if (!channel || endOf(channel, source)) return false;
  const { sourceUuid, generation } = nameOf(source);
  return (channel.current.get(sourceUuid) ?? generation) < generation;
}

function isUnopened(store: Store, { source, after, ...at }: Publication): boolean {
  const channel = held(store, at);
  return after !== undefined && !(channel && endOf(channel, source)) && !channel?.open.get(source)?.seen.has(after);
}

/** @returns what becomes of a publication that is not to be added, or undefined where it is. */
function judge(channel: ChannelState, { source, kind, dedupeKey, event }: Publication): Verdict | undefined {
  const open = channel.open.get(source);
  const seen = open?.seen.get(dedupeKey);
  if (seen !== undefined) return { outcome: 'duplicate', seq: seen };
  const terminal = endOf(channel, source);
  if (terminal !== undefined && kind === 'terminal') return { outcome: 'duplicate', seq: terminal.seq };
  const falls = 'stage' in event && event.progress < (open?.highest.get(event.stage) ?? 0);
  if (terminal !== undefined || (kind === 'progress' && falls)) return { outcome: 'refused', seq: channel.seq };
  return undefined;
}

type Verdict = Pick<Published, 'outcome' | 'seq'>;

function append(channel: ChannelState, publication: Publication, publishedAt: number): Verdict {
  const { source, kind, dedupeKey, batchSize, event, correlationId } = publication;
  channel.seq += 1;
  const { epoch, seq, history } = channel;
  const open = channel.open.get(source);
  const { sourceUuid, generation } = nameOf(source);
  if (!open && channel.complete > 0) {
    if (channel.complete === lastClosed(channel)) channel.ended = 0;
    channel.complete = 0;
  }
  if (kind === 'terminal') {
    channel.open.delete(source);
    const isSentAgain = (channel.terminals.get(sourceUuid)?.seq ?? 0) > lastClosed(channel);
    if (!isSentAgain) channel.ended += 1;
    channel.terminals.set(sourceUuid, { generation, seq });
    if (channel.current.get(sourceUuid) === generation) channel.current.delete(sourceUuid);
    if (channel.ended >= batchSize && channel.open.size === 0) channel.complete = seq;
  } else {
    const state = open ?? { seen: new Map(), highest: new Map() };
    channel.open.set(source, state);
    if (!channel.current.has(sourceUuid)) channel.current.set(sourceUuid, generation);
    state.seen.set(dedupeKey, seq);
    if ('stage' in event) state.highest.set(event.stage, event.progress);
  }
  const frame = JSON.stringify({ ...event, 'event-id': `${epoch}-${seq}` });
  history.push({ seq, frame, publishedAt, ...(correlationId !== undefined && { correlationId }) });
  if (history.length > HISTORY_EVENTS) history.shift();
  return { outcome: 'published', seq };
}

/** As many as fit into `bytes`, but one at least. */
function fitting(entries: readonly HistoryEntry[], bytes: number): readonly HistoryEntry[] {
  let left = bytes;
  const end = entries.findIndex(({ frame }, at) => {
    left -= Buffer.byteLength(frame);
    return at > 0 && left < 0;
  });
  return end < 0 ? entries : entries.slice(0, end);
}

function lastClosed({ floors }: ChannelState): number {
  return floors.at(-1)?.seq ?? 0;
}

/** Its own, or that of a later upload: then it has ended as well. */
function endOf(channel: ChannelState, source: string): { readonly seq: number; readonly isOwn: boolean } | undefined {
  const { sourceUuid, generation } = nameOf(source);
  const last = channel.terminals.get(sourceUuid);
  return last && last.generation >= generation ? { seq: last.seq, isOwn: last.generation === generation } : undefined;
}

function nameOf(source: string): { readonly sourceUuid: string; readonly generation: number } {
  const [sourceUuid = '', generation] = source.split('#');
  return { sourceUuid, generation: Number(generation) };
}

function channelsOf(
  store: Store,
): Pick<ShardReader, 'next' | 'moveCursor' | 'dropCursor' | 'closeRound' | 'markRestored'> {
  const inEpoch = (at: ChannelRef, epoch: string) => {
    const channel = held(store, at);
    return channel?.epoch === epoch ? channel : undefined;
  };
  return {
    async next({ connectionId, connectedAt, lastEventId, ...at }, count, bytes = Number.POSITIVE_INFINITY) {
      const channel = begin(store, at);
      const view = { ...viewOf(channel), firstHeld: channel.history[0]?.seq ?? channel.seq + 1 };
      if (!channel.restored) return { ...view, entries: [] };
      const existing = channel.cursors.get(connectionId);
      if (!existing) channel.expiresAt = store.now() + CHANNEL_TTL_MS;
      const state = existing ?? putCursor(store, channel, connectionId, place(channel, connectedAt, lastEventId));
      const cursor = foldResume(store, state);
      const entries = fitting(channel.history.filter(({ seq }) => seq > cursor.sent).slice(0, count), bytes);
      return { ...view, cursor, entries };
    },
    async moveCursor(at, connectionId, turn, sent) {
      const cursor = held(store, at)?.cursors.get(connectionId);
      if (cursor?.turn === turn && sent > (cursor.sent ?? -1)) cursor.sent = sent;
    },
    async dropCursor(at, connectionId) {
      held(store, at)?.cursors.delete(connectionId);
    },
    async closeRound(at, { epoch, seq }, now) {
      const channel = inEpoch(at, epoch);
      if (channel?.complete !== seq) return false;
      if (seq > lastClosed(channel)) channel.floors.push({ seq, at: now });
      return true;
    },
    async markRestored(at, epoch) {
      const channel = inEpoch(at, epoch);
      if (channel) channel.restored = true;
    },
  };
}
