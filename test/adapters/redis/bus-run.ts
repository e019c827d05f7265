import { randomInt, randomUUID } from 'node:crypto';
import type { Evicted } from '../../../adapters/memory/bus-state.ts';
import type {
  ChannelRef,
  Cursor,
  Doorbell,
  EventBus,
  Listener,
  NextEvents,
  Publication,
  ShardReader,
  ShardWatch,
} from '../../../app/ports.ts';
import type { EventId } from '../../../domain/ids.ts';
import { CHANNELS, type Operation, type Publishing, type Seen } from './bus-operations.ts';

export interface Subject {
  readonly bus: EventBus;
  readonly reader: ShardReader;
  readonly watch: ShardWatch;
  evict(at: ChannelRef, part: Evicted): void | Promise<void>;
  lose(): void | Promise<void>;
}

const LEASE_MS = 3_600_000; // longer than any run: a lease that ran out is one that was evicted
const FOREIGN = 'foreign';

/**
 * Does the operations one after the other. @returns every answer, with the names that only this subject has, those of
 * epochs and doorbells, replaced by their order of appearance.
 */
export async function answersOf(subject: Subject, operations: readonly Operation[]): Promise<unknown[]> {
  const names = createNames();
  const base = randomInt(1_000_000_000);
  const channels = CHANNELS.map(({ shard }) => ({ shard: base + shard, wsUuid: randomUUID() }));
  const answers: unknown[] = [];
  for (const operation of operations) {
    const run = 'channel' in operation ? onChannel(subject, names, channels[operation.channel]!, operation) : undefined;
    const answer = await (run ?? onShard(subject, names, base, operation));
    answers.push([operation.do, answer]);
  }
  return answers;
}

type Of<Name extends Operation['do']> = Omit<Extract<Operation, { readonly do: Name }>, 'do'>;
type OnChannel = Extract<Operation, { readonly channel: number }>;

function onChannel({ bus, reader, evict }: Subject, names: Names, at: ChannelRef, operation: OnChannel) {
  const place = (seen: Seen) => names.eventId(at, seen);
  const maybe = (seen: Seen | undefined) => seen && place(seen);
  switch (operation.do) {
    case 'publish':
      return publish(bus, names, at, operation);
    case 'open':
      return bus.open(listener(at, operation), maybe(operation.after));
    case 'acknowledge':
      return bus.acknowledge(at, operation.connection, place(operation.at));
    case 'ring':
      return bus.ring(at);
    case 'next':
      return next(reader, names, listener(at, operation, maybe(operation.after)));
    case 'moveCursor':
      return reader.moveCursor(at, operation.connection, names.turn(at, operation), operation.sent);
    case 'dropCursor':
      return reader.dropCursor(at, operation.connection);
    case 'closeRound':
      return reader.closeRound(
        at,
        operation.at === 'last end' ? names.lastEnd(at) : place(operation.at),
        operation.now,
      );
    case 'markRestored':
      return reader.markRestored(at, place(operation.at).epoch);
    case 'evict':
      if (operation.part === 'doorbell') names.forgetDoorbells(at.shard);
      return evict(at, operation.part);
  }
}

async function publish(bus: EventBus, names: Names, at: ChannelRef, operation: Publishing) {
  const { source, kind, dedupeKey, after, stage, progress, batchSize, known, knownKey } = operation;
  const stored = names.stored.get(`${at.wsUuid} ${source}`) ?? { epoch: FOREIGN, seq: 1 };
  const isAt = { stored, beyond: { ...stored, seq: stored.seq + 1 } };
  const publication: Publication = {
    ...at,
    ...{ source, kind, dedupeKey, batchSize },
    ...(after !== undefined && { after }),
    ...(known && {
      known: { ...(typeof known === 'string' ? isAt[known] : names.eventId(at, known)), dedupeKey: knownKey },
    }),
    event: eventOf(kind, stage, progress, source),
  };
  const published = await bus.publish(publication);
  const { outcome, epoch, seq } = published;
  if (kind === 'terminal' && outcome !== 'unopened') names.stored.set(`${at.wsUuid} ${source}`, { epoch, seq });
  if (kind === 'terminal' && outcome === 'published') names.ends.set(at.wsUuid, { epoch, seq });
  return { ...published, epoch: names.epoch(at, epoch) };
}

function eventOf(kind: Publication['kind'], stage: Publishing['stage'], progress: number, source: string) {
  const common = { type: 'file-upload', 'source-uuid': source } as const;
  if (kind === 'opening') return { step: 'Hello', status: 200, 'step-status': 'processing', ...common } as const;
  if (kind === 'progress') return { ...common, status: 'processing', stage, progress } as const;
  return { result: `${stage} "${progress}"`, status: 'success', ...common } as const;
}

function listener(
  at: ChannelRef,
  { connection, connectedAt }: { readonly connection: string; readonly connectedAt: number },
  lastEventId?: EventId,
): Listener {
  return { ...at, connectionId: connection, connectedAt, ...(lastEventId && { lastEventId }) };
}

