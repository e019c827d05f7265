import { beforeEach, describe, expect, it } from 'vitest';
import { registerChannel } from '../../app/register-channel.ts';
import { createWorld, kinds, type World } from './world.ts';

let world: World;
beforeEach(() => {
  world = createWorld();
});

describe('a channel that is registered again the next day', () => {
  it("does not hand out yesterday's end", async () => {
    const first = await world.accept();
    await world.connect(first.wsUuid, 'a');
    await world.process(first);
    await world.settle();
    await world.minutes(3);
    expect(world.sockets.isClosedByServer('a')).toBe(true);
    await world.clock.advance(25 * 3_600_000);
    await world.register(first.wsUuid);
    await world.connect(first.wsUuid, 'b');
    await world.settle();
    expect({ got: kinds(world.received('b')), closed: world.sockets.isClosedByServer('b') }).toEqual({
      got: [],
      closed: false,
    });
  });
});

describe('a channel that another user registers after it has expired', () => {
  it('does not hand out the results of the one before', async () => {
    const first = await world.accept({ owner: '1' });
    await world.process(first);
    await world.settle();
    await world.minutes(3);
    await world.clock.advance(25 * 3_600_000);
    await registerChannel(world, { wsUuid: first.wsUuid, owner: '2' });
    await world.connect(first.wsUuid, 'other-user');
    await world.settle();
    expect(kinds(world.received('other-user'))).toEqual([]);
  });

  it('shows a gap without the sources of the one before', async () => {
    const first = await world.accept({ owner: '1' });
    world.processWith(async () => {
      await world.clock.sleep(60_000);
      return { title: 'not yours' };
    });
    await world.process(first);
    await world.settle();
    await world.clock.advance(24 * 3_600_000 - 30_000); // its end is not a day old, its channel is
    expect(await world.channels.get(first.wsUuid, world.clock.now())).toBeUndefined();
    world.lose();
    await registerChannel(world, { wsUuid: first.wsUuid, owner: '2' });
    await world.connect(first.wsUuid, 'other-user', 'another-3');
    await world.settle();
    expect(world.received('other-user').map(({ type }) => type)).toEqual(['gap']);
  });
});
