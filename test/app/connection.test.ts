import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import { receiveClientMessage } from '../../app/client-message.ts';
import { closeConnection } from '../../app/close-connection.ts';
import { openConnection } from '../../app/open-connection.ts';
import { createWorld, kinds, type World } from './world.ts';

let world: World;
beforeEach(() => {
  world = createWorld();
});

describe('opening a connection', () => {
  const open = (wsUuid: string | undefined, lastEventId?: string) =>
    openConnection(world, { connectionId: 'c', connectedAt: world.clock.now(), wsUuid, lastEventId });

  it.each([
    ['ws-uuid-missing', undefined, undefined],
    ['ws-uuid-invalid', 'not-a-uuid', undefined],
    ['unknown-channel', randomUUID(), undefined],
    ['invalid-request', randomUUID(), 'nonsense'],
  ])('refuses with %s', async (code, wsUuid, lastEventId) => {
    await expect(open(wsUuid, lastEventId)).rejects.toMatchObject({ code });
    expect(await world.connections.find('c')).toBeUndefined();
  });

  it('refuses a channel that has expired', async () => {
    const { wsUuid } = await world.accept();
    await world.clock.advance(25 * 60 * 60_000);
    await expect(open(wsUuid)).rejects.toMatchObject({ code: 'unknown-channel' });
  });

  it('records the connection and rings, so that what was there before it is delivered', async () => {
    const { wsUuid } = await world.accept();
    await open(wsUuid);
    expect(await world.connections.find('c')).toMatchObject({ wsUuid, shard: 0 });
    expect(world.subscribers.started).toEqual([0]);
    await world.settle();
  });

  it('records the connection before it rings, so that whoever serves the ring finds it', async () => {
    const source = await world.accept();
    await world.process(source);
    await world.settle();
    world.connections.beforeNext('add', () => world.settle());
    await world.connect(source.wsUuid, 'c');
    await world.settle();
    expect(kinds(world.received('c')).at(-1)).toBe('success');
  });

  it('accepts the connection though Redis is away', async () => {
    const { wsUuid } = await world.accept();
    world.bus.failNext('open');
    await open(wsUuid);
    expect(await world.connections.find('c')).toBeDefined();
    expect(world.log.of('connection-not-announced')).toHaveLength(1);
  });

  it('forgets the connection when it is closed, and takes a second close for done', async () => {
    const { wsUuid } = await world.accept();
    await open(wsUuid);
    await closeConnection(world.connections, 'c');
    await closeConnection(world.connections, 'c');
    expect(await world.connections.find('c')).toBeUndefined();
    await world.settle();
  });
});

describe('what a client sends', () => {
  const send = (text: string) => receiveClientMessage(world, 'c', text);

  it('answers a ping', async () => {
    world.sockets.connected('c');
    await send('{"action": "ping"}');
    expect(world.received('c')).toEqual([{ type: 'pong' }]);
  });

  it.each(['', 'hello', '[]', '{"action": "dance"}', '{"action": "resume"}', '{"action": "ack", "event-id": "x"}'])(
    'answers %j with what may be sent',
    async (text) => {
      world.sockets.connected('c');
      await send(text);
      expect(world.received('c')).toMatchObject([{ type: 'error', code: 'invalid-request' }]);
    },
  );

  it('sends everything after the event that a resume names', async () => {
    const source = await world.accept({});
    await world.connect(source.wsUuid, 'c');
    await world.process(source);
    await world.clock.advance(100);
    const before = world.received('c').length;
    await send(JSON.stringify({ action: 'resume', 'last-event-id': world.received('c')[0]!['event-id'] }));
    await world.settle();
    expect(kinds(world.received('c').slice(before))).toEqual(['received', 'extract 100', 'success']);
  });

  it.each(['resume', 'ack'])('starts a subscriber where none is at work: %s', async (action) => {
    const wsUuid = randomUUID();
    await world.channels.register(
      { wsUuid, owner: '1', shard: 0, batchSize: 2, expiresAt: world.clock.now() + 1e7 },
      0,
    );
    await world.connect(wsUuid, 'c');
    await world.process(await world.accept({ wsUuid }));
    await world.settle();
    const [first] = world.received('c');
    const eventId = { [action === 'ack' ? 'event-id' : 'last-event-id']: first!['event-id'] };
    const startedBefore = world.subscribers.started.length;
    await send(JSON.stringify({ action, ...eventId }));
    expect(world.subscribers.started.length).toBe(startedBefore + 1);
    await world.settle();
  });

  it('says when it cannot be done just now', async () => {
    const { wsUuid } = await world.accept();
    await world.connect(wsUuid, 'c');
    await world.settle();
    world.bus.failNext('open');
    await send('{"action": "resume", "last-event-id": "abc-1"}');
    expect(world.received('c')).toMatchObject([{ type: 'error', code: 'unavailable' }]);
  });

  it('asks a connection that is not to be found yet to send again', async () => {
    world.sockets.connected('c');
    await send('{"action": "ack", "event-id": "abc-1"}');
    expect(world.received('c')).toMatchObject([{ type: 'error', code: 'unavailable' }]);
    expect(world.subscribers.started).toEqual([]);
  });
});
