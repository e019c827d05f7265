import { beforeEach, describe, expect, it } from 'vitest';
import { createMemoryChannels } from '../../adapters/memory/channels.ts';
import { createMemorySources } from '../../adapters/memory/sources.ts';
import { registerChannel } from '../../app/register-channel.ts';
import { createWorld, kinds, type World } from './world.ts';

const HOUR = 3_600_000;

let world: World;
beforeEach(() => {
  world = createWorld();
});

describe('a channel that is registered again by its owner', () => {
  // On the next day its record is there still; some days later nothing is left of it but its sources.
  it.each([25, 80])('does not hand out the old end, %i hours later', async (hours) => {
    const first = await world.accept();
    await world.connect(first.wsUuid, 'a');
    await world.process(first);
    await world.settle();
    await world.minutes(3);
    expect(world.sockets.isClosedByServer('a')).toBe(true);
    await world.clock.advance(hours * HOUR);
    await world.register(first.wsUuid);
    await world.connect(first.wsUuid, 'b');
    await world.settle();
    expect({ got: kinds(world.received('b')), closed: world.sockets.isClosedByServer('b') }).toEqual({
      got: [],
      closed: false,
    });
  });
});

describe('a channel of another user that has expired', () => {
  const others = (wsUuid: string) => registerChannel(world, { wsUuid, owner: '2' });

  it('cannot be had while Redis may hold its history, which a socket prolongs that comes late', async () => {
    const first = await world.accept({ owner: '1' });
    await world.process(first);
    await world.clock.advance(24 * HOUR - 1_000);
    await world.connect(first.wsUuid, 'late');
    await world.settle();
    await world.clock.advance(23 * HOUR);
    expect(world.history(first)).not.toEqual([]);
    await expect(others(first.wsUuid)).rejects.toMatchObject({ code: 'ws-uuid-not-yours' });
    await world.clock.advance(25 * HOUR + 1_000);
    expect(world.history(first)).toEqual([]);
    expect(await others(first.wsUuid)).toMatchObject({ owner: '2' });
  });

  it('does not hand out the results of the one before, once it can be had', async () => {
    const first = await world.accept({ owner: '1' });
    await world.process(first);
    await world.settle();
    await world.minutes(3);
    await world.clock.advance(72 * HOUR);
    await others(first.wsUuid);
    await world.connect(first.wsUuid, 'other-user');
    await world.settle();
    expect(kinds(world.received('other-user'))).toEqual([]);
  });

  it('shows a gap without the sources of the one before, where the table of channels was set back', async () => {
    const first = await world.accept({ owner: '1' });
    world.processWith(async () => ({ title: 'not yours' }));
    await world.process(first);
    await world.settle();
    world.channels = createMemoryChannels();
    world.lose();
    await others(first.wsUuid);
    await world.connect(first.wsUuid, 'other-user', 'another-3');
    await world.settle();
    expect(world.received('other-user').map(({ type }) => type)).toEqual(['gap']);
  });
});

describe('a channel that is used every day', () => {
  it('tells the end of a source that is sent again after its record was deleted', async () => {
    const source = await world.accept();
    await world.process(source);
    await world.settle();
    for (let day = 0; day < 8; day++) {
      await world.clock.advance(23 * HOUR);
      await world.process(await world.accept({ wsUuid: source.wsUuid }));
      await world.settle();
    }
    world.sources = createMemorySources(); // by TTL, 7 days after the upload
    await world.connect(source.wsUuid, 'a');
    await world.process(await world.accept({ wsUuid: source.wsUuid, sourceUuid: source.sourceUuid }));
    await world.settle();
    expect({ ends: world.ends('a').at(-1), closed: world.sockets.isClosedByServer('a') }).toEqual({
      ends: source.sourceUuid,
      closed: true,
    });
  });
});
