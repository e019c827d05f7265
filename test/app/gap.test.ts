import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import { receiveClientMessage } from '../../app/client-message.ts';
import type { Source } from '../../app/ports.ts';
import { HISTORY_EVENTS } from '../../domain/limits.ts';
import { createWorld, kinds, type World } from './world.ts';

let world: World;
beforeEach(() => {
  world = createWorld();
});

const ids = (connectionId: string) => world.received(connectionId).map((event) => event['event-id']);

async function ended(given: Parameters<World['accept']>[0] = {}): Promise<Source> {
  const source = await world.accept(given);
  await world.process(source);
  await world.settle();
  return source;
}

describe('a socket that asks to go on after an event', () => {
  it.each([0, 1, 2, 3])('of the present epoch gets what came after it: %i', async (seq) => {
    const source = await ended();
    const epoch = String(world.history(source)[0]!['event-id']).split('-')[0];
    await world.connect(source.wsUuid, 'a', `${epoch}-${seq}`);
    await world.settle();
    expect(ids('a')).toEqual([1, 2, 3, 4].filter((each) => each > seq).map((each) => `${epoch}-${each}`));
    expect(world.sockets.isClosedByServer('a')).toBe(true);
  });

  it.each(['another epoch', 'beyond the end'])(
    'of %s is told of the gap, how each source stands, and all that is held',
    async (what) => {
      const source = await ended();
      const epoch = String(world.history(source)[0]!['event-id']).split('-')[0];
      await world.connect(source.wsUuid, 'a', what === 'another epoch' ? 'elsewhere-2' : `${epoch}-77`);
      await world.settle();
      const [gap, snapshot, ...events] = world.received('a');
      expect(gap).toEqual({ type: 'gap', 'resume-from': `${epoch}-0` });
      expect(snapshot).toEqual({
        result: { title: 'done' },
        type: 'file-upload',
        'source-uuid': source.sourceUuid,
        status: 'success',
        snapshot: true,
      });
      expect(kinds(events)).toEqual(['step', 'received', 'extract 100', 'success']);
      expect(world.sockets.isClosedByServer('a')).toBe(true);
    },
  );

  it('that the history has dropped goes on with the oldest that is held', async () => {
    const batch = HISTORY_EVENTS / 4 + 10;
    const wsUuid = randomUUID();
    await world.channels.register(
      { wsUuid, owner: '1', shard: 0, batchSize: batch, expiresAt: world.clock.now() + 1e7 },
      0,
    );
    const sources: Source[] = [];
    for (let count = 0; count < batch; count++) sources.push(await world.accept({ wsUuid }));
    for (const source of sources) await world.process(source);
    const held = world.history(sources[0]!);
    const epoch = String(held[0]!['event-id']).split('-')[0];
    await world.connect(wsUuid, 'a', `${epoch}-5`);
    await world.settle();
    const [gap, ...rest] = world.received('a');
    expect(gap).toEqual({ type: 'gap', 'resume-from': `${epoch}-40` });
    expect(rest.filter(({ snapshot }) => snapshot).map((each) => each['source-uuid'])).toEqual(
      sources.map(({ sourceUuid }) => sourceUuid),
    );
    expect(rest.slice(batch)).toEqual(held);
    expect(world.sockets.isClosedByServer('a')).toBe(true);
  });

  // It was closed at once, came back after a second, was closed …: until a worker had claimed the new upload.
  it('waits for an upload that was accepted since, though nothing is said of it yet', async () => {
    const first = await ended();
    const last = world.history(first).at(-1)!['event-id'];
    const second = await world.accept({ wsUuid: first.wsUuid });
    await world.connect(first.wsUuid, 'a', String(last));
    await world.settle();
    await world.clock.advance(10_000);
    expect(world.sockets.isOpen('a')).toBe(true);
    await world.process(second);
    await world.settle();
    expect(kinds(world.received('a'))).toEqual(['step', 'received', 'extract 100', 'success']);
    expect(world.sockets.isClosedByServer('a')).toBe(true);
  });

  it('is closed though it resumes by message right at the end', async () => {
    const source = await world.accept();
    await world.connect(source.wsUuid, 'a');
    await world.process(source);
    await world.clock.advance(300);
    const end = world.received('a').at(-1)!['event-id'];
    await receiveClientMessage(world, 'a', JSON.stringify({ action: 'resume', 'last-event-id': end }));
    await world.settle();
    expect(kinds(world.received('a'))).toEqual(['step', 'received', 'extract 100', 'success']);
    expect(world.sockets.isClosedByServer('a')).toBe(true);
  });

  it('gets the same by a message on an open socket', async () => {
    const source = await world.accept();
    await world.connect(source.wsUuid, 'a');
    let working = Promise.withResolvers<unknown>();
    world.processWith(() => working.promise as Promise<unknown>);
    const processed = world.process(source);
    await world.clock.advance(100);
    await receiveClientMessage(world, 'a', '{"action": "resume", "last-event-id": "elsewhere-2"}');
    working.resolve({ title: 'done' });
    working = Promise.withResolvers();
    await processed;
    await world.settle();
    const messages = world.received('a');
    expect(kinds(messages.slice(0, 4))).toEqual(['step', 'received', 'gap', 'received']);
    expect(messages[3]).toMatchObject({ snapshot: true, status: 'processing' });
    expect(kinds(messages.slice(4))).toEqual(['step', 'received', 'extract 100', 'success']);
  });

  it('is told again from the gap on when its delivery broke off in it', async () => {
    const source = await ended();
    world.reader.failNext('moveCursor');
    await world.connect(source.wsUuid, 'a', 'elsewhere-2');
    await world.settle();
    expect(kinds(world.received('a')).filter((kind) => kind === 'gap')).toHaveLength(2);
    expect(kinds(world.received('a')).at(-1)).toBe('success');
  });
});

