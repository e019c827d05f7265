import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import { beforeEach, describe, expect, it } from 'vitest';
import type { PostOutcome, Source } from '../../app/ports.ts';
import { processSource } from '../../app/process-source.ts';
import { subscribe } from '../../app/subscribe.ts';
import { CLOSE_GRACE_MS, SAME_PROGRESS_INTERVAL_MS } from '../../domain/limits.ts';
import { createWorld, kinds, type World } from './world.ts';

let world: World;
beforeEach(() => {
  world = createWorld();
});

const ALL = ['step', 'received', 'extract 100', 'success'];
const process = (source: Source) => world.process(source);

async function registered(): Promise<string> {
  const { wsUuid } = await world.accept();
  return wsUuid;
}

describe('delivery to a socket', () => {
  it('brings everything in order to a socket that listens from the start, then closes it', async () => {
    const source = await world.accept();
    await world.connect(source.wsUuid, 'a');
    await process(source);
    expect(await world.settle()).toContain('idle');
    expect(kinds(world.received('a'))).toEqual(ALL);
    expect(world.received('a').map((event) => String(event['event-id']).split('-')[1])).toEqual(['1', '2', '3', '4']);
    expect(world.sockets.isClosedByServer('a')).toBe(true);
    expect(await world.connections.of(source.wsUuid, world.clock.now())).toEqual([]);
  });

  it('brings everything to a socket that comes only after the end', async () => {
    const source = await world.accept();
    await process(source);
    await world.settle();
    await world.connect(source.wsUuid, 'late');
    await world.settle();
    expect(kinds(world.received('late'))).toEqual(ALL);
    expect(world.sockets.isClosedByServer('late')).toBe(true);
  });

  it('waits while the connection is still inside its handshake, where every post is answered 410', async () => {
    const source = await world.accept();
    world.sockets.connecting('young');
    await world.connections.add({
      wsUuid: source.wsUuid,
      connectionId: 'young',
      shard: 0,
      connectedAt: world.clock.now(),
      expiresAt: world.clock.now() + 60_000,
    });
    await process(source);
    await world.clock.advance(500);
    expect(world.received('young')).toEqual([]);
    world.sockets.connected('young');
    await world.settle();
    expect(kinds(world.received('young'))).toEqual(ALL);
  });

  it('drops a socket that is gone and keeps the events for the next one', async () => {
    const source = await world.accept();
    await world.connect(source.wsUuid, 'gone');
    await world.settle();
    world.sockets.leave('gone');
    await world.clock.advance(60_000);
    await process(source);
    await world.settle();
    expect(await world.connections.of(source.wsUuid, world.clock.now())).toEqual([]);
    await world.connect(source.wsUuid, 'next');
    await world.settle();
    expect(kinds(world.received('next'))).toEqual(ALL);
  });

  it('closes a socket that is there although a post was answered that it is gone: its client comes back', async () => {
    const source = await world.accept();
    await world.connect(source.wsUuid, 'alive');
    await world.settle();
    await world.clock.advance(60_000);
    world.sockets.answerNext('alive', 'gone');
    await process(source);
    await world.settle();
    expect(world.sockets.isClosedByServer('alive')).toBe(true);
    await world.connect(source.wsUuid, 'back');
    await world.settle();
    expect(kinds(world.received('back'))).toEqual(ALL);
  });

  it('gives each of two sockets everything, though one of them is slow', async () => {
    const source = await world.accept();
    await world.connect(source.wsUuid, 'slow');
    await world.connect(source.wsUuid, 'quick');
    await world.settle();
    const slow = Promise.withResolvers<void>();
    world.sockets.holdNext('slow', slow.promise);
    await process(source);
    await world.clock.advance(CLOSE_GRACE_MS + 500);
    expect(kinds(world.received('quick'))).toEqual(ALL);
    expect(world.sockets.isClosedByServer('quick')).toBe(true);
    expect(world.received('slow')).toEqual([]);
    slow.resolve();
    await world.settle();
    expect(kinds(world.received('slow'))).toEqual(ALL);
    expect(world.sockets.isClosedByServer('slow')).toBe(true);
  });

  it('sends a frame again after 429, 500 or a time-out, and the next one not before it', async () => {
    const source = await world.accept();
    await world.connect(source.wsUuid, 'a');
    await world.settle();
    world.sockets.answerNext('a', 'retry', 'retry', 'retry');
    await process(source);
    await world.settle();
    expect(kinds(world.received('a'))).toEqual(ALL);
  });

  it('goes on after the last event that a reconnecting client names', async () => {
    const source = await world.accept();
    await world.connect(source.wsUuid, 'a');
    await process(source);
    await world.clock.advance(100);
    const second = String(world.received('a')[1]!['event-id']);
    await world.connect(source.wsUuid, 'b', second);
    await world.settle();
    expect(kinds(world.received('b'))).toEqual(ALL.slice(2));
    expect(world.sockets.isClosedByServer('b')).toBe(true);
  });

  it('closes at once on the acknowledgement of the last event, and otherwise after its grace', async () => {
    const source = await world.accept();
    await world.connect(source.wsUuid, 'a');
    await world.connect(source.wsUuid, 'b');
    await process(source);
    await world.clock.advance(CLOSE_GRACE_MS / 2);
    expect(world.sockets.isOpen('a')).toBe(true);
    const [epoch, seq] = String(world.received('a').at(-1)!['event-id']).split('-');
    await world.bus.acknowledge(source, 'a', { epoch: epoch!, seq: Number(seq) });
    await world.clock.advance(1);
    expect(world.sockets.isClosedByServer('a')).toBe(true);
    expect(world.sockets.isOpen('b')).toBe(true);
    await world.clock.advance(CLOSE_GRACE_MS);
    expect(world.sockets.isClosedByServer('b')).toBe(true);
    await world.settle();
  });

  it('closes a socket that came back with everything, after its grace', async () => {
    const source = await world.accept();
    await world.connect(source.wsUuid, 'a');
    await process(source);
    await world.settle();
    await world.connect(source.wsUuid, 'b', String(world.received('a').at(-1)!['event-id']));
    await world.settle();
    expect(world.received('b')).toEqual([]);
    expect(world.sockets.isClosedByServer('b')).toBe(true);
  });

  it('closes a socket that waits for more at the end of a round, on its acknowledgement of that end', async () => {
    const source = await world.accept();
    await world.connect(source.wsUuid, 'a');
    await process(source);
    await world.settle();
    await world.connect(source.wsUuid, 'b');
    await world.settle();
    expect(world.sockets.isOpen('b')).toBe(true);
    const [epoch, seq] = String(world.received('a').at(-1)!['event-id']).split('-');
    await world.bus.acknowledge(source, 'b', { epoch: epoch!, seq: Number(seq) });
    await world.subscribers.start(0);
    await world.settle();
    expect(world.sockets.isClosedByServer('b')).toBe(true);
  });

  it('does not hand the old end to a socket that reuses a finished channel, and closes it after the new one', async () => {
    const source = await world.accept();
    await world.connect(source.wsUuid, 'first');
    await process(source);
    await world.settle();
    await world.connect(source.wsUuid, 'second');
    await world.settle();
    expect(world.received('second')).toEqual([]);
    expect(world.sockets.isOpen('second')).toBe(true);
    const again = await world.accept({ wsUuid: source.wsUuid });
    await process(again);
    await world.settle();
    expect(world.received('second').map((event) => event['source-uuid'])).toEqual(ALL.map(() => again.sourceUuid));
    expect(world.sockets.isClosedByServer('second')).toBe(true);
  });

  it('closes a batch after its last source only', async () => {
    const wsUuid = randomUUID();
    await world.channels.register(
      { wsUuid, owner: '1', shard: 0, batchSize: 2, expiresAt: world.clock.now() + 1e9 },
      world.clock.now(),
    );
    await world.connect(wsUuid, 'a');
    await process(await world.accept({ wsUuid }));
    await world.settle();
    expect(world.sockets.isOpen('a')).toBe(true);
    await process(await world.accept({ wsUuid }));
    await world.settle();
    expect(kinds(world.received('a'))).toEqual([...ALL, ...ALL]);
    expect(world.sockets.isClosedByServer('a')).toBe(true);
  });

  it('stays open for an upload that was accepted and has not begun, and closes after its end', async () => {
    const first = await world.accept();
    await world.connect(first.wsUuid, 'a');
    const second = await world.accept({ wsUuid: first.wsUuid });
    await process(first);
    await world.clock.advance(CLOSE_GRACE_MS * 3);
    expect(kinds(world.received('a'))).toEqual(ALL);
    expect(world.sockets.isClosedByServer('a')).toBe(false);
    await process(second);
    await world.settle();
    expect(kinds(world.received('a'))).toEqual([...ALL, ...ALL]);
    expect(world.sockets.isClosedByServer('a')).toBe(true);
  });

  it('does not stay open for an upload that the list of sources only says to be under way', async () => {
    const source = await world.accept();
    await world.connect(source.wsUuid, 'a');
    const ofChannel = async () => Readable.from([source]); // as it was when it was accepted
    Object.assign(world.sources, { ofChannel });
    await process(source);
    await world.settle();
    expect(world.sockets.isClosedByServer('a')).toBe(true);
  });

  it('sends a history longer than a page whole', async () => {
    world.processWith(async (_, onProgress) => {
      for (let page = 1; page <= 150; page++) {
        onProgress({ pages: page, totalPages: 150 });
        await world.clock.sleep(SAME_PROGRESS_INTERVAL_MS);
      }
      return 'read';
    });
    const source = await world.accept();
    await world.clock.runUntil(processSource(world, source));
    await world.connect(source.wsUuid, 'a');
    await world.settle();
    expect(world.received('a')).toEqual(world.history(source));
    expect(world.received('a').length).toBeGreaterThan(128);
  });

  it('holds no more of a history of long events than a socket is sent in a moment', async () => {
    const wsUuid = await registered();
    await world.register(wsUuid, 20);
    world.processWith(async () => 'x'.repeat(100_000));
    for (let each = 0; each < 10; each++) await process(await world.accept({ wsUuid }));
    const { next } = world.reader;
    let held = 0;
    world.reader.next = async (...args) => {
      const page = await next(...args);
      held = Math.max(
        held,
        page.entries.reduce((sum, { frame }) => sum + frame.length, 0),
      );
      return page;
    };
    await world.connect(wsUuid, 'a');
    await world.settle();
    expect(world.ends('a')).toHaveLength(10);
    expect(held).toBeLessThanOrEqual(256 * 1024);
  });

  it('moves the cursor only after the post, so that a crash in between repeats a frame and loses none', async () => {
    const source = await world.accept();
    await world.connect(source.wsUuid, 'a');
    await world.settle();
    world.reader.failNext('moveCursor');
    await process(source);
    await world.settle();
    const ids = world.received('a').map((event) => event['event-id']);
    expect(ids.length).toBeGreaterThan(ALL.length);
    expect(kinds(world.received('a').filter((event, index) => ids.indexOf(event['event-id']) === index))).toEqual(ALL);
  });

  it('leaves the doorbells pending while the connections cannot be looked up', async () => {
    const source = await world.accept();
    await world.connect(source.wsUuid, 'a');
    await world.settle();
    world.connections.failNext('of', { times: 3 });
    await process(source);
    await world.settle();
    expect(kinds(world.received('a'))).toEqual(ALL);
    expect(world.log.of('connections-unknown')).toHaveLength(3);
  });
});

