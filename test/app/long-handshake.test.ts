import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import { openConnection } from '../../app/open-connection.ts';
import { sweep } from '../../app/sweep.ts';
import { createWorld, type World } from './world.ts';

let world: World;
beforeEach(() => {
  world = createWorld();
});

const runSweep = () => world.clock.runUntil(sweep(world, { token: randomUUID(), until: world.clock.now() + 45_000 }));

async function minutes(count: number): Promise<void> {
  for (let minute = 0; minute < count; minute += 1) {
    await world.clock.advance(60_000);
    await runSweep();
    await world.settle();
  }
}

const ends = (id: string) =>
  world
    .received(id)
    .filter(({ status }) => status === 'success' || status === 'failure')
    .map((event) => event['source-uuid']);

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
    await minutes(3);
    expect({
      ends: ends('a'),
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
    await minutes(3);
    expect({
      closed: world.sockets.isClosedByServer('a'),
      known: (await world.connections.of(source.wsUuid, world.clock.now())).length,
    }).toEqual({ closed: true, known: 0 });
  });
});
