import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import { cancelSource } from '../../app/cancel-source.ts';
import { createWorld, type World } from './world.ts';

let world: World;
beforeEach(() => {
  world = createWorld();
});

describe('the socket of a batch', () => {
  it('control: two sources, closed', async () => {
    const wsUuid = randomUUID();
    await world.register(wsUuid, 2);
    await world.connect(wsUuid, 'a');
    for (let i = 0; i < 2; i++) await world.process(await world.accept({ wsUuid }));
    await world.settle();
    await world.minutes(1);
    expect(world.sockets.isClosedByServer('a')).toBe(true);
  });
  it('whose failed source is sent again is closed after its last end', async () => {
    const wsUuid = randomUUID();
    await world.register(wsUuid, 2);
    await world.connect(wsUuid, 'a');
    const upload = { wsUuid, sourceUuid: randomUUID() };
    await world.process(await world.accept(upload));
    await world.process(await world.accept(upload)); // the same once more
    const other = await world.accept({ wsUuid });
    await world.clock.advance(2_000);
    expect(world.sockets.isOpen('a')).toBe(true);
    await world.process(other);
    await world.settle();
    await world.minutes(3);
    expect({ ends: world.ends('a').length, closed: world.sockets.isClosedByServer('a') }).toEqual({
      ends: 3,
      closed: true,
    });
  });
  it('of three, one of which is replaced right after the last end, is closed after that one', async () => {
    const wsUuid = randomUUID();
    await world.register(wsUuid, 3);
    await world.connect(wsUuid, 'a');
    for (let i = 0; i < 3; i++) await world.process(await world.accept({ wsUuid }));
    await world.clock.advance(300); // within the grace
    await world.process(await world.accept({ wsUuid }));
    await world.settle();
    await world.minutes(3);
    expect({ ends: world.ends('a').length, closed: world.sockets.isClosedByServer('a') }).toEqual({
      ends: 4,
      closed: true,
    });
  });
  it('that was registered after its first upload is closed after its last end', async () => {
    const wsUuid = randomUUID();
    const first = await world.accept({ wsUuid });
    await world.register(wsUuid, 2);
    await world.connect(wsUuid, 'a');
    await world.process(first);
    const second = await world.accept({ wsUuid });
    await world.process(second);
    await world.settle();
    await world.minutes(3);
    expect({ ends: world.ends('a').length, closed: world.sockets.isClosedByServer('a') }).toEqual({
      ends: 2,
      closed: true,
    });
  });
});

describe('a socket is not closed before', () => {
  it('it has the end of an upload that was cancelled before it began', async () => {
    const first = await world.accept();
    await world.connect(first.wsUuid, 'a');
    await world.process(first);
    const second = await world.accept({ wsUuid: first.wsUuid });
    await world.clock.advance(900);
    // Stored, and not yet published when the grace ends.
    world.bus.beforeNext('publish', () => world.clock.sleep(400));
    const cancelling = cancelSource(world, '1', second.sourceUuid);
    await world.clock.advance(2_000);
    await cancelling;
    await world.settle();
    await world.minutes(2);
    expect(world.ends('a')).toEqual([first.sourceUuid, second.sourceUuid]);
  });
});

describe('an end that could not be published at once', () => {
  it('of a cancel that Redis did not take is still told to the socket that stays', async () => {
    const first = await world.accept();
    await world.connect(first.wsUuid, 'a');
    await world.process(first);
    const second = await world.accept({ wsUuid: first.wsUuid });
    await world.clock.advance(500);
    world.bus.failNext('publish', { times: 1 });
    await cancelSource(world, '1', second.sourceUuid);
    await world.clock.advance(3_000);
    await world.minutes(3);
    expect(world.ends('a')).toEqual([first.sourceUuid, second.sourceUuid]);
  });
});