describe('the subscriber of a shard', () => {
  const run = (token: string, remainingMs = () => 900_000) => subscribe(world, { shard: 0, token, remainingMs });

  it('leaves at once when another one holds the lease', async () => {
    await world.reader.acquire(0, 'other', 60_000);
    expect(await run('me')).toBe('busy');
  });

  it('serves what its predecessor read and never settled, before anything new', async () => {
    const source = await world.accept();
    await world.reader.acquire(0, 'dead', 1_000);
    await process(source);
    expect((await world.reader.read(0, 'dead', 128, 0)).length).toBeGreaterThan(0);
    await world.clock.advance(2_000);
    await world.connect(source.wsUuid, 'a');
    await world.settle();
    expect(kinds(world.received('a'))).toEqual(ALL);
  });

  it('hands over before its time is up: gives the lease back and starts the successor', async () => {
    const wsUuid = await registered();
    const source = await world.accept({ wsUuid });
    let remaining = 900_000;
    const first = run('first', () => remaining);
    await world.clock.advance(10);
    remaining = 5_000;
    await world.bus.open({ wsUuid, shard: 0, connectionId: 'nobody', connectedAt: 0 });
    expect(await world.clock.runUntil(first)).toBe('handed-over');
    expect(world.subscribers.started).toEqual([0]);
    await process(source);
    await world.connect(wsUuid, 'a');
    await world.settle();
    expect(kinds(world.received('a'))).toEqual(ALL);
  });

  it('stops when its lease was taken, and leaves what it did not finish to others', async () => {
    const source = await world.accept();
    await world.connect(source.wsUuid, 'a');
    await world.settle();
    const { renew } = world.reader;
    world.reader.renew = async (shard, token, ttlMs) => (token === 'slow' ? false : renew(shard, token, ttlMs));
    world.sockets.holdNext('a', world.clock.sleep(8_000));
    const slow = run('slow');
    await process(source);
    await world.reader.release(0, 'slow');
    expect(await world.clock.runUntil(slow)).toBe('lost');
    expect(world.log.of('lease-lost')).toHaveLength(1);
    expect(world.subscribers.started).toEqual([0, 0]);
    await world.settle();
    expect(new Set(kinds(world.received('a')))).toEqual(new Set(ALL));
    expect(world.sockets.isClosedByServer('a')).toBe(true);
  });

  it('does not call it idle that its lease was lost, with all else, and it broke off what it did', async () => {
    const source = await world.accept();
    await world.connect(source.wsUuid, 'a');
    await world.settle();
    const { length } = world.subscribers.started;
    world.sockets.answerNext('a', ...Array<PostOutcome>(20).fill('retry'));
    const end = run('me');
    await process(source);
    world.lose();
    expect(await world.clock.runUntil(end)).toBe('lost');
    expect(world.subscribers.started.slice(length)).toEqual([0]);
  });

  it('gives up with an error when Redis stays away, so that it is started again', async () => {
    world.reader.failNext('read', { times: 10 });
    await expect(world.clock.runUntil(run('me'))).rejects.toThrow('made to fail');
  });

  it('goes on after a few failed reads, and after a lease that could not be asked for', async () => {
    world.reader.failNext('acquire', { times: 2 });
    world.reader.failNext('read', { times: 3 });
    expect(await world.clock.runUntil(run('me'))).toBe('idle');
  });
});
