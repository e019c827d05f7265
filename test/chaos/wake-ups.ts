import { randomUUID } from 'node:crypto';
import { setImmediate as nextTurn, setTimeout as pause } from 'node:timers/promises';
import { systemClock } from '../../adapters/clock.ts';
import { createMemoryChannels } from '../../adapters/memory/channels.ts';
import { createMemoryConnections } from '../../adapters/memory/connections.ts';
import { createMemoryLog } from '../../adapters/memory/log.ts';
import { createMemoryMetrics } from '../../adapters/memory/metrics.ts';
import { createMemorySources } from '../../adapters/memory/sources.ts';
import { createRedis, type Redis } from '../../adapters/redis/client.ts';
import { createRedisEventBus } from '../../adapters/redis/event-bus.ts';
import { createRedisShardReader } from '../../adapters/redis/shard-reader.ts';
import type { ChannelRef, Publication, Published, ShardReader, Sockets } from '../../app/ports.ts';
import { type SubscribePorts, subscribe } from '../../app/subscribe.ts';
import { PATIENT } from '../adapters/redis/patient.ts';
import { publicationsOf } from './burst.ts';
import { withNaiveExit } from './naive-exit.ts';
import { createRandom, type Random } from './random.ts';

export interface WakeUpsOptions {
  readonly redisUrl: string;
  readonly bursts: number;
  readonly seed: number;
  /** Served side by side, each with a subscriber of its own. Default 32. */
  readonly shards?: number;
  /** With the exit in two steps, which strands bursts. Default false. */
  readonly naive?: boolean;
  /** No burst is begun after it; what is under way is finished. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (bursts: number) => void;
}

export interface WakeUpsResult {
  readonly bursts: number;
  readonly publications: number;
  /** Subscribers that left because nothing was there. */
  readonly exits: number;
  /** Starts that found another subscriber at work. */
  readonly busy: number;
  /** Bursts that were in the history, not delivered, and nobody ran or was started. */
  readonly stranded: number;
  /** Bursts that somebody sat on: none, unless this process or Redis hardly ran. */
  readonly overdue: number;
  /** Subscribers that ended otherwise: none, unless Redis was in trouble. */
  readonly failures: readonly unknown[];
}

type Counts = { -readonly [K in keyof Omit<WakeUpsResult, 'failures'>]: number } & { readonly failures: unknown[] };

/** Only a run that hangs meets it: a burst is judged by who runs, not by time. In seconds in which this process ran. */
const GIVE_UP_AFTER = 30;

/**
 * The hand-over between who rings and who leaves, over and over: the real use case and the real scripts, no sweeper that
 * would repair anything. Most bursts come at about the moment at which the subscriber of the burst before leaves.
 */
export async function runWakeUps(options: WakeUpsOptions): Promise<WakeUpsResult> {
  const { bursts, seed, shards = 32, signal, onProgress } = options;
  const counts: Counts = { bursts: 0, publications: 0, exits: 0, busy: 0, stranded: 0, overdue: 0, failures: [] };
  const random = createRandom(seed);
  const work = async (shard: number) => {
    await using served = new ServedShard(options, shard, random.fork(`shard ${shard}`), counts);
    while (counts.bursts < bursts && !signal?.aborted) {
      counts.bursts += 1;
      await served.burst();
      if (counts.bursts % 1000 === 0) onProgress?.(counts.bursts);
    }
    await served.quiet();
  };
  await Promise.all(Array.from({ length: shards }, (_, shard) => work(shard)));
  return counts;
}

/** One shard with one channel and one connection, and whoever serves it. */
class ServedShard implements AsyncDisposable {
  readonly #options: WakeUpsOptions;
  readonly #at: ChannelRef;
  readonly #random: Random;
  readonly #counts: Counts;
  readonly #redis: Redis;
  readonly #ports: SubscribePorts;
  readonly #receiver = createReceiver(() => this.#notify());
  readonly #leaving = createLeaving();
  #changed = Promise.withResolvers<void>();
  /** Subscribers that run, or are about to. */
  #alive = 0;
  #opened: Promise<void> | undefined;

