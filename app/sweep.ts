import { eachAtOnce } from './at-once.ts';
import type { Connection, Connections, ShardWatch } from './ports.ts';
import { type SweepSourcesPorts, sweepSources } from './sweep-sources.ts';

export interface SweepPorts extends SweepSourcesPorts {
  readonly connections: Connections;
  readonly watch: ShardWatch;
  readonly shards: number;
}

export interface Sweep {
  /** Names this run; MUST be new for each. */
  readonly token: string;
  /** Nothing new is begun after it. */
  readonly until: number;
}

/** Rings sent at once after a loss: one call to Redis each. */
const RINGS_AT_ONCE = 64;

/** A failover that takes longer is no longer one that lost a second: clients and `process` see that Redis does not answer. */
const FAILED_OVER_WITHIN_MS = 60_000;

/** Two runs: one of them may be late, or may not come to all of them. */
const RUNG_AGAIN_FOR_MS = 120_000;

/** Connections that are announced: a ring and a write each. */
const AT_ONCE = 16;

/**
 * Finds, once a minute, what a crash or an outage has left: nothing here is needed while all goes well. Each of the
 * parts goes on where another fails, and everything that they do is safe to do twice, and while others do it.
 */
export async function sweep(ports: SweepPorts, { token, until }: Sweep): Promise<void> {
  await attempt(ports, 'recovery', () => recover(ports, token, halfOf(ports, until)));
  await attempt(ports, 'connections', () => announce(ports, halfOf(ports, until)));
  await attempt(ports, 'new connections', () => ringAgain(ports, halfOf(ports, until)));
  await attempt(ports, 'sources', () => sweepSources(ports, until));
  await attempt(ports, 'doorbells', () => wakeShards(ports));
}

/** However much there is of one thing to do, half of the time is left for the others; the next run goes on with it. */
function halfOf({ clock }: SweepPorts, until: number): number {
  const now = clock.now();
  return now + (until - now) / 2;
}

async function attempt({ log, metrics }: SweepPorts, part: string, run: () => Promise<void>): Promise<void> {
  try {
    await run();
  } catch (error) {
    log.error('sweep-failed', { part, error });
    metrics.count('SweepPartsFailed');
  }
}

function shardsOf({ shards }: SweepPorts): number[] {
  return Array.from({ length: shards }, (_, shard) => shard);
}

/**
 * Redis came back empty: whoever is connected may be owed an end that was published before, and no doorbell says so any
 * more. The delivery that the ring brings about restores each channel from DynamoDB.
 */
async function recover(ports: SweepPorts, token: string, until: number): Promise<void> {
  const { watch, connections, clock, log } = ports;
  const asked = await Promise.all(
    shardsOf(ports).map(async (shard) => ({ shard, lost: await watch.beginRecovery(shard, token) })),
  );
  const lost = new Map(asked.filter((each) => each.lost).map(({ shard }) => [shard, new Set<string>()]));
  if (lost.size === 0) return;
  for await (const { wsUuid, shard } of connections.all(clock.now())) lost.get(shard)?.add(wsUuid);
  const channels = [...lost.values()].reduce((sum, { size }) => sum + size, 0);
  // The first run of all finds the same, and nobody connected.
  if (channels > 0) log.warn('redis-had-lost-its-data', { shards: [...lost.keys()], channels });
  // One shard after the other: should the time be up, the next run need not begin with the first one again.
  for (const [shard, wsUuids] of lost) {
    if (!(await ringAll(ports, shard, wsUuids, until))) return log.warn('recovery-not-finished', { shard });
    await watch.endRecovery(shard, token);
    if (wsUuids.size > 0) await ports.subscribers.start(shard);
  }
}

function ringAll({ bus, clock }: SweepPorts, shard: number, wsUuids: Set<string>, until: number): Promise<boolean> {
  return eachAtOnce(wsUuids, { clock, atOnce: RINGS_AT_ONCE, until }, async (wsUuid) => {
    await bus.ring({ wsUuid, shard });
  });
}

/** They were opened while Redis did not answer. */
async function announce(ports: SweepPorts, until: number): Promise<void> {
  const { connections, bus, clock, log } = ports;
  const one = async (connection: Connection) => {
    await bus.ring(connection);
    await connections.markAnnounced(connection);
    log.warn('connection-announced-late', { wsUuid: connection.wsUuid, connectionId: connection.connectionId });
  };
  await eachAtOnce(await connections.unannounced(clock.now()), { clock, atOnce: AT_ONCE, until }, one);
}

/**
 * Each connection was rung for when it was opened. A failover of Redis may lose that ring although it was acknowledged, and
 * where all of the channel had happened before, nothing rings for it ever again. One that is still there goes on to a delivery
 * that finds nothing to do, or what it was to bring.
 */
async function ringAgain(ports: SweepPorts, until: number): Promise<void> {
  const { connections, bus, clock } = ports;
  const to = clock.now() - FAILED_OVER_WITHIN_MS;
  const channels = new Map<string, Pick<Connection, 'wsUuid' | 'shard'>>();
  for (const { wsUuid, shard } of await connections.openedBetween(to - RUNG_AGAIN_FOR_MS, to)) {
    channels.set(wsUuid, { wsUuid, shard });
  }
  const unserved = new Set<number>();
  const ring = async (channel: Pick<Connection, 'wsUuid' | 'shard'>) => {
    const { wake } = await bus.ring(channel);
    if (wake) unserved.add(channel.shard);
  };
  await eachAtOnce(channels.values(), { clock, atOnce: RINGS_AT_ONCE, until }, ring);
  for (const shard of unserved) await ports.subscribers.start(shard);
}

/** Whoever rang could not start a subscriber, or the one that ran has crashed. */
async function wakeShards(ports: SweepPorts): Promise<void> {
  const wake = async (shard: number) => {
    if (!(await ports.watch.isUnserved(shard))) return;
    ports.log.warn('shard-unserved', { shard });
    await ports.subscribers.start(shard);
  };
  // There are 128 at the most.
  await Promise.all(shardsOf(ports).map((shard) => attempt(ports, `doorbells of shard ${shard}`, () => wake(shard))));
}
