import { randomUUID } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { createMemoryChannels } from '../../adapters/memory/channels.ts';
import type { ManualClock } from '../../adapters/memory/clock.ts';
import { createMemoryConnections } from '../../adapters/memory/connections.ts';
import { createMemoryLog } from '../../adapters/memory/log.ts';
import { createMemoryMetrics } from '../../adapters/memory/metrics.ts';
import { createMemoryProcessQueue } from '../../adapters/memory/process-queue.ts';
import { createMemorySockets } from '../../adapters/memory/sockets.ts';
import { createMemorySourceFiles } from '../../adapters/memory/source-files.ts';
import { createMemorySources } from '../../adapters/memory/sources.ts';
import { parseProcessMessage } from '../../adapters/sqs/process-message.ts';
import { acceptUpload, type Upload } from '../../app/accept-upload.ts';
import { type Cancelled, cancelSource } from '../../app/cancel-source.ts';
import { failDeadLetter } from '../../app/fail-dead-letter.ts';
import { openConnection } from '../../app/open-connection.ts';
import type { EventBus, Fetcher, Processor, ShardReader, ShardWatch, SubscriberStarter } from '../../app/ports.ts';
import { processSource } from '../../app/process-source.ts';
import { subscribe } from '../../app/subscribe.ts';
import { sweep } from '../../app/sweep.ts';
import { createHosts, type PlannedFault } from './hosts.ts';

export interface RedisPorts {
  readonly bus: EventBus;
  readonly reader: ShardReader;
  readonly watch: ShardWatch;
  /** As when it comes back empty. */
  lose(): Promise<void> | void;
  /** For a Redis that is reached over a network: commands are under way. */
  isBusy?(): boolean;
  /** The time was moved: what has a time to live there is brought up to it. */
  timeMoved?(): Promise<void>;
}

const SWEEP_EVERY_MS = 60_000;
const DEAD_LETTER_VISIBILITY_MS = 90_000;
const CLIENT_RETRY_MS = 1_000;
/** Longer than any recovery: the visibility of a message whose worker was killed is 330 s. */
const GIVE_UP_MS = 30 * 60_000;
const SHARDS = 1;
/** Enough for any chain of promises. */
const QUIET_TURNS = 4;

export interface MachineOptions {
  readonly clock: ManualClock;
  readonly redis: RedisPorts;
  readonly faults?: readonly PlannedFault[];
  /** Of the first run of the sweeper; the others follow every minute. */
  readonly firstSweepMs?: number;
  readonly sweeping?: boolean;
}

/**
 * The service as Lambda, SQS and EventBridge run it, on a clock that is moved: each invocation is a host of its own,
 * which may crash at any call of a port. Nothing of a crashed one goes on, and nothing is told of its end.
 */
