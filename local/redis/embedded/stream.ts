import type { ConsumerGroup } from './consumer-group.ts';
import { IdOrdered } from './id-ordered.ts';
import { type Bytes, CommandError } from './reply.ts';
import { MAX_ID, MIN_ID, msOf, type StreamId, streamId } from './stream-id.ts';

export interface StreamEntry {
  readonly id: StreamId;
  /** Field, value, field, value … */
  readonly fields: readonly Bytes[];
}

/** What XADD may be told about the id: all of it, its milliseconds only (`5-*`), or nothing (`*`). */
export type WantedId = { readonly id: StreamId } | { readonly ms: bigint } | undefined;

export class Stream {
  readonly entries = new IdOrdered<StreamEntry>();
  readonly groups = new Map<Bytes, ConsumerGroup>();
  lastId: StreamId = MIN_ID;
  maxDeletedId: StreamId = MIN_ID;
  /** Counts deleted entries too. */
  entriesAdded = 0;

  /** The id that an entry added now would have. Throws when there is none that is greater than the last one. */
  nextId(wanted: WantedId, now: number): StreamId {
    if (this.lastId === MAX_ID) {
      throw new CommandError('ERR The stream has exhausted the last possible ID, unable to add more items');
    }
    if (wanted === undefined) {
      const id = streamId(BigInt(now), 0n);
      return id > this.lastId ? id : this.lastId + 1n;
    }
    if ('ms' in wanted && wanted.ms === msOf(this.lastId) && msOf(this.lastId + 1n) === wanted.ms) {
      return this.lastId + 1n;
    }
    const id = 'id' in wanted ? wanted.id : streamId(wanted.ms, 0n);
    if (id <= this.lastId) {
      throw new CommandError('ERR The ID specified in XADD is equal or smaller than the target stream top item');
    }
    return id;
  }

  add(id: StreamId, fields: readonly Bytes[]): void {
    this.entries.append({ id, fields });
    this.lastId = id;
    this.entriesAdded += 1;
  }

  delete(id: StreamId): boolean {
    if (!this.entries.delete(id)) return false;
    if (id > this.maxDeletedId) this.maxDeletedId = id;
    return true;
  }

  /** Exact where Redis with `~` may keep more: both are within what `~` promises. */
  trim(maxLength: number): number {
    const surplus = Math.max(0, this.entries.length - maxLength);
    if (surplus > 0) this.entries.dropFirst(surplus);
    return surplus;
  }

  range(start: StreamId, end: StreamId, count: number): StreamEntry[] {
    const found: StreamEntry[] = [];
    for (let index = this.entries.indexFrom(start); index < this.entries.length && found.length < count; index += 1) {
      const entry = this.entries.at(index)!;
      if (entry.id > end) break;
      found.push(entry);
    }
    return found;
  }

  reverseRange(start: StreamId, end: StreamId, count: number): StreamEntry[] {
    const found: StreamEntry[] = [];
    const after = end === MAX_ID ? this.entries.length : this.entries.indexFrom(end + 1n);
    for (let index = after - 1; index >= 0 && found.length < count; index -= 1) {
      const entry = this.entries.at(index)!;
      if (entry.id < start) break;
      found.push(entry);
    }
    return found;
  }

  /** Whether an entry at or after `id` was deleted one by one: then nobody can say how many lie behind it. */
  hasTombstonesFrom(id: StreamId): boolean {
    return this.entries.length > 0 && this.maxDeletedId !== MIN_ID && id <= this.maxDeletedId;
  }

  /** How many entries were ever added up to `id`, where that can be told without having counted them. */
  distanceFromFirstEver(id: StreamId): number | undefined {
    if (this.entriesAdded === 0) return 0;
    const first = this.entries.first;
    if (first === undefined && id <= this.lastId) return this.entriesAdded;
    if (id === this.lastId) return this.entriesAdded;
    if (id > this.lastId || first === undefined) return undefined;
    if (this.maxDeletedId !== MIN_ID && this.maxDeletedId >= first.id) return undefined;
    if (id < first.id) return this.entriesAdded - this.entries.length;
    return id === first.id ? this.entriesAdded - this.entries.length + 1 : undefined;
  }
}
