import { IdOrdered } from './id-ordered.ts';
import type { Bytes } from './reply.ts';
import type { Stream, StreamEntry } from './stream.ts';
import type { StreamId } from './stream-id.ts';

export interface Consumer {
  readonly name: Bytes;
  seenAt: number;
  pending: number;
}

/** An entry that was delivered and not acknowledged. */
export interface PendingEntry {
  readonly id: StreamId;
  consumer: Consumer;
  deliveredAt: number;
  deliveries: number;
}

export class ConsumerGroup {
  readonly name: Bytes;
  /** In the order of ids: a group delivers in that order, and nothing here sets it back. */
  readonly pending = new IdOrdered<PendingEntry>();
  readonly consumers = new Map<Bytes, Consumer>();
  lastDeliveredId: StreamId;
  /** undefined: not known, and not to be told from the ids alone. */
  entriesRead: number | undefined;

  constructor(name: Bytes, lastDeliveredId: StreamId) {
    this.name = name;
    this.lastDeliveredId = lastDeliveredId;
  }

  consumer(name: Bytes, now: number): Consumer {
    let consumer = this.consumers.get(name);
    if (consumer === undefined) {
      consumer = { name, seenAt: now, pending: 0 };
      this.consumers.set(name, consumer);
    }
    return consumer;
  }

  /** Hands the next new entries of the stream to the consumer. */
  deliver(stream: Stream, consumer: Consumer, count: number, now: number): StreamEntry[] {
    const delivered: StreamEntry[] = [];
    const { entries } = stream;
    for (let index = entries.indexFrom(this.lastDeliveredId + 1n); index < entries.length; index += 1) {
      if (delivered.length >= count) break;
      const entry = entries.at(index)!;
      this.#countRead(stream, entry.id);
      this.lastDeliveredId = entry.id;
      this.pending.append({ id: entry.id, consumer, deliveredAt: now, deliveries: 1 });
      consumer.pending += 1;
      delivered.push(entry);
    }
    return delivered;
  }

  acknowledge(id: StreamId): boolean {
    const entry = this.pending.get(id);
    if (entry === undefined) return false;
    entry.consumer.pending -= 1;
    return this.pending.delete(id);
  }

  give(entry: PendingEntry, consumer: Consumer, now: number): void {
    entry.consumer.pending -= 1;
    consumer.pending += 1;
    entry.consumer = consumer;
    entry.deliveredAt = now;
    entry.deliveries += 1;
  }

  /** @returns how many pending entries went with it. */
  removeConsumer(name: Bytes): number {
    const consumer = this.consumers.get(name);
    if (consumer === undefined) return 0;
    const { pending } = consumer;
    if (pending > 0) {
      const ids = [...this.pending.from(0n)].filter((entry) => entry.consumer === consumer).map((entry) => entry.id);
      for (const id of ids) this.pending.delete(id);
    }
    this.consumers.delete(name);
    return pending;
  }

  /** How many entries of the stream this group has not read; undefined where that cannot be told. */
  lag(stream: Stream): number | undefined {
    if (stream.entriesAdded === 0) return 0;
    const counted = this.entriesRead !== undefined && !stream.hasTombstonesFrom(this.lastDeliveredId);
    const read = counted ? this.entriesRead : stream.distanceFromFirstEver(this.lastDeliveredId);
    return read === undefined ? undefined : stream.entriesAdded - read;
  }

  #countRead(stream: Stream, id: StreamId): void {
    if (this.entriesRead !== undefined && !stream.hasTombstonesFrom(id)) this.entriesRead += 1;
    else this.entriesRead = stream.distanceFromFirstEver(id);
  }
}