export function createMachine({
  clock,
  redis,
  faults = [],
  firstSweepMs = SWEEP_EVERY_MS,
  sweeping = true,
}: MachineOptions) {
  const log = createMemoryLog();
  const hosts = createHosts(clock, faults, redis.lose);
  const queue = createMemoryProcessQueue({ clock, maxReceiveCount: 10 });
  const deadLetters: { readonly body: string; visibleAt: number }[] = [];
  const startedAt = clock.now();
  let nextSweepAt = startedAt + firstSweepMs;

  const stores = {
    channels: createMemoryChannels(),
    connections: createMemoryConnections(),
    sources: createMemorySources(),
    files: createMemorySourceFiles(),
    queue,
    sockets: createMemorySockets(),
    processor: { stage: 'extract', process: async () => ({ title: 'done' }) } as Processor,
    fetcher: { fetch: async () => ({ bytes: 10, totalBytes: 10 }) } as Fetcher,
    subscribers: { start: async (shard) => void runSubscriber(shard) } as SubscriberStarter,
    ...redis,
  };
  const plain = {
    log,
    metrics: createMemoryMetrics(),
    shards: SHARDS,
    limits: { channels: 0, sockets: 0, uploads: 0 },
    random: () => 0.5,
  };

  function runSubscriber(shard: number): void {
    void hosts.run('subscribe', stores, (ports) =>
      subscribe({ ...plain, ...ports }, { shard, token: randomUUID(), remainingMs: () => 900_000 }),
    );
  }

  function runProcess(): boolean {
    const delivery = queue.receive();
    for (const body of queue.deadLetters.slice(deadLetters.length)) deadLetters.push({ body, visibleAt: clock.now() });
    if (!delivery) return false;
    void hosts.run('process', { ...stores, poller: pollerOf(delivery.receiptHandle) }, async (ports) => {
      const ref = parseProcessMessage(delivery.body);
      const processed = await processSource({ ...plain, ...ports }, ref, delivery.receiveCount);
      if (processed.outcome === 'done') await ports.poller.delete();
      else await ports.queue.returnAfter(delivery.receiptHandle, processed.afterSeconds);
    });
    return true;
  }

  const pollerOf = (receiptHandle: string) => ({ delete: async () => queue.delete(receiptHandle) });

  function runDeadLetter(): boolean {
    const letter = deadLetters.find(({ visibleAt }) => visibleAt <= clock.now());
    if (!letter) return false;
    letter.visibleAt = clock.now() + DEAD_LETTER_VISIBILITY_MS;
    void hosts.run('dead-letter', stores, async (ports) => {
      const { outcome } = await failDeadLetter({ ...plain, ...ports }, parseProcessMessage(letter.body));
      if (outcome === 'done') letter.visibleAt = Number.POSITIVE_INFINITY;
    });
    return true;
  }

  function runSweep(): boolean {
    if (!sweeping || clock.now() < nextSweepAt) return false;
    nextSweepAt += SWEEP_EVERY_MS;
    void hosts.run('sweep', stores, (ports) =>
      sweep({ ...plain, ...ports }, { token: randomUUID(), until: clock.now() + 45_000 }),
    );
    return true;
  }

  /** When anything can happen next. */
  function nextAt(): number {
    const never = Number.POSITIVE_INFINITY;
    const letters = deadLetters.map(({ visibleAt }) => visibleAt);
    return Math.min(clock.nextAt ?? never, queue.nextAt ?? never, sweeping ? nextSweepAt : never, ...letters);
  }

  /** Resolves when nothing but the clock can bring anything on. */
  async function settled(): Promise<void> {
    for (let quiet = 0; quiet < QUIET_TURNS; quiet = redis.isBusy?.() ? 0 : quiet + 1) await nextTurn();
  }

  return {
    ...stores,
    log,
    hosts,
    /** As a client does: the same request again until it is answered 200. */
    async upload(upload: Upload): Promise<void> {
      for (;;) {
        const answer = await hosts.run('accept', stores, (ports) =>
          acceptUpload({ ...plain, ...ports, clock }, upload),
        );
        if (answer === 'done') return;
        await clock.sleep(CLIENT_RETRY_MS);
      }
    },
    /** As a client does: once more until it is answered. */
    async cancel({ owner, sourceUuid }: Upload): Promise<Cancelled> {
      for (;;) {
        let answer: Cancelled | undefined;
        const end = await hosts.run('cancel', stores, async (ports) => {
          answer = await cancelSource({ ...plain, ...ports }, owner, sourceUuid);
        });
        if (end === 'done') return answer!;
        await clock.sleep(CLIENT_RETRY_MS);
      }
    },
    /** As a client does: another handshake where one was refused. @returns the connection id. */
    async connect(wsUuid: string, lastEventId?: string): Promise<string> {
      for (;;) {
        const connectionId = randomUUID();
        const request = { connectionId, wsUuid, lastEventId, connectedAt: clock.now() };
        stores.sockets.connecting(connectionId);
        const answer = await hosts.run('connect', stores, (ports) => openConnection({ ...plain, ...ports }, request));
        if (answer === 'done') {
          stores.sockets.connected(connectionId);
          return connectionId;
        }
        await clock.sleep(CLIENT_RETRY_MS);
      }
    },
    /** Runs until the condition holds when nothing is under way. Throws when it does not within half an hour of this clock. */
    async runUntil(condition: () => boolean | Promise<boolean>): Promise<void> {
      for (;;) {
        await settled();
        if (runSweep() || runProcess() || runDeadLetter()) continue;
        if (await condition()) return;
        const now = clock.now();
        if (now - startedAt > GIVE_UP_MS) throw new Error('It does not come to rest.');
        await clock.advance(Math.max(1, nextAt() - now));
        await redis.timeMoved?.();
      }
    },
    /** Nothing waits, nothing runs, nothing is overdue or will be. */
    async isQuiet(): Promise<boolean> {
      const idle = hosts.running === 0 && queue.size === 0;
      const dead = deadLetters.some(({ visibleAt }) => visibleAt !== Number.POSITIVE_INFINITY);
      return idle && !dead && (await stores.sources.overdue(Number.POSITIVE_INFINITY, 1)).length === 0;
    },
  };
}

export type Machine = ReturnType<typeof createMachine>;
