import type { Connections, ShardWatch } from './ports.ts';
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

/** Rings sent at once after a loss. */
const AT_ONCE = 64;

/**
 * Finds, once a minute, what a crash or an outage has left: nothing here is needed while all goes well. Each of the
 * parts goes on where another fails, and everything that they do is safe to do twice, and while others do it.
 */
export async function sweep(ports: SweepPorts, { token, until }: Sweep): Promise<void> {
  await attempt(ports, 'recovery', () => recover(ports, token));
  await attempt(ports, 'connections', () => announce(ports));
  await attempt(ports, 'sources', () => sweepSources(ports, until));
  await attempt(ports, 'doorbells', () => wakeShards(ports));
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
async function recover(ports: SweepPorts, token: string): Promise<void> {
  const { watch, connections, bus, clock, log } = ports;
  const asked = await Promise.all(
    shardsOf(ports).map(async (shard) => ({ shard, lost: await watch.beginRecovery(shard, token) })),
  );
  const lost = new Set(asked.filter((each) => each.lost).map(({ shard }) => shard));
  if (lost.size === 0) return;
  const channels = new Map<string, { wsUuid: string; shard: number }>();
  for await (const { wsUuid, shard } of connections.all(clock.now())) {
    if (lost.has(shard)) channels.set(wsUuid, { wsUuid, shard });
  }
  // The first run of all finds the same, and nobody connected.
  if (channels.size > 0) log.warn('redis-had-lost-its-data', { shards: [...lost], channels: channels.size });
  const waiting = [...channels.values()];
  const work = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) await bus.ring(next);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  for (const shard of lost) {
    await watch.endRecovery(shard, token);
    if (channels.size > 0) await ports.subscribers.start(shard);
  }
}

/** They were opened while Redis did not answer. */
async function announce({ connections, bus, clock, log }: SweepPorts): Promise<void> {
  for (const connection of await connections.unannounced(clock.now())) {
    await bus.ring(connection);
    await connections.markAnnounced(connection);
    log.warn('connection-announced-late', { wsUuid: connection.wsUuid, connectionId: connection.connectionId });
  }
}

/** Whoever rang could not start a subscriber, or the one that ran has crashed. */
async function wakeShards(ports: SweepPorts): Promise<void> {
  const wake = async (shard: number) => {
    if (!(await ports.watch.isUnserved(shard))) return;
    ports.log.warn('shard-unserved', { shard });
    await ports.subscribers.start(shard);
  };
  await Promise.all(shardsOf(ports).map((shard) => attempt(ports, `doorbells of shard ${shard}`, () => wake(shard))));
}
