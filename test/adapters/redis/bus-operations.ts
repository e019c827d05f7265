import fc from 'fast-check';
import type { Evicted } from '../../../adapters/memory/bus-state.ts';
import type { Publication } from '../../../app/ports.ts';

/**
 * Everything that can be done to the bus, on few enough names that operations meet: two channels on one shard and one on
 * another, three sources, connections and tokens. What only a run can know (an epoch, the id of a doorbell) is named
 * by where it was seen.
 */
export type Operation =
  | ({ readonly do: 'publish'; readonly channel: number } & Publishing)
  | ({ readonly do: 'open' | 'next'; readonly channel: number; readonly after?: Seen } & Listening)
  | {
      readonly do: 'acknowledge';
      readonly channel: number;
      readonly connection: string;
      readonly at: Seen;
    }
  | {
      readonly do: 'moveCursor';
      readonly channel: number;
      readonly connection: string;
      readonly turn: 'last' | 'first';
      readonly sent: number;
    }
  | { readonly do: 'dropCursor'; readonly channel: number; readonly connection: string }
  | { readonly do: 'closeRound'; readonly channel: number; readonly at: Seen | 'last end'; readonly now: number }
  | { readonly do: 'markRestored'; readonly channel: number; readonly at: Seen }
  | { readonly do: 'ring'; readonly channel: number }
  | { readonly do: Lease; readonly shard: number; readonly token: string }
  | { readonly do: 'read'; readonly shard: number; readonly token: string; readonly count: number }
  | {
      readonly do: 'reclaim';
      readonly shard: number;
      readonly token: string;
      readonly count: number;
      readonly on: boolean;
    }
  /** Of all doorbells that were read, in that order, every `step`th. */
  | { readonly do: 'settle'; readonly shard: number; readonly step: number }
  | { readonly do: 'isUnserved'; readonly shard: number }
  | { readonly do: 'evict'; readonly channel: number; readonly part: Evicted }
  | { readonly do: 'lose' };

type Lease = 'acquire' | 'renew' | 'release' | 'exitIfIdle' | 'beginRecovery' | 'endRecovery';

interface Listening {
  readonly connection: string;
  readonly connectedAt: number;
}

export interface Publishing {
  readonly source: string;
  readonly kind: Publication['kind'];
  readonly dedupeKey: string;
  readonly after: string | undefined;
  readonly stage: 'fetch' | 'extract';
  readonly progress: number;
  readonly batchSize: number;
  /** `stored`: where the last run of its terminal said that it is. `beyond`: one further than that. */
  readonly known: 'stored' | 'beyond' | Seen | undefined;
  readonly knownKey: string;
}

/** An epoch by how many others the channel has shown since, or one that never was. */
export interface Seen {
  readonly epoch: number | 'foreign';
  readonly seq: number;
}

export const CHANNELS: readonly { readonly shard: number }[] = [{ shard: 0 }, { shard: 0 }, { shard: 1 }];
export const CONNECTIONS = ['a', 'b:start', 'c'];

/** The first more often than the others: operations have to meet. */
const mostly = <T>(first: T, ...others: T[]) => fc.constantFrom(...others.map(() => first), first, ...others);
const channel = mostly(0, 1, 2);
const shard = mostly(0, 1);
const connection = mostly(...(CONNECTIONS as [string, string, string]));
const token = mostly('one', 'two', 'three');
const count = fc.integer({ min: 1, max: 4 });
const epoch = fc.oneof(
  { weight: 6, arbitrary: fc.constant(0) },
  { weight: 1, arbitrary: fc.constant(1) },
  { weight: 1, arbitrary: fc.constant('foreign' as const) },
);
const seen = fc.record({ epoch, seq: fc.nat(9) });
const end = fc.oneof({ weight: 3, arbitrary: fc.constant('last end' as const) }, { weight: 1, arbitrary: seen });
/** Of those that `next` named for the connection. */
const turn = mostly<'last' | 'first'>('last', 'first');
const time = fc.nat(5);
const listening = { channel, connection, connectedAt: time };
const maybeSeen = fc.option(seen, { freq: 1, nil: undefined });

const publishing = fc.record({
  do: fc.constant('publish' as const),
  channel,
  source: mostly('x#1', 'x#2', 'x#3', 'y#1'),
  kind: fc.constantFrom('opening', 'opening', 'progress', 'progress', 'terminal'),
  dedupeKey: mostly('step', 'received', '1:a', '1:b'),
  after: mostly(undefined, undefined, 'step', 'received'),
  stage: fc.constantFrom('fetch', 'extract'),
  progress: fc.constantFrom(0, 5, 9.5, 10, 100),
  batchSize: fc.integer({ min: 1, max: 3 }),
  known: fc.oneof(
    { weight: 16, arbitrary: fc.constant(undefined) },
    { weight: 2, arbitrary: fc.constant('stored' as const) },
    { weight: 1, arbitrary: fc.constant('beyond' as const) },
    { weight: 1, arbitrary: seen },
  ),
  knownKey: mostly('terminal', 'terminal', 'step', '1:a'),
});

