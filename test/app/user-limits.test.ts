import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import { acceptUpload } from '../../app/accept-upload.ts';
import { cancelSource } from '../../app/cancel-source.ts';
import { registerChannel } from '../../app/register-channel.ts';
import { CHANNEL_TTL_MS, SOCKET_LIFE_MS } from '../../domain/limits.ts';
import { createWorld, type World } from './world.ts';

let world: World;
beforeEach(() => {
  world = createWorld();
  world.limits = { channels: 3, sockets: 2, uploads: 2 };
});

describe('the channels of a user', () => {
  const register = (wsUuid: string = randomUUID(), owner = '1') => registerChannel(world, { wsUuid, owner });
  const fill = async () => [await register(), await register(), await register()];

  it('are refused beyond the limit, with a sentence that says it', async () => {
    await fill();
    const refused = register();
    await expect(refused).rejects.toMatchObject({ code: 'too-many-channels' });
    await expect(refused).rejects.toThrow(/3 channels/);
  });

  it('are registered again and uploaded to, however many there are', async () => {
    const { wsUuid } = (await fill())[0]!;
    await expect(register(wsUuid)).resolves.toMatchObject({ wsUuid });
    await expect(world.accept({ wsUuid })).resolves.toMatchObject({ wsUuid });
  });

  it('are no matter of another user', async () => {
    await fill();
    await register(randomUUID(), '2');
  });

  it('make room when one has not been used for 24 h', async () => {
    await fill();
    await world.clock.advance(CHANNEL_TTL_MS + 1000);
    await register();
  });

  it('are not made by an upload either', async () => {
    await fill();
    const upload = world.upload();
    await expect(acceptUpload(world, upload)).rejects.toMatchObject({ code: 'too-many-channels' });
    expect(await world.sources.get(upload.sourceUuid)).toBeUndefined();
  });
});

describe('the sockets of a user', () => {
  it('are refused beyond the limit, on whichever of its channels, and leave nothing behind', async () => {
    const [first, second] = [await world.accept(), await world.accept()];
    await world.connect(first.wsUuid, 'a');
    await world.connect(second.wsUuid, 'b');
    const refused = world.connect(first.wsUuid, 'c');
    await expect(refused).rejects.toMatchObject({ code: 'too-many-sockets' });
    await expect(refused).rejects.toThrow(/2 sockets/);
    expect(await world.connections.find('c')).toBeUndefined();
    await world.settle();
  });

  it('are no matter of another user', async () => {
    const mine = await world.accept();
    const others = await world.accept({ owner: '2' });
    for (const id of ['a', 'b']) await world.connect(mine.wsUuid, id);
    await world.connect(others.wsUuid, 'c');
    await world.settle();
  });

  it('make room when one is closed', async () => {
    const { wsUuid } = await world.accept();
    for (const id of ['a', 'b']) await world.connect(wsUuid, id);
    await world.connections.remove({ wsUuid, connectionId: 'a' });
    await world.connect(wsUuid, 'c');
    await world.settle();
  });

  it('are not counted for longer than the gateway lets one live, whatever of them is left', async () => {
    const { wsUuid } = await world.accept();
    for (const id of ['a', 'b']) await world.connect(wsUuid, id);
    await world.settle();
    await world.clock.advance(SOCKET_LIFE_MS);
    for (const connectionId of ['a', 'b']) {
      await world.connections.add({
        ...{ wsUuid, owner: '1', shard: 0, connectionId },
        connectedAt: world.clock.now() - SOCKET_LIFE_MS,
        expiresAt: world.clock.now() + 600_000,
      });
    }
    await world.connect(wsUuid, 'c');
    await world.settle();
  });
});

describe('the uploads of a user', () => {
  it('are refused beyond the limit, and leave nothing behind', async () => {
    const { wsUuid } = await world.accept();
    await world.accept({ wsUuid });
    const upload = world.upload({ wsUuid });
    const refused = acceptUpload(world, upload);
    await expect(refused).rejects.toMatchObject({ code: 'too-many-uploads' });
    await expect(refused).rejects.toThrow(/2 sources/);
    expect(await world.sources.get(upload.sourceUuid)).toBeUndefined();
    expect(world.queue.size).toBe(2);
  });

  it('are never refused when they come again, accepted before or broken off', async () => {
    const [first, second] = [world.upload(), world.upload()];
    await acceptUpload(world, first);
    world.queue.failNext('send');
    await expect(acceptUpload(world, second)).rejects.toThrow('made to fail');
    await world.accept({ wsUuid: first.wsUuid });
    const { generation } = (await world.sources.get(second.sourceUuid))!;
    await expect(acceptUpload(world, first)).resolves.toMatchObject({ generation });
    await expect(acceptUpload(world, second)).resolves.toMatchObject({ generation });
    expect(await world.sources.get(second.sourceUuid)).toMatchObject({ queued: true, generation });
  });

  it('are refused under the source-uuid of another user', async () => {
    const others = await world.accept({ owner: '2' });
    const { wsUuid } = await world.accept();
    await world.accept({ wsUuid });
    const upload = world.upload({ wsUuid, sourceUuid: others.sourceUuid });
    await expect(acceptUpload(world, upload)).rejects.toMatchObject({ code: 'too-many-uploads' });
  });

  it('are no matter of another user', async () => {
    for (let each = 0; each < 2; each += 1) await world.accept();
    await world.accept({ owner: '2' });
  });

  it('make room when one has ended, or was cancelled', async () => {
    const [first, second] = [await world.accept(), await world.accept()];
    await world.process(first);
    const third = world.upload({ wsUuid: second.wsUuid });
    await acceptUpload(world, third);
    await expect(world.accept({ wsUuid: second.wsUuid })).rejects.toMatchObject({ code: 'too-many-uploads' });
    await cancelSource(world, '1', second.sourceUuid);
    await world.accept({ wsUuid: second.wsUuid });
    await world.settle();
  });
});

it('a limit of 0 is none, and asks for nothing', async () => {
  world.limits = { channels: 0, sockets: 0, uploads: 0 };
  for (const store of [world.channels, world.connections] as const) store.failNext('countOf');
  world.sources.failNext('countUnderWay');
  for (let each = 0; each < 5; each += 1) {
    const { wsUuid } = await world.accept();
    await world.connect(wsUuid, `socket-${each}`);
  }
  await world.settle();
});