async function next(reader: ShardReader, names: Names, from: Listener) {
  const { epoch, entries, cursor, ...rest }: NextEvents = await reader.next(from, 3);
  const name = names.epoch(from, epoch);
  const placed = cursor && { cursor: names.cursor(from, cursor) };
  return {
    ...rest,
    ...placed,
    epoch: name,
    entries: entries.map(({ seq, frame }) => [seq, frame.replace(epoch, name)]),
  };
}

function onShard(subject: Subject, names: Names, base: number, operation: Operation): unknown {
  if (operation.do === 'lose') {
    for (const each of [0, 1]) names.forgetDoorbells(base + each);
    return subject.lose();
  }
  const { reader, watch } = subject;
  const { shard: number, ...rest } = operation as Extract<Operation, { readonly shard: number }>;
  const shard = base + number;
  switch (rest.do) {
    case 'acquire':
    case 'renew':
      return reader[rest.do](shard, rest.token, LEASE_MS);
    case 'release':
    case 'exitIfIdle':
      return reader[rest.do](shard, rest.token);
    case 'beginRecovery':
    case 'endRecovery':
      return watch[rest.do](shard, rest.token);
    case 'isUnserved':
      return watch.isUnserved(shard);
    case 'read':
      return reader.read(shard, rest.token, rest.count, 0).then((doorbells) => names.doorbells(shard, doorbells));
    case 'reclaim':
      return reclaim(reader, names, shard, rest);
    case 'settle':
      return reader.settle(shard, names.everyDoorbell(shard, rest.step));
  }
}

async function reclaim(reader: ShardReader, names: Names, shard: number, operation: Omit<Of<'reclaim'>, 'shard'>) {
  const { token, count, on } = operation;
  const page = await reader.reclaim(shard, token, count, on ? names.from.get(shard) : undefined);
  if (page.next === undefined) names.from.delete(shard);
  else names.from.set(shard, page.next);
  const [following] = page.next === undefined ? [] : names.doorbells(shard, [{ id: page.next, wsUuid: '' }]);
  return { doorbells: names.doorbells(shard, page.doorbells), next: following?.[0] };
}

type Names = ReturnType<typeof createNames>;

function createNames() {
  const epochs = new Map<string, string[]>();
  const doorbells = new Map<number, string[]>();
  const wsUuids: string[] = [];
  let forgotten = 0;
  const orderOf = (list: string[], item: string) => (list.includes(item) ? list.indexOf(item) : list.push(item) - 1);
  const epochsOf = (at: ChannelRef) => epochs.get(at.wsUuid) ?? [];
  return {
    /** Where the terminal of a source was last said to be. */
    stored: new Map<string, EventId>(),
    ends: new Map<string, EventId>(),
    /** By channel and connection, in the order in which they were seen. */
    turns: new Map<string, string[]>(),
    cursor({ wsUuid, connectionId }: Listener, cursor: Cursor) {
      const seen = this.turns.get(`${wsUuid} ${connectionId}`) ?? [];
      this.turns.set(`${wsUuid} ${connectionId}`, seen);
      return { ...cursor, turn: orderOf(seen, cursor.turn) };
    },
    turn({ wsUuid }: ChannelRef, { connection, turn }: Of<'moveCursor'>): string {
      const seen = this.turns.get(`${wsUuid} ${connection}`) ?? [];
      return seen.at(turn === 'last' ? -1 : 0) ?? 'none';
    },
    lastEnd(at: ChannelRef): EventId {
      return this.ends.get(at.wsUuid) ?? { epoch: FOREIGN, seq: 1 };
    },
    /** Where the last page of reclaimed doorbells ended. */
    from: new Map<number, string>(),
    epoch(at: ChannelRef, epoch: string): string {
      if (epoch === '') return '';
      const list = epochsOf(at);
      epochs.set(at.wsUuid, list);
      return `epoch ${orderOf(list, epoch)}`;
    },
    eventId(at: ChannelRef, { epoch, seq }: Seen): EventId {
      return { epoch: (epoch === 'foreign' ? undefined : epochsOf(at).at(-1 - epoch)) ?? FOREIGN, seq };
    },
    doorbells(shard: number, all: readonly Doorbell[]): [id: string, wsUuid: number][] {
      const list = doorbells.get(shard) ?? [];
      doorbells.set(shard, list);
      return all.map(({ id, wsUuid }) => [`${forgotten}:${orderOf(list, id)}`, orderOf(wsUuids, wsUuid)]);
    },
    everyDoorbell: (shard: number, step: number) => (doorbells.get(shard) ?? []).filter((_, i) => i % step === 0),
    /** The ids of a doorbell that is gone may come again: they hold the time, in milliseconds. */
    forgetDoorbells(shard: number) {
      forgotten += 1;
      doorbells.delete(shard);
      this.from.delete(shard);
    },
  };
}