describe('a channel that Redis has lost', () => {
  it('is told its sources once more, openings and ends, to a socket that comes without an event', async () => {
    const source = await ended();
    world.lose();
    await world.connect(source.wsUuid, 'a');
    await world.settle();
    expect(kinds(world.received('a'))).toEqual(['step', 'received', 'success']);
    expect(world.log.of('channel-restored')).toMatchObject([{ lost: 1 }]);
    const stored = await world.sources.get(source.sourceUuid);
    expect(stored?.published).toMatchObject({ seq: 3 });
  });

  it('does not hand an end that was told to whoever comes for the next upload', async () => {
    const first = await world.accept();
    await world.connect(first.wsUuid, 'a');
    await world.process(first);
    await world.settle();
    expect(world.sockets.isClosedByServer('a')).toBe(true);
    world.lose();
    await world.connect(first.wsUuid, 'b');
    await world.settle();
    expect(world.received('b')).toEqual([]);
    const second = await world.accept({ wsUuid: first.wsUuid });
    await world.process(second);
    await world.settle();
    expect(new Set(world.received('b').map((event) => event['source-uuid']))).toEqual(new Set([second.sourceUuid]));
    expect(world.sockets.isClosedByServer('b')).toBe(true);
    world.lose();
    await world.connect(first.wsUuid, 'c');
    await world.settle();
    expect(world.received('c')).toEqual([]);
  });

  // Its place in the new epoch would be past every round that was closed there, and so look like news.
  it('does not hand out an end that was told, though the sweeper looks for it once more', async () => {
    const source = await world.accept();
    await world.connect(source.wsUuid, 'a');
    await world.process(source);
    await world.settle();
    world.lose();
    await world.clock.advance(60_000);
    await world.sweep();
    await world.connect(source.wsUuid, 'b');
    await world.settle();
    expect(world.received('b')).toEqual([]);
  });

  // Its number would be given to another event, which a client that has seen it would drop as known.
  it('begins a new epoch for an end that a failover took back, though it still holds what came before it', async () => {
    const source = await world.accept();
    let back = () => {};
    world.processWith(async () => {
      back = world.snapshot();
      return { title: 'done' };
    });
    await world.process(source);
    const [before] = world.history(source);
    back();
    expect(kinds(world.history(source))).toEqual(['step', 'received']);
    await world.clock.advance(60_000);
    await world.sweep();
    expect(kinds(world.history(source))).toEqual(['step', 'received', 'success']);
    expect(world.history(source)[0]!['event-id']).not.toBe(before!['event-id']);
    await world.settle();
  });

  it('shows what was told to whoever says that it had not come so far', async () => {
    const source = await world.accept();
    await world.connect(source.wsUuid, 'a');
    await world.process(source);
    await world.settle();
    const [first] = ids('a');
    world.lose();
    await world.connect(source.wsUuid, 'b', String(first));
    await world.settle();
    expect(kinds(world.received('b'))).toEqual(['gap', 'success']);
  });

  it('gives what others were told to a socket that listened before and had not got so far', async () => {
    const source = await world.accept();
    await world.connect(source.wsUuid, 'quick');
    await world.connect(source.wsUuid, 'slow');
    await world.settle();
    world.sockets.answerNext('slow', ...Array.from({ length: 200 }, () => 'retry' as const));
    await world.process(source);
    await world.clock.advance(3_000);
    expect(world.sockets.isClosedByServer('quick')).toBe(true);
    expect(world.received('slow')).toEqual([]);
    world.lose();
    world.sockets.answerNext('slow', 'sent');
    await world.connect(source.wsUuid, 'next');
    await world.settle();
    expect(kinds(world.received('slow'))).toEqual(['step', 'received', 'success']);
  });

  it('leaves nothing out that ended while it was restored, and hands out nothing that was told', async () => {
    const first = await world.accept();
    await world.connect(first.wsUuid, 'a');
    await world.process(first);
    await world.settle();
    world.lose();
    await world.connect(first.wsUuid, 'b');
    const second = await world.accept({ wsUuid: first.wsUuid });
    await world.process(second);
    await world.settle();
    expect(kinds(world.received('b'))).toEqual(['step', 'received', 'extract 100', 'success']);
    expect(new Set(world.received('b').map((event) => event['source-uuid']))).toEqual(new Set([second.sourceUuid]));
  });

  it('does not hand out an end that was told, however often its data is lost', async () => {
    const source = await world.accept();
    await world.connect(source.wsUuid, 'told');
    await world.process(source);
    await world.settle();
    for (const connectionId of ['b', 'c', 'd']) {
      world.lose();
      await world.connect(source.wsUuid, connectionId);
      await world.settle();
      expect(world.received(connectionId)).toEqual([]);
    }
  });

  it('says the opening of a source that is being worked on', async () => {
    const source = await world.accept();
    await world.sources.claim(source, world.clock.now(), world.clock.now() + 15_000);
    world.lose();
    await world.connect(source.wsUuid, 'a');
    await world.settle();
    expect(kinds(world.received('a'))).toEqual(['step', 'received']);
  });

  it('says nothing of a source that nobody has claimed', async () => {
    const source = await world.accept();
    world.lose();
    await world.connect(source.wsUuid, 'a');
    await world.settle();
    expect(world.received('a')).toEqual([]);
  });

  it('counts the sources of a batch that had ended before', async () => {
    const wsUuid = randomUUID();
    await world.channels.register(
      { wsUuid, owner: '1', shard: 0, batchSize: 2, expiresAt: world.clock.now() + 1e7 },
      0,
    );
    const first = await world.accept({ wsUuid });
    await world.connect(wsUuid, 'a');
    await world.process(first);
    await world.settle();
    world.lose();
    await world.process(await world.accept({ wsUuid }));
    await world.settle();
    expect(world.sockets.isClosedByServer('a')).toBe(true);
  });

  it('is restored by whoever comes next where the restoration broke off', async () => {
    const source = await ended();
    world.lose();
    world.bus.failNext('publish');
    world.sources.failNext('ofChannel');
    await world.connect(source.wsUuid, 'a');
    await world.settle();
    expect(kinds(world.received('a'))).toEqual(['step', 'received', 'success']);
  });
});