const onConnections = [
  fc.record({ do: fc.constantFrom('open', 'open', 'next', 'next', 'next'), ...listening, after: maybeSeen }),
  fc.record({ do: fc.constant('acknowledge' as const), channel, connection, at: seen }),
  fc.record({ do: fc.constant('moveCursor' as const), channel, connection, turn, sent: fc.nat(9) }),
  fc.record({ do: fc.constant('next' as const), ...listening }),
  fc.record({ do: fc.constant('dropCursor' as const), channel, connection }),
  fc.record({ do: fc.constant('closeRound' as const), channel, at: end, now: time }),
  fc.record({ do: fc.constant('markRestored' as const), channel, at: seen }),
];

const onShards = [
  fc.record({
    do: fc.constantFrom<Lease[]>('acquire', 'acquire', 'renew', 'release', 'exitIfIdle', 'exitIfIdle'),
    shard,
    token,
  }),
  fc.record({ do: fc.constantFrom<Lease[]>('beginRecovery', 'endRecovery'), shard, token }),
  fc.record({ do: fc.constant('ring' as const), channel }),
  fc.record({ do: fc.constant('read' as const), shard, token, count }),
  fc.record({ do: fc.constant('reclaim' as const), shard, token, count, on: fc.boolean() }),
  fc.record({ do: fc.constant('settle' as const), shard, step: fc.integer({ min: 1, max: 3 }) }),
  fc.record({ do: fc.constant('isUnserved' as const), shard }),
];

const PARTS: Evicted[] = ['channel', 'history', 'cursors', 'doorbell', 'lease', 'recovered'];

const losses = fc.oneof(
  {
    weight: 9,
    arbitrary: fc.record({ do: fc.constant('evict' as const), channel, part: fc.constantFrom(...PARTS) }),
  },
  { weight: 1, arbitrary: fc.constant({ do: 'lose' as const }) },
);

const operation: fc.Arbitrary<Operation> = fc.oneof(
  { weight: 12, arbitrary: publishing },
  { weight: 8, arbitrary: fc.oneof(...onConnections) },
  { weight: 7, arbitrary: fc.oneof(...onShards) },
  { weight: 2, arbitrary: losses },
);

/** Several operations on one connection, or on one shard, that would meet too rarely by chance. */
const onOneConnection = fc
  .tuple(channel, connection, fc.array(fc.oneof(...onConnections.slice(0, 5)), { minLength: 2, maxLength: 6 }))
  .map(([at, id, all]): Operation[] => all.map((each) => ({ ...each, channel: at, connection: id }) as Operation));
const resumed = fc.tuple(channel, connection, seen, fc.nat(9)).map(([at, id, after, sent]): Operation[] => [
  { do: 'open', channel: at, connection: id, connectedAt: 0, after },
  { do: 'next', channel: at, connection: id, connectedAt: 0 },
  { do: 'moveCursor', channel: at, connection: id, turn: 'last', sent },
  { do: 'next', channel: at, connection: id, connectedAt: 0 },
]);
const closed = fc.tuple(channel, connection, end, time, time).map(([at, id, which, now, connectedAt]): Operation[] => [
  { do: 'closeRound', channel: at, at: which, now },
  { do: 'dropCursor', channel: at, connection: id },
  { do: 'next', channel: at, connection: id, connectedAt },
]);
const drained = fc.tuple(shard, token).map(([at, name]): Operation[] => [
  { do: 'read', shard: at, token: name, count: 100 },
  { do: 'settle', shard: at, step: 1 },
  { do: 'isUnserved', shard: at },
  { do: 'exitIfIdle', shard: at, token: name },
]);
const onOneShard = fc
  .tuple(shard, fc.array(fc.oneof(...onShards.slice(0, 2)), { minLength: 2, maxLength: 4 }))
  .map(([at, all]): Operation[] => all.map((each) => ({ ...each, shard: at }) as Operation));

const burst: fc.Arbitrary<Operation[]> = fc.oneof(
  { weight: 14, arbitrary: operation.map((each) => [each]) },
  { weight: 2, arbitrary: onOneConnection },
  { weight: 3, arbitrary: fc.oneof(resumed, closed, drained) },
  { weight: 2, arbitrary: onOneShard },
);

/** Most of it comes to nothing before a channel is restored. */
const begun: Operation[] = CHANNELS.flatMap((_, channel) => [
  { do: 'next', channel, connection: 'a', connectedAt: 0 },
  { do: 'markRestored', channel, at: { epoch: 0, seq: 0 } },
  { do: 'next', channel, connection: 'a', connectedAt: 0 },
]);

/** What of all that was done can still be seen. */
const audit: Operation[] = [
  ...begun,
  ...CHANNELS.flatMap((_, each) =>
    CONNECTIONS.map((id): Operation => ({ do: 'next', channel: each, connection: id, connectedAt: 3 })),
  ),
  ...[0, 1].flatMap((at): Operation[] => [
    { do: 'isUnserved', shard: at },
    { do: 'beginRecovery', shard: at, token: 'audit' },
    { do: 'reclaim', shard: at, token: 'audit', count: 100, on: false },
    { do: 'read', shard: at, token: 'audit', count: 100 },
    { do: 'exitIfIdle', shard: at, token: 'audit' },
    { do: 'acquire', shard: at, token: 'audit' },
  ]),
];

export const operations: fc.Arbitrary<Operation[]> = fc
  .tuple(fc.boolean(), fc.array(burst, { minLength: 1, maxLength: 50, size: 'max' }))
  .map(([fromRestored, all]) => [...(fromRestored ? begun : []), ...all.flat(), ...audit]);
