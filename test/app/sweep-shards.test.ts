import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import { createWorld, kinds, type World } from './world.ts';

let world: World;
beforeEach(() => {
  world = createWorld();
});

/** Sockets of a channel each, opened an hour ago while Redis did not answer; nobody is started to deliver anything to them. */
async function addUnannounced(count: number): Promise<{ readonly starts: readonly number[] }> {
  const starts: number[] = [];
  world.subscribers.start = async (shard) => void starts.push(shard);
  const at = { shard: 0, connectedAt: world.clock.now() - 3_600_000, expiresAt: world.clock.now() + 7_200_000 };
  for (let each = 0; each < count; each++)
    await world.connections.add({ ...at, wsUuid: randomUUID(), connectionId: `c${each}`, unannounced: true });
  return { starts };
}

/** Takes those out of the queue that are to be had, and counts them. */
const messages = () => {
  let count = 0;
  for (let each = world.queue.receive(); each; each = world.queue.receive(), count += 1)
    world.queue.delete(each.receiptHandle);
  return count;
};

describe('the sweeper and shards', () => {
  it('starts a subscriber where a doorbell rang and nobody could be started', async () => {
    const source = await world.accept();
    await world.process(source);
    await world.settle();
    // Nothing else starts one from now on: no recovery is due, and the end has been looked for.
    for (let run = 0; run < 2; run++) await world.nextSweep();
    world.subscribers.failNext('start');
    await world.connect(source.wsUuid, 'a');
    await world.nextSweep();
    await world.settle();
    expect(kinds(world.received('a'))).toEqual(['step', 'received', 'extract 100', 'success']);
  });

  it('brings all that happened to a socket that came while Redis did not answer', async () => {
    await world.nextSweep();
    const source = await world.accept();
    await world.process(source);
    await world.settle();
    world.bus.failNext('open');
    await world.connect(source.wsUuid, 'a');
    await world.settle();
    expect(world.received('a')).toEqual([]);
    world.bus.failNext('ring');
    await world.nextSweep();
    await world.settle();
    expect(world.received('a')).toEqual([]);
    await world.nextSweep();
    await world.settle();
    expect(kinds(world.received('a'))).toEqual(['step', 'received', 'extract 100', 'success']);
    expect(await world.connections.unannounced(world.clock.now())).toEqual([]);
    expect(world.log.of('connection-announced-late')).toHaveLength(1);
  });

  it('comes to the sources and the shards however many sockets came while Redis did not answer', async () => {
    await world.nextSweep();
    const { sourceUuid } = await world.accept();
    messages();
    await world.claim(sourceUuid);
    const { starts } = await addUnannounced(40_000);
    const { markAnnounced } = world.connections;
    world.connections.markAnnounced = async (connection) => {
      await world.clock.sleep(10);
      await markAnnounced(connection);
    };
    await world.nextSweep();
    const left = (await world.connections.unannounced(world.clock.now())).length;
    expect(left).toBeLessThan(10_000); // 16 at once
    expect(left).toBeGreaterThan(0); // and half of the time is for what comes after them
    expect(await world.sources.get(sourceUuid)).toMatchObject({ redriven: 1 });
    expect(starts).toEqual([0]);
    await world.nextSweep();
    expect(await world.connections.unannounced(world.clock.now())).toEqual([]);
  }, 60_000);

  it('begins no ring after one that failed: Redis is away still, and the sources have their turn', async () => {
    await world.nextSweep();
    await addUnannounced(100);
    let rings = 0;
    world.bus.ring = async () => {
      rings += 1;
      await world.clock.sleep(1_000);
      throw new Error('Redis is away');
    };
    await world.nextSweep();
    expect(rings).toBe(16);
    expect(world.log.of('sweep-failed')).toMatchObject([{ part: 'connections' }]);
  });

  it('starts none where nothing waits', async () => {
    await world.nextSweep();
    expect(world.subscribers.started).toEqual([]);
  });

  it('does the rest where one part fails', async () => {
    const source = await world.accept();
    await world.sources.settle(source, { status: 'success', result: 1 }, world.clock.now(), world.clock.now());
    world.watch.failNext('beginRecovery');
    world.subscribers.failNext('start');
    await world.nextSweep();
    expect(world.log.of('sweep-failed')).toHaveLength(1);
    expect(kinds(world.history(source))).toEqual(['step', 'received', 'success']);
    await world.settle();
  });

  it('brings an end that was published and not delivered to its socket, after Redis has lost everything', async () => {
    await world.nextSweep();
    const source = await world.accept();
    await world.connect(source.wsUuid, 'a');
    await world.settle();
    world.subscribers.failNext('start', { times: 4 });
    await world.process(source);
    world.lose();
    expect(kinds(world.received('a'))).toEqual([]);
    await world.nextSweep();
    await world.settle();
    expect(kinds(world.received('a'))).toEqual(['step', 'received', 'success']);
    expect(world.sockets.isClosedByServer('a')).toBe(true);
    expect(world.log.of('redis-had-lost-its-data')).toEqual([{ shards: [0], channels: 1 }]);
    await world.nextSweep();
    expect(world.log.of('redis-had-lost-its-data')).toHaveLength(1);
  });

  it('leaves a recovery whose time is up to the next run, and looks after the sources meanwhile', async () => {
    await world.nextSweep();
    const { sourceUuid } = await world.accept();
    messages();
    await world.claim(sourceUuid);
    await addUnannounced(3_000);
    world.lose();
    const { ring } = world.bus;
    world.bus.ring = async (at) => {
      await world.clock.sleep(1_000);
      return ring(at);
    };
    await world.nextSweep();
    expect(world.log.of('recovery-not-finished')).toEqual([{ shard: 0 }]);
    expect(await world.sources.get(sourceUuid)).toMatchObject({ redriven: 1 });
    world.bus.ring = ring;
    await world.nextSweep();
    await world.nextSweep();
    expect(world.log.of('redis-had-lost-its-data')).toHaveLength(2);
  });

  it('recovers again where it broke off in the middle', async () => {
    const source = await world.accept();
    await world.connect(source.wsUuid, 'a');
    await world.settle();
    // Published, looked for and not delivered, since whoever is started dies: after the loss, only the recovery rings.
    const { start } = world.subscribers;
    world.subscribers.start = async () => {};
    await world.process(source);
    for (let run = 0; run < 2; run++) await world.nextSweep();
    expect(await world.sources.overdue(Number.POSITIVE_INFINITY, 10)).toEqual([]);
    world.subscribers.start = start;
    world.lose();
    world.bus.failNext('ring');
    await world.nextSweep();
    expect(world.received('a')).toEqual([]);
    await world.nextSweep();
    await world.settle();
    expect(kinds(world.received('a'))).toEqual(['step', 'received', 'success']);
  });
});
