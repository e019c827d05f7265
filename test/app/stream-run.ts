import { randomUUID } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { createMemoryChannels } from '../../adapters/memory/channels.ts';
import { createManualClock } from '../../adapters/memory/clock.ts';
import { createMemoryConnections } from '../../adapters/memory/connections.ts';
import { createMemoryBus } from '../../adapters/memory/event-bus.ts';
import { createMemoryLog } from '../../adapters/memory/log.ts';
import { createMemoryMetrics } from '../../adapters/memory/metrics.ts';
import { createMemorySources } from '../../adapters/memory/sources.ts';
import { type ConnectionDelivery, createConnectionDelivery } from '../../app/deliver.ts';
import type { Connection, ShardReader, Sockets } from '../../app/ports.ts';
import { restoreChannel } from '../../app/restore-channel.ts';
import { type EventId, parseEventId } from '../../domain/ids.ts';
import { createTask, type Task } from './gates.ts';
import { createStreamClient, type StreamClient, type Truth, watchHead } from './stream-client.ts';
import { accept, sweep, work } from './stream-worker.ts';

const DAY_MS = 24 * 60 * 60_000;

/** One channel, its workers, its clients, and the deliveries to them, each of which goes on when the test says so. */
export function createStream(batchSize: number) {
  const at = { wsUuid: randomUUID(), shard: 0 };
  const clock = createManualClock();
  const memory = createMemoryBus({ clock });
  const truth: Truth = { frames: new Map(), floors: new Set(), ends: [], mayBeTold: new Set() };
  const told = new Set<string>();
  let historyIsWhole = true;
  /** A call that was under way when Redis lost its data may publish once more what was told. */
  let mayRepeat = false;
  const clients = new Map<string, StreamClient>();
  const log = createMemoryLog();
  const [channels, connections, sources] = [createMemoryChannels(), createMemoryConnections(), createMemorySources()];
  const head = watchHead(memory, truth);
  const subscribers = { start: async () => undefined };
  const base = {
    channels,
    connections,
    sources,
    clock,
    log,
    metrics: createMemoryMetrics(),
    subscribers,
    random: () => 0.5,
    bus: head.bus,
  };
  let deliveries = new Map<string, { readonly delivery: ConnectionDelivery; readonly task: Task }>();
  const workers: Task[] = [];
  /** Deliveries of a subscriber that has lost its lease and does not know it yet. */
  let stale: Task[] = [];
  const uploads: string[] = [];
  const uploadsBefore = new Map<StreamClient, number>();
  const failures: unknown[] = [];

  const current = () => [...deliveries.values()].map(({ task }) => task);
  const soundly = (work: Promise<unknown>) => void work.catch((error) => failures.push(error));

  /** The world, as one task sees it. */
  const worldOf = (task: Task) => ({
    ...base,
    bus: task.through(head.bus),
    reader: task.through(head.reader),
    sources: task.through(sources),
  });

  /** What the delivery to one connection asks of the world, and what the reference has to say to it. */
  function portsOf(task: Task, client: StreamClient) {
    let closing: EventId | undefined;
    const reader: ShardReader = {
      ...head.reader,
      async closeRound(where, end, now) {
        const closed = await head.reader.closeRound(where, end, now);
        if (!closed) return false;
        closing = end;
        client.told();
        observe(() => client.mayBeClosedAt(end));
        return true;
      },
    };
    const sockets: Sockets = {
      async post(_, frame) {
        if (client.closed) return 'gone';
        observe(() => client.receive(frame));
        return 'sent';
      },
      async close() {
        observe(() => closing && !client.has(closing) && client.fail('was closed before it had the end'));
        client.closed = true;
        for (const [uuid, epoch] of client.endedIn) {
          if ((await sources.get(uuid))?.published?.epoch === epoch) told.add(uuid);
        }
        return 'sent';
      },
    };
    return { ...worldOf(task), reader: task.through(reader), sockets: task.through(sockets) };
  }

  /** The delivery takes whatever is thrown at it for a failure of the network. */
  function observe(check: () => unknown): void {
    try {
      check();
    } catch (violation) {
      failures.push(violation);
    }
  }

  async function deliveryTo(client: StreamClient) {
    const existing = deliveries.get(client.connectionId);
    if (existing) return existing;
    const connection = await connections.find(client.connectionId);
    if (!connection) return undefined;
    const task = createTask();
    const restore = async (epoch: string) => {
      const all = await connections.of(at.wsUuid, clock.now());
      const listeningSince = Math.min(...all.map(({ connectedAt }) => connectedAt));
      await restoreChannel(worldOf(task), at, { epoch, listeningSince });
    };
    const stop = new AbortController().signal;
    const created = { task, delivery: createConnectionDelivery(portsOf(task, client), at, connection, restore, stop) };
    deliveries.set(client.connectionId, created);
    return created;
  }

  async function look(client: StreamClient): Promise<void> {
    const found = await deliveryTo(client);
    if (found) soundly(found.delivery.pass());
  }

  return {
    failures,
    clients: () => [...clients.values()].filter(({ closed }) => !closed),
    async begin() {
      const expiresAt = clock.now() + DAY_MS;
      await channels.register({ ...at, owner: '1', batchSize, expiresAt }, clock.now());
    },
    async upload(): Promise<void> {
      const sourceUuid = randomUUID();
      uploads.push(sourceUuid);
      const source = await accept(sources, { ...at, sourceUuid, batchSize }, clock.now());
      const task = createTask();
      workers.push(task);
      soundly(work(worldOf(task), source));
    },
    async connect(after: EventId | undefined): Promise<StreamClient> {
      const connectionId = `client-${clients.size}`;
      const client = createStreamClient(truth, connectionId, after, after && head.holds(after));
      clients.set(connectionId, client);
      uploadsBefore.set(client, uploads.length);
      // A moment of its own: what is closed at the same one would be closed before it came.
      await clock.advance(1);
      const times = { connectedAt: clock.now(), expiresAt: clock.now() + DAY_MS };
      const record: Connection = { ...at, connectionId, ...times, ...(after && { lastEventId: after }) };
      await clock.advance(1);
      await connections.add(record);
      await memory.bus.open(record, after);
      await look(client);
      return client;
    },
    async resume(client: StreamClient, after: EventId): Promise<void> {
      client.ask(after, head.holds(after));
      const record = await connections.find(client.connectionId);
      if (record) await memory.bus.open(record, after);
      await look(client);
    },
    acknowledge: (client: StreamClient, eventId: EventId) => memory.bus.acknowledge(at, client.connectionId, eventId),
    /** The subscriber reads a doorbell of the channel. */
    async ring(): Promise<void> {
      for (const client of clients.values()) await look(client);
    },
    step(which: 'worker' | 'delivery', index: number): void {
      const all = which === 'worker' ? workers : [...current(), ...stale];
      all[index % Math.max(1, all.length)]?.step();
    },
    /** The subscriber dies between any two calls, and another one takes its place. */
    crash(): void {
      deliveries = new Map();
      stale = [];
    },
    /** Another subscriber takes over while this one still goes on with what it had begun. */
    overtake(): void {
      stale = current();
      deliveries = new Map();
    },
    lose(part: 'all' | 'channel' | 'history' | 'cursors'): void {
      mayRepeat ||= [...workers, ...current(), ...stale].some((task) => task.isWaiting());
      if (part === 'all') memory.lose();
      else memory.evict(at, part);
      if (part === 'all' || part === 'channel') head.forget();
      if (part === 'history') historyIsWhole = false;
      for (const client of clients.values()) {
        client.forgetResume();
        if (part === 'history') continue;
        client.forgetAsk();
      }
    },
    wait: (ms: number) => clock.advance(ms),
    settle: () => nextTurn(),

    /** Workers end or die, the sweeper has been there, and then everybody is served. */
    async finish(): Promise<void> {
      for (const uuid of uploads) await sweep(base, (await sources.get(uuid))!);
      this.crash();
      const open = [...clients.values()].filter(({ closed }) => !closed);
      const served = await Promise.all(open.map(deliveryTo));
      for (const each of served) each?.task.run();
      await clock.runUntil(Promise.all(served.map((each) => each?.delivery.pass())));
    },
    /** What was uploaded since this client connected. */
    uploadsSince: (client: StreamClient) => uploads.slice(uploadsBefore.get(client)),
    /** Ends that nobody had who was then closed: the next who comes has to be told them. */
    owed: () => uploads.filter((uuid) => !truth.mayBeTold.has(uuid)),
    /** Ends that somebody had who was then closed: the next who comes must not be told them once more. */
    told: () => (historyIsWhole && !mayRepeat ? [...told] : []), // else a snapshot tells
    /** The events of each source, where the history was not evicted. */
    bySource(): Array<Array<Record<string, unknown>>> {
      const events = memory.history(at).map(({ frame }) => JSON.parse(frame) as Record<string, unknown>);
      return historyIsWhole ? [...Map.groupBy(events, (event) => event['source-uuid']).values()] : [];
    },
    present: (): EventId => {
      const last = memory.history(at).at(-1);
      return (last && parseEventId(JSON.parse(last.frame)['event-id'])) ?? { epoch: '', seq: 0 };
    },
    /** Any event that was ever sent to anybody. */
    everSent: (): EventId[] => [...truth.frames.keys()].map((id) => parseEventId(id)!),
  };
}

export type Stream = ReturnType<typeof createStream>;
