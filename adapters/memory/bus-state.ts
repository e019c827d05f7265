import type { ChannelRef, Clock, Cursor, Doorbell, HistoryEntry } from '../../app/ports.ts';
import type { EventId } from '../../domain/ids.ts';
import { CHANNEL_TTL_MS } from '../../domain/limits.ts';

/** The state behind `event-bus.ts`, and the steps that its two ports share. */

interface OpenSource {
  readonly seen: Map<string, number>;
  readonly highest: Map<string, number>;
}

interface CursorState {
  start: number;
  sent: number;
  acknowledged: number;
  /** Apart until the delivery next asks where it stands: the page that is in flight would move `sent` past it. */
  resume?: number;
}

export interface ChannelState {
  readonly epoch: string;
  seq: number;
  ended: number;
  complete: number;
  floor: number;
  expiresAt: number;
  readonly open: Map<string, OpenSource>;
  readonly terminals: Map<string, number>;
  readonly history: HistoryEntry[];
  readonly cursors: Map<string, CursorState>;
}

export interface ShardState {
  /** Rung and not settled, in order. */
  readonly doorbells: Map<string, { readonly order: number; readonly wsUuid: string }>;
  lastRead: number;
  readonly pending: Set<string>;
  readonly waiting: Set<() => void>;
  lease?: { readonly token: string; until: number };
}

export interface Store {
  readonly now: () => number;
  readonly channels: Map<string, ChannelState>;
  readonly shards: Map<number, ShardState>;
  epochs: number;
  /** Never starts again, not even after a loss: ids of Redis hold the time. */
  rings: number;
}

export function held(store: Store, { wsUuid }: ChannelRef): ChannelState | undefined {
  const channel = store.channels.get(wsUuid);
  return channel && channel.expiresAt > store.now() ? channel : undefined;
}

export function begin(store: Store, at: ChannelRef): ChannelState {
  const existing = held(store, at);
  if (existing) return existing;
  store.epochs += 1;
  const channel: ChannelState = {
    epoch: `memory${store.epochs}`,
    seq: 0,
    ended: 0,
    complete: 0,
    floor: 0,
    expiresAt: store.now() + CHANNEL_TTL_MS,
    open: new Map(),
    terminals: new Map(),
    history: [],
    cursors: new Map(),
  };
  store.channels.set(at.wsUuid, channel);
  return channel;
}

export function place(channel: ChannelState, after: EventId | undefined): number {
  if (!after) return channel.floor;
  return after.epoch === channel.epoch ? Math.min(after.seq, channel.seq) : 0;
}

export function putCursor(channel: ChannelState, connectionId: string, after: EventId | undefined): CursorState {
  const start = place(channel, after);
  const cursor = { start, sent: start, acknowledged: 0 };
  channel.cursors.set(connectionId, cursor);
  return cursor;
}

/** Where a connection stands, a resume that still waits included. */
export function cursorOf({ start, sent, acknowledged, resume }: CursorState): Cursor {
  return { start: resume ?? start, sent: resume ?? sent, acknowledged };
}

export function shardOf(store: Store, shard: number): ShardState {
  const existing = store.shards.get(shard);
  if (existing) return existing;
  const state: ShardState = {
    doorbells: new Map(),
    lastRead: 0,
    pending: new Set(),
    waiting: new Set(),
  };
  store.shards.set(shard, state);
  return state;
}

export function liveLease(store: Store, shard: number): ShardState['lease'] {
  const { lease } = shardOf(store, shard);
  return lease && lease.until > store.now() ? lease : undefined;
}

export function wake(store: Store, shard: number): boolean {
  return liveLease(store, shard) === undefined;
}

export function ring(store: Store, { shard, wsUuid }: ChannelRef): void {
  const state = shardOf(store, shard);
  store.rings += 1;
  state.doorbells.set(`${store.rings}-0`, { order: store.rings, wsUuid });
  for (const arrived of state.waiting) arrived();
}

export function unread(state: ShardState): [string, { readonly order: number; readonly wsUuid: string }][] {
  return [...state.doorbells].filter(([, { order }]) => order > state.lastRead);
}

export function toDoorbell([id, { wsUuid }]: [string, { readonly wsUuid: string }]): Doorbell {
  return { id, wsUuid };
}

export async function ringOrTimeout(state: ShardState, clock: Clock, ms: number): Promise<void> {
  const waited = new AbortController();
  const { promise: rung, resolve } = Promise.withResolvers<void>();
  state.waiting.add(resolve);
  await Promise.race([rung, clock.sleep(ms, waited.signal)]);
  state.waiting.delete(resolve);
  waited.abort();
}
