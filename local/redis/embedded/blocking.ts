import type { Clock } from '../../clock.ts';
import type { Client } from './command.ts';
import type { Database } from './database.ts';
import { type Bytes, NULL_ARRAY, type Reply } from './reply.ts';

export interface BlockedRead {
  readonly client: Client;
  readonly keys: readonly Bytes[];
  /** 0: for ever. */
  readonly timeoutMs: number;
  /** @returns undefined while this key has nothing for the reader. MUST NOT throw: an error is a reply. */
  readonly retry: (key: Bytes) => Reply | undefined;
}

/**
 * Connections that wait for an entry. Per key they are served in the order in which they began to wait, and only
 * after the whole command or script that brought the entries has run.
 */
export class BlockedReaders {
  readonly #byKey = new Map<Bytes, Set<BlockedRead>>();
  readonly #byClient = new Map<Client, { read: BlockedRead; timer: AbortController }>();
  readonly #clock: Pick<Clock, 'sleep'>;

  constructor(clock: Pick<Clock, 'sleep'>) {
    this.#clock = clock;
  }

  get size(): number {
    return this.#byClient.size;
  }

  add(read: BlockedRead): void {
    const timer = new AbortController();
    this.#byClient.set(read.client, { read, timer });
    for (const key of read.keys) {
      const waiting = this.#byKey.get(key);
      if (waiting) waiting.add(read);
      else this.#byKey.set(key, new Set([read]));
    }
    if (read.timeoutMs > 0) void this.#expire(read, timer.signal);
  }

  /** The client is gone. */
  remove(client: Client): void {
    const blocked = this.#byClient.get(client);
    if (blocked === undefined) return;
    this.#byClient.delete(client);
    blocked.timer.abort();
    for (const key of blocked.read.keys) {
      const waiting = this.#byKey.get(key);
      waiting?.delete(blocked.read);
      if (waiting?.size === 0) this.#byKey.delete(key);
    }
  }

  /** Looks after the readers of every key that was touched since the last time. */
  serve(database: Database): void {
    while (database.touched.size > 0) {
      const keys = [...database.touched];
      database.touched.clear();
      for (const key of keys) {
        for (const read of [...(this.#byKey.get(key) ?? [])]) this.#tryToServe(read, key);
      }
    }
  }

  #tryToServe(read: BlockedRead, key: Bytes): void {
    const reply = read.retry(key);
    if (reply === undefined) return;
    this.remove(read.client);
    read.client.unblock(reply);
  }

  async #expire(read: BlockedRead, signal: AbortSignal): Promise<void> {
    await this.#clock.sleep(read.timeoutMs, signal);
    if (signal.aborted) return;
    this.remove(read.client);
    read.client.unblock(NULL_ARRAY);
  }
}
