import type { ChannelRef, ChannelView, Clock, Cursor, Doorbell, HistoryEntry } from '../../app/ports.ts';
import type { EventId } from '../../domain/ids.ts';
import { CHANNEL_TTL_MS } from '../../domain/limits.ts';

/** The state behind `event-bus.ts`, and the steps that its two ports share. */

interface OpenSource {
  readonly seen: Map<string, number>;
  readonly highest: Map<string, number>;
}

/** Undefined: what the connection has is not here, and there is a gap. */
type Place = number | undefined;

interface CursorState {
  start: number;
  sent: Place;
  acknowledged: number;
  turn: string;
  /** Apart until the delivery next asks where it stands: the page that is in flight would move `sent` past it. */
  resume?: { readonly to: Place };
}

export interface ChannelState {
  readonly epoch: string;
  seq: number;
  ended: number;
  complete: number;
  /** The rounds that were closed, and when. */
  readonly floors: Array<{ readonly seq: number; readonly at: number }>;
  restored: boolean;
  expiresAt: number;
  readonly open: Map<string, OpenSource>;
  /** The generation of each source-uuid that is under way. */
  readonly current: Map<string, number>;
  /** The last of each source-uuid. */
  readonly terminals: Map<string, { readonly generation: number; readonly seq: number }>;
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
  /** The token of a recovery that is under way, or `whole`: nothing was lost since the last one. */
  recovered?: string;
}

export interface Store {
  readonly now: () => number;
  channels: Map<string, ChannelState>;
  shards: Map<number, ShardState>;
  epochs: number;
  turns: number;
  /** Never starts again, not even after a loss: ids of Redis hold the time. */
  rings: number;
}

/** @returns what brings the store back to how it is now. Whoever waits for a doorbell goes on waiting. */
export function snapshot(store: Store): () => void {
  const copyShard = ({ waiting, ...state }: ShardState): ShardState => ({ ...structuredClone(state), waiting });
  const copy = ({ channels, shards }: Pick<Store, 'channels' | 'shards'>) => ({
    channels: structuredClone(channels),
    shards: new Map([...shards].map(([shard, state]) => [shard, copyShard(state)])),
  });
  const then = copy(store);
  return () => {
    Object.assign(store, copy(then));
  };
}

export type Evicted = 'channel' | 'history' | 'cursors' | 'doorbell' | 'lease' | 'recovered';

export function evict(store: Store, at: ChannelRef, part: Evicted): void {
  const shard = shardOf(store, at.shard);
  const channel = held(store, at);
  if (part === 'channel') store.channels.delete(at.wsUuid);
  if (part === 'history') channel?.history.splice(0);
  if (part === 'cursors') channel?.cursors.clear();
  if (part === 'lease') delete shard.lease;
  if (part === 'recovered') delete shard.recovered;
  if (part === 'doorbell') {
    shard.doorbells.clear();
    shard.pending.clear();
  }
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
    floors: [],
    restored: false,
    expiresAt: store.now() + CHANNEL_TTL_MS,
    open: new Map(),
    current: new Map(),
    terminals: new Map(),
    history: [],
    cursors: new Map(),
  };
  store.channels.set(at.wsUuid, channel);
  return channel;
}

export function viewOf({ epoch, seq, complete, restored }: ChannelState): ChannelView {
  return { epoch, seq, complete, restored };
}

export function place(channel: ChannelState, connectedAt: number, after: EventId | undefined): Place {
  if (!after) return channel.floors.findLast(({ at }) => at <= connectedAt)?.seq ?? 0;
  return after.epoch === channel.epoch && after.seq <= channel.seq ? after.seq : undefined;
}

export function putCursor(store: Store, channel: ChannelState, connectionId: string, to: Place): CursorState {
  const cursor = { start: to ?? 0, sent: to, acknowledged: 0, turn: nextTurn(store) };
  channel.cursors.set(connectionId, cursor);
  return cursor;
}

/** From here on a resume that waited holds. */
export function foldResume(store: Store, cursor: CursorState): Cursor {
  const { resume } = cursor;
  if (resume) {
    cursor.start = Math.min(cursor.start, resume.to ?? 0);
    cursor.sent = resume.to;
    cursor.turn = nextTurn(store);
    delete cursor.resume;
  }
  const { start, sent, acknowledged, turn } = cursor;
  return { start, sent: sent ?? 0, acknowledged, gap: sent === undefined, turn };
}

function nextTurn(store: Store): string {
  store.turns += 1;
  return `turn ${store.turns}`;
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
