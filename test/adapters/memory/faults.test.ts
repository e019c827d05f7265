import { describe, expect, it } from 'vitest';
import { createMemoryChannels } from '../../../adapters/memory/channels.ts';

const channel = { wsUuid: 'b9f0f1f0-28a5-4b7b-9d55-2d1e4f4a3c22', owner: '1', shard: 0, expiresAt: 60_000 };

describe('a port in memory', () => {
  it('can be made to fail, as often as asked, with nothing done', async () => {
    const channels = createMemoryChannels();
    channels.failNext('register', { times: 2 });
    for (let call = 0; call < 2; call += 1) {
      await expect(channels.register(channel, 0)).rejects.toMatchObject({ code: 'injected-fault' });
      expect(await channels.get(channel.wsUuid, 0)).toBeUndefined();
    }
    await channels.register(channel, 0);
    expect(await channels.get(channel.wsUuid, 0)).toBeDefined();
  });

  it('can be made to lose its answer after everything was done', async () => {
    const channels = createMemoryChannels();
    const error = new Error('socket hang up');
    channels.loseNextAnswer('register', { error });
    await expect(channels.register(channel, 0)).rejects.toBe(error);
    expect(await channels.get(channel.wsUuid, 0)).toBeDefined();
  });

  it('can be made to let something else happen first', async () => {
    const channels = createMemoryChannels();
    channels.beforeNext('register', () => channels.register({ ...channel, owner: '2' }, 0));
    expect(await channels.register(channel, 0)).toMatchObject({ owner: '2' });
  });
});
