import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Channels } from '../../../app/ports.ts';
import { CHANNEL_KEPT_MS } from '../../../domain/limits.ts';

const NOW = Date.UTC(2025, 5, 1);
const HOUR = 60 * 60_000;

export function describeChannels(name: string, make: () => Promise<Channels> | Channels): void {
  describe(`Channels, ${name}`, () => {
    let channels: Channels;
    beforeAll(async () => {
      channels = await make();
    });
    const channel = () => ({ wsUuid: randomUUID(), owner: '1', shard: 2, expiresAt: NOW + HOUR });

    it('creates a channel with a batch size of 1 and gives back what it stored', async () => {
      const wanted = channel();
      const registered = await channels.register(wanted, NOW);
      expect(registered).toEqual({ ...wanted, batchSize: 1, closed: {} });
      expect(await channels.get(wanted.wsUuid, NOW)).toEqual(registered);
    });

    it('knows no channel that nobody registered', async () => {
      expect(await channels.get(randomUUID(), NOW)).toBeUndefined();
    });

    it('keeps the shard, prolongs the life and takes a new batch size when its owner registers again', async () => {
      const first = channel();
      await channels.register({ ...first, batchSize: 3 }, NOW);
      const again = { ...first, shard: 7, batchSize: 5, expiresAt: NOW + 2 * HOUR };
      const registered = await channels.register(again, NOW + 1000);
      expect(registered).toEqual({ ...first, batchSize: 5, closed: {}, expiresAt: NOW + 2 * HOUR });
      expect(await channels.get(first.wsUuid, NOW + HOUR)).toEqual(registered);
    });

    it('keeps the batch size when none is given', async () => {
      const first = channel();
      await channels.register({ ...first, batchSize: 3 }, NOW);
      expect(await channels.register(first, NOW)).toMatchObject({ batchSize: 3 });
    });

    it("gives another owner's channel as it is and changes nothing of it", async () => {
      const first = channel();
      const registered = await channels.register(first, NOW);
      const others = { ...first, owner: '2', shard: 5, batchSize: 9, expiresAt: NOW + 9 * HOUR };
      expect(await channels.register(others, NOW)).toEqual(registered);
      expect(await channels.get(first.wsUuid, NOW)).toEqual(registered);
    });

    it('does not give an expired channel, though it is still stored', async () => {
      const first = channel();
      await channels.register(first, NOW);
      expect(await channels.get(first.wsUuid, NOW + HOUR - 1)).toBeDefined();
      expect(await channels.get(first.wsUuid, NOW + HOUR)).toBeUndefined();
    });

    it('counts those of an owner that have not expired, and no further than is asked for', async () => {
      const owner = randomUUID();
      const mine = [HOUR, 2 * HOUR, 3 * HOUR].map((life) => ({ ...channel(), owner, expiresAt: NOW + life }));
      for (const each of [...mine, channel()]) await channels.register(each, NOW);
      expect(await channels.countOf(owner, NOW, 10)).toBe(3);
      expect(await channels.countOf(owner, NOW, 2)).toBe(2);
      expect(await channels.countOf(owner, NOW + HOUR, 10)).toBe(2);
      await channels.register({ ...mine[1]!, expiresAt: NOW + 9 * HOUR }, NOW);
      expect(await channels.countOf(owner, NOW + 3 * HOUR, 10)).toBe(1);
      expect(await channels.countOf(randomUUID(), NOW, 10)).toBe(0);
    });

    it('keeps an expired channel for its owner, as it was', async () => {
      const first = channel();
      await channels.register({ ...first, batchSize: 3 }, NOW);
      await channels.closeRound(first.wsUuid, { epoch: 'abc', seq: 4 });
      const late = NOW + HOUR + CHANNEL_KEPT_MS - 1;
      const stored = { ...first, batchSize: 3, closed: { abc: 4 } };
      const others = { ...first, owner: '2', shard: 5, expiresAt: late + HOUR };
      expect(await channels.register(others, late)).toEqual(stored);
      expect(await channels.get(first.wsUuid, late)).toBeUndefined();
      const again = { ...first, shard: 7, expiresAt: NOW + HOUR + CHANNEL_KEPT_MS };
      expect(await channels.register(again, late)).toEqual({ ...stored, expiresAt: again.expiresAt });
      expect(await channels.get(first.wsUuid, late)).toMatchObject({ owner: '1' });
    });

    it('lets anybody have a channel that is not kept any more, with nothing of the old one left', async () => {
      const first = channel();
      await channels.register({ ...first, batchSize: 3 }, NOW);
      await channels.closeRound(first.wsUuid, { epoch: 'abc', seq: 4 });
      const free = NOW + HOUR + CHANNEL_KEPT_MS;
      const others = { ...first, owner: '2', shard: 5, expiresAt: free + HOUR };
      expect(await channels.register(others, free)).toEqual({ ...others, batchSize: 1, closed: {} });
    });

    it('keeps an expiry to the second, never cutting it short', async () => {
      const first = { ...channel(), expiresAt: NOW + HOUR + 1 };
      expect(await channels.register(first, NOW)).toMatchObject({ expiresAt: NOW + HOUR + 1000 });
    });

    it('gives one channel to the first of many owners at once', async () => {
      const wsUuid = randomUUID();
      const owners = Array.from({ length: 8 }, (_, at) => String(at));
      const registered = await Promise.all(
        owners.map((owner) => channels.register({ ...channel(), wsUuid, owner }, NOW)),
      );
      expect(new Set(registered.map(({ owner }) => owner)).size).toBe(1);
    });

    describe('the ends of rounds', () => {
      it('are kept by epoch, and outlast another registration', async () => {
        const first = channel();
        const registered = await channels.register(first, NOW);
        await channels.closeRound(first.wsUuid, { epoch: 'abc', seq: 4 });
        await channels.closeRound(first.wsUuid, { epoch: 'abc', seq: 9 });
        // Shorter, longer and all digits: whatever an epoch may be.
        await channels.closeRound(first.wsUuid, { epoch: '0', seq: 0 });
        await channels.closeRound(first.wsUuid, { epoch: '9z'.repeat(16), seq: 2 });
        const closed = { abc: 9, 0: 0, ['9z'.repeat(16)]: 2 };
        expect(await channels.get(first.wsUuid, NOW)).toEqual({ ...registered, closed });
        expect(await channels.register(first, NOW + 1)).toEqual({ ...registered, closed });
      });

      it('do not go back, whoever comes last', async () => {
        const first = channel();
        await channels.register(first, NOW);
        const ends = [3, 8, 1, 7, 8, 5].map((seq) => channels.closeRound(first.wsUuid, { epoch: 'abc', seq }));
        await Promise.all(ends);
        expect(await channels.get(first.wsUuid, NOW)).toMatchObject({ closed: { abc: 8 } });
      });

      it('are ignored where there is no such channel', async () => {
        const wsUuid = randomUUID();
        await channels.closeRound(wsUuid, { epoch: 'abc', seq: 4 });
        expect(await channels.get(wsUuid, NOW)).toBeUndefined();
      });
    });
  });
}
