import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import { cancelSource } from '../../app/cancel-source.ts';
import { receiveClientMessage } from '../../app/client-message.ts';
import { processSource } from '../../app/process-source.ts';
import { createWorld, kinds, type World } from './world.ts';

let world: World;
beforeEach(() => {
  world = createWorld();
});

/** Of what there is while a source is worked on. @returns what brings it back. */
function snapshotWhileWorking(): () => void {
  let back = () => {};
  world.processWith(async () => {
    back = world.snapshot();
    return { title: 'done' };
  });
  return () => back();
}

/** What a socket `b` gets that comes for one more upload. */
async function nextUpload(wsUuid: string, minutes: number) {
  const source = await world.accept({ wsUuid });
  await world.connect(wsUuid, 'b');
  world.processWith(async () => ({ title: 'done' }));
  await world.process(source);
  await world.settle();
  await world.minutes(minutes);
  return { frames: kinds(world.received('b')), closed: world.sockets.isClosedByServer('b') };
}

describe('a failover that loses an end for which one socket was closed', () => {
  it('the other socket still learns it', async () => {
    const source = await world.accept();
    await world.sweep();
    await world.connect(source.wsUuid, 'quick');
    await world.connect(source.wsUuid, 'slow');
    await world.settle();
    const back = snapshotWhileWorking();
    world.sockets.answerNext('slow', ...Array.from({ length: 20 }, () => 'retry' as const));
    await world.process(source);
    await world.clock.advance(1_500);
    expect(world.sockets.isClosedByServer('quick')).toBe(true);
    back();
    await world.minutes(5);
    expect(world.ends('slow')).toEqual([source.sourceUuid]);
  });
  it('the channel goes on: the next upload is closed after its end', async () => {
    const source = await world.accept();
    await world.sweep();
    await world.connect(source.wsUuid, 'a');
    await world.settle();
    const back = snapshotWhileWorking();
    await world.process(source);
    await world.clock.advance(1_500);
    expect(world.sockets.isClosedByServer('a')).toBe(true);
    back();
    await world.minutes(5);
    expect(await nextUpload(source.wsUuid, 3)).toMatchObject({
      closed: true,
    });
  });
});

describe('a failover that takes back progress, whose numbers are given to an end', () => {
  async function batch() {
    const wsUuid = randomUUID();
    await world.register(wsUuid, 2);
    const a = await world.accept({ wsUuid });
    const b = await world.accept({ wsUuid });
    await world.sweep();
    return { wsUuid, a, b };
  }
  /** A reports five values, which the failover takes back, and another one when it is told to. */
  function twoWorks(a: string) {
    const state = { back: () => {}, more: Promise.withResolvers<void>(), end: Promise.withResolvers<void>() };
    world.processWith(async (source, report) => {
      if (source.sourceUuid !== a) return { title: 'b' };
      state.back = world.snapshot();
      for (let pages = 1; pages <= 5; pages++) {
        report({ pages, totalPages: 10 });
        await world.clock.sleep(260);
      }
      await state.more.promise;
      report({ pages: 6, totalPages: 10 });
      await state.end.promise;
      return { title: 'a' };
    });
    return state;
  }
  const line = (e: Record<string, unknown>) =>
    `${String(e['event-id']).split('-')[1]} ${e.status ?? ''} ${e.progress ?? ''}`;
  it('a socket that comes back with the last id it saw learns both ends', async () => {
    const { wsUuid, a, b } = await batch();
    await world.connect(wsUuid, 'one');
    await world.settle();
    const works = twoWorks(a.sourceUuid);
    const working = world.process(a);
    await world.clock.advance(3_000);
    const last = String(world.received('one').at(-1)!['event-id']);
    world.sockets.leave('one');
    works.back(); // the values of progress are gone
    await world.process(b);
    works.more.resolve();
    await world.clock.advance(2_000);
    await world.connect(wsUuid, 'two', last);
    works.end.resolve();
    await working;
    await world.settle();
    await world.minutes(5);
    expect({
      last,
      got: world.received('two').map(line),
      closed: world.sockets.isClosedByServer('two'),
      ends: new Set([...world.ends('one'), ...world.ends('two')]),
    }).toMatchObject({ ends: new Set([a.sourceUuid, b.sourceUuid]) });
  });
  it('a socket that stays learns both ends', async () => {
    const { wsUuid, a, b } = await batch();
    await world.connect(wsUuid, 'one');
    await world.settle();
    const works = twoWorks(a.sourceUuid);
    const working = world.process(a);
    const first = Promise.withResolvers<void>();
    const slow = Promise.withResolvers<void>();
    const { post } = world.sockets;
    world.sockets.post = async (id, frame) => {
      if (frame.includes('"progress":10,')) await first.promise;
      if (frame.includes('"progress":20,')) await slow.promise;
      return post(id, frame);
    };
    await world.clock.advance(3_000); // meanwhile a page comes together
    first.resolve();
    await world.clock.advance(10); // its first post is under way
    works.back();
    await world.process(b);
    slow.resolve();
    await world.clock.advance(5_000);
    works.more.resolve();
    await world.clock.advance(2_000);
    works.end.resolve();
    await working;
    await world.settle();
    await world.minutes(5);
    expect({
      got: world.received('one').map(line),
      closed: world.sockets.isClosedByServer('one'),
      ends: new Set(world.ends('one')),
    }).toMatchObject({ ends: new Set([a.sourceUuid, b.sourceUuid]) });
  });
});

