import { wrongType } from './errors.ts';
import type { Bytes } from './reply.ts';
import { Stream } from './stream.ts';

export type Hash = Map<Bytes, Bytes>;
export type Value = Bytes | Hash | Stream;

/** The keys, their values and when they expire. A key whose time has come is gone at its next touch, or at the next sweep. */
export class Database {
  readonly #values = new Map<Bytes, Value>();
  readonly #expiries = new Map<Bytes, number>();
  readonly #readClock: () => number;
  #now: number;
  /** Streams that got an entry, and keys that went, since blocked readers were last looked after. */
  readonly touched = new Set<Bytes>();

  constructor(readClock: () => number) {
    this.#readClock = readClock;
    this.#now = readClock();
  }

  /** The time stands still while a command or a script runs. */
  get now(): number {
    return this.#now;
  }

  takeTime(): void {
    this.#now = this.#readClock();
  }

  get size(): number {
    return this.#values.size;
  }

  get volatileKeys(): number {
    return this.#expiries.size;
  }

  keys(): Bytes[] {
    this.sweep(Number.POSITIVE_INFINITY);
    return [...this.#values.keys()];
  }

  get(key: Bytes): Value | undefined {
    const expiresAt = this.#expiries.get(key);
    if (expiresAt !== undefined && expiresAt <= this.#now) {
      this.delete(key);
      return undefined;
    }
    return this.#values.get(key);
  }

  string(key: Bytes): Bytes | undefined {
    const value = this.get(key);
    if (value === undefined || typeof value === 'string') return value;
    throw wrongType();
  }

  hash(key: Bytes): Hash | undefined {
    const value = this.get(key);
    if (value === undefined || value instanceof Map) return value;
    throw wrongType();
  }

  stream(key: Bytes): Stream | undefined {
    const value = this.get(key);
    if (value === undefined || value instanceof Stream) return value;
    throw wrongType();
  }

  /** Keeps the expiry that the key has. */
  set(key: Bytes, value: Value): void {
    if (this.#values.get(key) instanceof Stream) this.touched.add(key);
    this.#values.set(key, value);
  }

  delete(key: Bytes): boolean {
    const value = this.#values.get(key);
    if (value === undefined) return false;
    this.#values.delete(key);
    this.#expiries.delete(key);
    if (value instanceof Stream) this.touched.add(key);
    return true;
  }

  clear(): void {
    for (const key of [...this.#values.keys()]) this.delete(key);
  }

  expiresAt(key: Bytes): number | undefined {
    return this.#expiries.get(key);
  }

  /** The key MUST exist. A time that has passed deletes it at once. */
  expireAt(key: Bytes, time: number): void {
    if (time <= this.#now) this.delete(key);
    else this.#expiries.set(key, time);
  }

  persist(key: Bytes): void {
    this.#expiries.delete(key);
  }

  /** Deletes what has expired, looking at no more than `limit` keys that can; those come last in the next sweep. */
  sweep(limit: number): void {
    this.takeTime();
    let looked = 0;
    for (const [key, time] of this.#expiries) {
      if (looked >= Math.min(limit, this.#expiries.size)) break;
      looked += 1;
      if (time <= this.#now) {
        this.delete(key);
      } else if (limit < this.#expiries.size) {
        this.#expiries.delete(key);
        this.#expiries.set(key, time);
      }
    }
  }
}
