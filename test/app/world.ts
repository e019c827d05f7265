import { randomUUID } from 'node:crypto';
import { createMemoryChannels } from '../../adapters/memory/channels.ts';
import { createManualClock } from '../../adapters/memory/clock.ts';
import { createMemoryConnections } from '../../adapters/memory/connections.ts';
import { createMemoryBus } from '../../adapters/memory/event-bus.ts';
import { withFaults } from '../../adapters/memory/faults.ts';
import { createMemoryLog } from '../../adapters/memory/log.ts';
import { createMemoryMetrics } from '../../adapters/memory/metrics.ts';
import { createMemoryProcessQueue } from '../../adapters/memory/process-queue.ts';
import { createMemorySockets } from '../../adapters/memory/sockets.ts';
import { createMemorySourceFiles } from '../../adapters/memory/source-files.ts';
import { createMemorySources } from '../../adapters/memory/sources.ts';
import { createMemorySubscriberStarter } from '../../adapters/memory/subscriber-starter.ts';
import { acceptUpload, type Upload } from '../../app/accept-upload.ts';
import { openConnection } from '../../app/open-connection.ts';
import type { Channel, Claim, ExtractProgress, Fetcher, Processor, Source } from '../../app/ports.ts';
import { type Processed, processSource } from '../../app/process-source.ts';
import { registerChannel } from '../../app/register-channel.ts';
import { type SubscriptionEnd, subscribe } from '../../app/subscribe.ts';
import { sweep } from '../../app/sweep.ts';

type Work = (source: Source, onProgress: (progress: ExtractProgress) => void, signal: AbortSignal) => Promise<unknown>;

/** The whole service in memory, on a clock that the test moves. */
export function createWorld() {
  const clock = createManualClock();
  const { bus, reader, watch, lose, snapshot, history } = createMemoryBus({ clock });
  const subscriptions: Array<Promise<SubscriptionEnd>> = [];
  let work: Work = async () => ({ title: 'done' });
  let fetch: Fetcher['fetch'] = async () => ({ bytes: 10, totalBytes: 10 });
  const world = {
    clock,
    lose,
    snapshot,
    shards: 1,
    limits: { channels: 0, sockets: 0, uploads: 0 },
    random: () => 0.5,
    log: createMemoryLog(),
    metrics: createMemoryMetrics(),
    channels: createMemoryChannels(),
    connections: createMemoryConnections(),
    sources: createMemorySources(),
    files: createMemorySourceFiles(),
    queue: createMemoryProcessQueue({ clock }),
    sockets: createMemorySockets(),
    bus: withFaults(bus),
    reader: withFaults(reader),
    watch: withFaults(watch),
    subscribers: createMemorySubscriberStarter((shard) => {
      subscriptions.push(subscribe(world, { shard, token: randomUUID(), remainingMs: () => 900_000 }));
    }),
    processor: { stage: 'extract', process: (...args) => work(...args) } as Processor,
    fetcher: { fetch: (...args) => fetch(...args) } as Fetcher,

    /** What the processor does from now on. */
    processWith(next: Work) {
      work = next;
    },
    fetchWith(next: Fetcher['fetch']) {
      fetch = next;
    },
    upload(given: Partial<Upload> = {}): Upload {
      return {
        owner: '1',
        wsUuid: randomUUID(),
        sourceUuid: randomUUID(),
        filename: 'notes.txt',
        content: { file: Buffer.from('some text') },
        ...given,
      };
    },
    async accept(given: Partial<Upload> = {}): Promise<Source> {
      const upload = world.upload(given);
      await acceptUpload(world, upload);
      return (await world.sources.get(upload.sourceUuid))!;
    },
    register: (wsUuid: string, batchSize?: number): Promise<Channel> =>
      registerChannel(world, { wsUuid, owner: '1', ...(batchSize && { batchSize }) }),
    /** A worker that is killed right after its claim. */
    async claim(sourceUuid: string): Promise<Claim> {
      const source = (await world.sources.get(sourceUuid))!;
      return world.sources.claim(source, clock.now(), clock.now() + 15_000);
    },
    async connect(wsUuid: string, connectionId: string, lastEventId?: string): Promise<void> {
      world.sockets.connecting(connectionId);
      await openConnection(world, { connectionId, wsUuid, lastEventId, connectedAt: clock.now() });
      world.sockets.connected(connectionId);
    },
    received(connectionId: string): Array<Record<string, unknown>> {
      return world.sockets.frames(connectionId).map((frame) => JSON.parse(frame));
    },
    /** The sources whose end a connection was told, in the order of their ends. */
    ends(connectionId: string): unknown[] {
      return world
        .received(connectionId)
        .filter(({ status }) => status === 'success' || status === 'failure')
        .map((event) => event['source-uuid']);
    },
    /** Processes without moving the clock more than some milliseconds: for work that does not sleep. */
    async process(source: Source): Promise<Processed> {
      let processed: Processed | undefined;
      const working = processSource(world, source).then((value) => {
        processed = value;
      });
      while (processed === undefined) await clock.advance(1);
      await working;
      return processed;
    },
    /** The events of a channel as its history holds them. */
    history({ shard, wsUuid }: Source): Array<Record<string, unknown>> {
      return history({ shard, wsUuid }).map(({ frame }) => JSON.parse(frame));
    },
    sweep: (): Promise<void> => clock.runUntil(sweep(world, { token: randomUUID(), until: clock.now() + 45_000 })),
    /** As the schedule does it: a minute later. */
    async nextSweep(): Promise<void> {
      await clock.advance(60_000);
      await world.sweep();
    },
    /** So many sweeps, and everybody is served after each of them. */
    async minutes(count: number): Promise<void> {
      for (let minute = 0; minute < count; minute += 1) {
        await world.nextSweep();
        await world.settle();
      }
    },
    /** Lets every subscriber that was started run to its end, with as much time as that takes. */
    async settle(): Promise<SubscriptionEnd[]> {
      const ends: SubscriptionEnd[] = [];
      while (subscriptions.length > 0) ends.push(await clock.runUntil(subscriptions.shift()!));
      return ends;
    },
  };
  return world;
}

export type World = ReturnType<typeof createWorld>;

export function kinds(events: ReadonlyArray<Record<string, unknown>>): string[] {
  return events.map((event) => {
    if ('step' in event) return 'step';
    if ('message' in event) return 'received';
    if ('stage' in event) return `${event.stage} ${event.progress}`;
    return String(event.status ?? event.type);
  });
}