describe('a loss of Redis before a worker notices that its source was cancelled', () => {
  it('the channel goes on: the next upload is closed after its end', async () => {
    const first = await world.accept();
    await world.sweep();
    await world.connect(first.wsUuid, 'a');
    await world.settle();
    let report = (_: { pages: number; totalPages: number }) => {};
    world.processWith(async (_source, onProgress, signal) => {
      report = onProgress;
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
      throw signal.reason;
    });
    const working = processSource(world, first);
    await world.clock.advance(100);
    await cancelSource(world, '1', first.sourceUuid);
    await world.clock.advance(20);
    const last = world.received('a').at(-1)!;
    expect(last.status).toBe('failure');
    await receiveClientMessage(world, 'a', JSON.stringify({ action: 'ack', 'event-id': last['event-id'] }));
    await world.clock.advance(20);
    expect(world.sockets.isClosedByServer('a')).toBe(true);
    world.lose();
    report({ pages: 1, totalPages: 2 });
    await world.clock.advance(2_000);
    await working;
    await world.minutes(3);
    expect(await nextUpload(first.wsUuid, 5)).toEqual({
      frames: ['step', 'received', 'extract 100', 'success'],
      closed: true,
    });
  });
});

describe('a failover that loses the ring of a socket which came after all had happened', () => {
  it('the socket is given the end all the same', async () => {
    const source = await world.accept();
    await world.sweep();
    await world.process(source);
    await world.settle();
    await world.minutes(3);
    const back = world.snapshot();
    await world.connect(source.wsUuid, 'a');
    back();
    await world.settle();
    expect(world.received('a')).toEqual([]);
    await world.minutes(2);
    expect(world.ends('a')).toEqual([source.sourceUuid]);
    expect(world.sockets.isClosedByServer('a')).toBe(true);
  });

  it('as many as came: each is rung for once in a run, and in no more than two', async () => {
    await world.sweep();
    const rung: string[] = [];
    const { ring } = world.bus;
    const wsUuids = [randomUUID(), randomUUID()];
    for (const wsUuid of wsUuids) await world.register(wsUuid);
    for (const socket of ['a', 'b']) await world.connect(wsUuids[0]!, socket);
    await world.connect(wsUuids[1]!, 'c');
    world.bus.ring = (at) => {
      rung.push(at.wsUuid);
      return ring(at);
    };
    await world.clock.advance(30_000);
    await world.sweep();
    expect(rung).toEqual([]);
    for (let minute = 0; minute < 6; minute += 1) {
      await world.clock.advance(60_000);
      await world.sweep();
    }
    await world.settle();
    expect(rung.sort()).toEqual([...wsUuids, ...wsUuids].sort());
    expect(world.log.entries.filter(({ level }) => level !== 'info')).toEqual([]);
  });

  it('another run comes to those that the first one could not ring for', async () => {
    const source = await world.accept();
    await world.process(source);
    await world.settle();
    await world.minutes(3);
    const back = world.snapshot();
    await world.connect(source.wsUuid, 'a');
    back();
    await world.settle();
    await world.clock.advance(60_000);
    world.bus.failNext('ring');
    await world.sweep();
    expect(world.log.of('sweep-failed')).toMatchObject([{ part: 'new connections' }]);
    expect(world.received('a')).toEqual([]);
    await world.minutes(1);
    expect(world.ends('a')).toEqual([source.sourceUuid]);
  });
});
