import type { Bytes, Reply } from './reply.ts';

export interface Subscriber {
  readonly channels: Set<Bytes>;
  push(reply: Reply): void;
}

export class PubSub {
  readonly #subscribers = new Map<Bytes, Set<Subscriber>>();

  subscribe(subscriber: Subscriber, channel: Bytes): void {
    subscriber.channels.add(channel);
    const subscribers = this.#subscribers.get(channel);
    if (subscribers) subscribers.add(subscriber);
    else this.#subscribers.set(channel, new Set([subscriber]));
  }

  unsubscribe(subscriber: Subscriber, channel: Bytes): void {
    subscriber.channels.delete(channel);
    const subscribers = this.#subscribers.get(channel);
    subscribers?.delete(subscriber);
    if (subscribers?.size === 0) this.#subscribers.delete(channel);
  }

  /** @returns how many connections it went to. */
  publish(channel: Bytes, message: Bytes): number {
    const subscribers = this.#subscribers.get(channel);
    for (const subscriber of subscribers ?? []) subscriber.push(['message', channel, message]);
    return subscribers?.size ?? 0;
  }
}
