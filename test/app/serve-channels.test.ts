import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Source } from '../../app/ports.ts';
import { subscribe } from '../../app/subscribe.ts';
import { createWorld, kinds, type World } from './world.ts';

let world: World;
beforeEach(() => {
  world = createWorld();
});

const ALL = ['step', 'received', 'extract 100', 'success'];
const run = (token: string) => subscribe(world, { shard: 0, token, remainingMs: () => 900_000 });

/** Nobody is there to deliver it: its doorbells were read by a subscriber that is dead. */
async function leftBehind(source: Source): Promise<void> {
  await world.reader.acquire(0, 'dead', 1_000);
  await world.process(source);
  expect((await world.reader.read(0, 'dead', 1_000, 0)).length).toBeGreaterThan(0);
  await world.clock.advance(2_000);
}

describe('the channels of a shard', () => {
  it('are brought what a predecessor left, all of it, before the subscriber waits for anything new', async () => {
    const source = await world.accept();
    await world.connect(source.wsUuid, 'a');
    await world.settle();
    for (let ring = 0; ring < 300; ring++) await world.bus.ring({ wsUuid: randomUUID(), shard: 0 });
    await leftBehind(source);
    const running = run('next');
    await world.clock.advance(100);
    expect(kinds(world.received('a'))).toEqual(ALL);
    await world.clock.runUntil(running);
  });

  it('leave a doorbell pending until every connection has what it rang for', async () => {
    const source = await world.accept();
    await world.connect(source.wsUuid, 'slow');
    await world.connect(source.wsUuid, 'quick');
    await world.settle();
    const slow = Promise.withResolvers<void>();
    world.sockets.holdNext('slow', slow.promise);
    await world.process(source);
    await world.clock.advance(500);
    expect(kinds(world.received('quick'))).toEqual(ALL);
    const { doorbells } = await world.reader.reclaim(0, 'successor', 10);
    expect(doorbells.map(({ wsUuid }) => wsUuid)).toContain(source.wsUuid);
    slow.resolve();
    await world.settle();
  });

  it('are brought each its own events only, also while several are served at once', async () => {
    const sources = [await world.accept(), await world.accept(), await world.accept()];
    for (const source of sources) await world.connect(source.wsUuid, source.sourceUuid);
    await world.settle();
    await Promise.all(sources.map((source) => world.process(source)));
    await world.settle();
    for (const { sourceUuid } of sources) {
      const received = world.received(sourceUuid);
      expect(kinds(received)).toEqual(ALL);
      expect(new Set(received.map((event) => event['source-uuid']))).toEqual(new Set([sourceUuid]));
    }
  });

  it('go on with the other sockets where one is gone', async () => {
    const source = await world.accept();
    await world.connect(source.wsUuid, 'gone');
    await world.connect(source.wsUuid, 'there');
    await world.settle();
    await world.clock.advance(60_000);
    world.sockets.leave('gone');
    const gone = Promise.withResolvers<void>();
    world.processWith(() => gone.promise.then(() => 'read'));
    const processed = world.process(source);
    await world.clock.advance(5_000);
    expect(await world.connections.of(source.wsUuid, world.clock.now())).toMatchObject([{ connectionId: 'there' }]);
    gone.resolve();
    await processed;
    await world.settle();
    expect(kinds(world.received('there'))).toEqual(ALL);
    expect(world.sockets.isClosedByServer('there')).toBe(true);
  });

  it('are closed once more where a close was refused for the moment', async () => {
    const source = await world.accept();
    await world.connect(source.wsUuid, 'a');
    await world.settle();
    world.sockets.answerNext('a', ...ALL.map(() => 'sent' as const), 'retry', 'retry');
    await world.process(source);
    await world.settle();
    expect(world.sockets.isClosedByServer('a')).toBe(true);
    expect(kinds(world.received('a'))).toEqual(ALL);
  });

  it('do not hand the old end to a socket that connects the moment the last one is closed', async () => {
    const source = await world.accept();
    await world.connect(source.wsUuid, 'first');
    const { close } = world.sockets;
    world.sockets.close = async (connectionId) => {
      const closed = await close(connectionId);
      if (connectionId === 'first') await world.connect(source.wsUuid, 'second');
      return closed;
    };
    await world.process(source);
    await world.settle();
    expect(world.sockets.isClosedByServer('first')).toBe(true);
    expect(world.received('second')).toEqual([]);
    expect(world.sockets.isOpen('second')).toBe(true);
  });
});