  constructor(options: WakeUpsOptions, shard: number, random: Random, counts: Counts) {
    this.#options = options;
    this.#at = { shard, wsUuid: randomUUID() };
    this.#random = random;
    this.#counts = counts;
    const log = createMemoryLog();
    // One client for each shard: a blocking read has a connection of its own.
    this.#redis = createRedis({ url: options.redisUrl, log, ...PATIENT });
    this.#ports = {
      bus: createRedisEventBus(this.#redis),
      reader: this.#leaving.announce(this.#reader()),
      connections: createMemoryConnections(),
      channels: createMemoryChannels(),
      sources: createMemorySources(),
      sockets: this.#receiver.sockets,
      subscribers: { start: async () => this.#start() },
      clock: systemClock,
      random: () => random.next(),
      log,
      metrics: createMemoryMetrics(),
    };
  }

  #reader(): ShardReader {
    const reader = createRedisShardReader(this.#redis);
    return this.#options.naive ? withNaiveExit(reader, this.#redis) : reader;
  }

  /** Resolves when it was delivered, or was found stranded and has been rescued. */
  async burst(): Promise<void> {
    this.#opened ??= this.#open();
    await this.#opened;
    if (this.#alive > 0 && this.#random.chance(0.9)) await Promise.race([this.#leaving.next(), this.quiet()]);
    await moment(this.#random, 3);
    let seq = 0;
    for (const publication of publicationsOf(this.#at, this.#random)) seq = (await this.#publish(publication)).seq;
    await this.#settled(seq);
  }

  /** Resolves when nobody runs. */
  async quiet(): Promise<void> {
    while (this.#alive > 0) await this.#changed.promise;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#redis[Symbol.asyncDispose]();
  }

  async #open(): Promise<void> {
    const { connections, bus } = this.#ports;
    const expiresAt = Number.MAX_SAFE_INTEGER;
    await connections.add({ ...this.#at, connectionId: 'only', connectedAt: 0, expiresAt });
    if ((await bus.open({ ...this.#at, connectionId: 'only', connectedAt: Date.now() })).wake) this.#start();
  }

  async #publish(publication: Publication): Promise<Published> {
    const { bus } = this.#ports;
    const published = await bus.publish(publication);
    this.#counts.publications += 1;
    const repeated = this.#random.chance(0.2);
    // Again, as after an answer that was lost: half of the time the first answer really was.
    if (published.wake && !(repeated && this.#random.chance(0.5))) this.#start();
    if (!repeated) return published;
    const again = await bus.publish(publication);
    if (again.wake) this.#start();
    return again;
  }

  async #settled(seq: number): Promise<void> {
    for (let seconds = 0; this.#receiver.last < seq; ) {
      // Both are of this very turn of the loop: nobody comes or goes in between.
      const stranded = this.#alive === 0;
      if (stranded || seconds >= GIVE_UP_AFTER) {
        this.#counts[stranded ? 'stranded' : 'overdue'] += 1;
        this.#start();
        return await this.quiet();
      }
      const second = pause(1000, true, { ref: false });
      if (await Promise.race([this.#changed.promise, second])) seconds += 1;
    }
  }

  /** As an asynchronous invoke: accepted now, run a moment later. */
  #start(): void {
    this.#alive += 1;
    void this.#run().finally(() => {
      this.#alive -= 1;
      this.#notify();
    });
  }

  async #run(): Promise<void> {
    await moment(this.#random, 3);
    // A server that has nothing to do ends a wait of 1 ms after 100: so most do not wait at all.
    const lingerMs = this.#random.chance(0.7) ? 0 : this.#random.whole(1, 5);
    const { shard } = this.#at;
    try {
      const end = await subscribe(this.#ports, { shard, token: randomUUID(), remainingMs: () => 900_000, lingerMs });
      if (end === 'idle') this.#counts.exits += 1;
      else if (end === 'busy') this.#counts.busy += 1;
      else this.#counts.failures.push(end);
    } catch (error) {
      this.#counts.failures.push(error);
    }
  }

  #notify(): void {
    this.#changed.resolve();
    this.#changed = Promise.withResolvers<void>();
  }
}

function createReceiver(onFrame: () => void) {
  let last = 0;
  const sockets: Sockets = {
    async post(_connectionId, frame) {
      const seq = Number((JSON.parse(frame)['event-id'] as string).split('-')[1]);
      last = Math.max(last, seq);
      onFrame();
      return 'sent';
    },
    close: async () => 'sent',
  };
  return {
    sockets,
    get last() {
      return last;
    },
  };
}

/** Tells when a subscriber is about to leave. */
function createLeaving() {
  let leaving = Promise.withResolvers<void>();
  return {
    next: () => leaving.promise,
    announce: (reader: ShardReader): ShardReader => ({
      ...reader,
      exitIfIdle(shard, token) {
        leaving.resolve();
        leaving = Promise.withResolvers<void>();
        return reader.exitIfIdle(shard, token);
      },
    }),
  };
}

/** Often a few turns of the event loop, which are the times that matter here, else up to so many milliseconds. */
async function moment(random: Random, mostMs: number): Promise<void> {
  if (random.chance(0.3)) await pause(random.between(0, mostMs));
  else for (let turns = random.whole(0, 6); turns > 0; turns--) await nextTurn();
}
