import { beforeEach, describe, expect, it } from 'vitest';
import { openConnection } from '../../app/open-connection.ts';
import { createWorld, type World } from './world.ts';

let world: World;
beforeEach(() => {
  world = createWorld();
});

/** The function has noted the socket `a`, and API Gateway opens it only so much later. */
async function connectSlowly(wsUuid: string, lastEventId: string | undefined, handshakeMs: number): Promise<void> {
  world.sockets.connecting('a');
  await openConnection(world, { connectionId: 'a', wsUuid, lastEventId, connectedAt: world.clock.now() });
  await world.clock.advance(handshakeMs);
  world.sockets.connected('a');
  await world.settle();
  await world.minutes(3);
}

describe('a handshake of more than 10 s', () => {
  it('is not forgotten', async () => {
    const source = await world.accept();
    await world.process(source);
    await world.settle();
    await connectSlowly(source.wsUuid, undefined, 16_000);
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
    await connectSlowly(source.wsUuid, end, 3_000);
    expect({
      closed: world.sockets.isClosedByServer('a'),
      known: (await world.connections.of(source.wsUuid, world.clock.now())).length,
    }).toEqual({ closed: true, known: 0 });
  });
});
