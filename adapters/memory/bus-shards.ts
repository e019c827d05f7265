import type { Clock, ShardReader, ShardWatch } from '../../app/ports.ts';
import { liveLease, ringOrTimeout, type Store, shardOf, toDoorbell, unread } from './bus-state.ts';

/** What the ports of `event-bus.ts` ask of a shard as a whole: its lease, its doorbells, and the watch over both. */

export function leaseOf(store: Store): Pick<ShardReader, 'acquire' | 'renew' | 'release' | 'exitIfIdle'> {
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

export function doorbellsOf(store: Store, clock: Clock): Pick<ShardReader, 'reclaim' | 'read' | 'settle'> {
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

export function watchOf(store: Store): ShardWatch {
  return {
    async isUnserved(shard) {
      return liveLease(store, shard) === undefined && shardOf(store, shard).doorbells.size > 0;
    },
    async beginRecovery(shard, token) {
      const state = shardOf(store, shard);
      if (state.recovered === 'whole') return false;
      state.recovered = token;
      return true;
    },
    async endRecovery(shard, token) {
      const state = shardOf(store, shard);
      if (state.recovered === token) state.recovered = 'whole';
    },
  };
}
