import { beforeEach, describe, expect, it } from 'vitest';
import { openConnection } from '../../app/open-connection.ts';
import { createWorld, type World } from './world.ts';

let world: World;
beforeEach(() => {
  world = createWorld();
});

describe('a handshake of more than 10 s', () => {
  it('is not forgotten', async () => {
    const source = await world.accept();
    await world.process(source);
    await world.settle();
    world.sockets.connecting('a');
    await openConnection(world, {
      connectionId: 'a',
      wsUuid: source.wsUuid,
      lastEventId: undefined,
      connectedAt: world.clock.now(),
    });
    await world.clock.advance(16_000);
    world.sockets.connected('a');
    await world.settle();
    await world.minutes(3);
    expect({
      ends: world.ends('a'),
      open: world.sockets.isOpen('a'),
      known: (await world.connections.of(source.wsUuid, world.clock.now())).length,
    }).toEqual({ ends: [source.sourceUuid], open: false, known: 0 });
  });
});

describe('a socket of a finished channel whose handshake takes more than the grace', () => {
  it('is closed, not forgotten', async () => {
    const source = await world.accept();
    await world.process(source);
    await world.settle();
    const end = String(world.history(source).at(-1)!['event-id']);
    world.sockets.connecting('a');
    await openConnection(world, {
      connectionId: 'a',
      wsUuid: source.wsUuid,
      lastEventId: end,
      connectedAt: world.clock.now(),
    });
    await world.clock.advance(3_000);
    world.sockets.connected('a');
    await world.settle();
    await world.minutes(3);
    expect({
      closed: world.sockets.isClosedByServer('a'),
      known: (await world.connections.of(source.wsUuid, world.clock.now())).length,
    }).toEqual({ closed: true, known: 0 });
  });
});
