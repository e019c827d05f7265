import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Sources } from '../../../app/ports.ts';
import { DAY, EVENT, LATER, NOW, SUCCESS, sourceStates } from './source-fixture.ts';

export function describeSourcesOfChannel(name: string, make: () => Promise<Sources> | Sources): void {
  describe(`the Sources of a channel, ${name}`, () => {
    let sources: Sources;
    beforeAll(async () => {
      sources = await make();
    });

    const { opened, published } = sourceStates(() => sources);
    const ofChannel = async (wsUuid: string, now: number, endedAfter = 0) =>
      Array.fromAsync(await sources.ofChannel(wsUuid, now, endedAfter));

    it('are given as they are now, in the order in which they were opened, and none of another channel', async () => {
      const wsUuid = randomUUID();
      const third = await opened({ wsUuid, openedAt: NOW + 3 });
      const first = await published({ wsUuid, openedAt: NOW + 1 });
      const second = await published({ wsUuid, openedAt: NOW + 2 });
      await sources.shelve(second);
      await opened();
      expect(await ofChannel(wsUuid, NOW)).toEqual([first, second, third]);
      expect(await ofChannel(randomUUID(), NOW)).toEqual([]);
    });

    it('are given with their last generation only, in the channel and at the time of that', async () => {
      const wsUuid = randomUUID();
      const [again, elsewhere, stays] = [
        await published({ wsUuid, openedAt: NOW + 1 }),
        await published({ wsUuid, openedAt: NOW + 2 }),
        await published({ wsUuid, openedAt: NOW + 3 }),
      ];
      const anew = await opened({ wsUuid, sourceUuid: again.sourceUuid, openedAt: NOW + 4 });
      const moved = await opened({ sourceUuid: elsewhere.sourceUuid, openedAt: NOW + 5 });
      expect(await ofChannel(wsUuid, NOW)).toEqual([stays, anew]);
      expect(await ofChannel(moved.wsUuid, NOW)).toEqual([moved]);
    });

    it('are not given any more when they have expired, though TTL has not deleted them yet', async () => {
      const source = await opened();
      expect(await ofChannel(source.wsUuid, source.expiresAt - 1)).toEqual([source]);
      expect(await ofChannel(source.wsUuid, source.expiresAt)).toEqual([]);
    });

    it('are left out where they ended by the time that is given, and are all given that have not ended', async () => {
      const at = { wsUuid: randomUUID(), openedAt: NOW };
      const [early, late, open] = [await opened(at), await opened(at), await opened(at)];
      const now = NOW + 6 * DAY;
      await sources.markQueued(open, LATER);
      await sources.settle(early, SUCCESS, now - DAY, LATER);
      await sources.settle(late, SUCCESS, now - DAY + 1, LATER);
      const uuids = (await ofChannel(at.wsUuid, now, now - DAY)).map(({ sourceUuid }) => sourceUuid);
      expect(uuids.sort()).toEqual([late.sourceUuid, open.sourceUuid].sort());
      // Opened anew, it is one of this day again.
      await sources.markPublished(early, EVENT, LATER);
      const anew = await opened({ ...at, sourceUuid: early.sourceUuid, openedAt: now });
      expect((await ofChannel(at.wsUuid, now, now - DAY)).at(-1)).toEqual(anew);
    });

    it('are counted for their owner while they are queued and have not ended, and no further than is asked for', async () => {
      const owner = randomUUID();
      const count = (most = 10) => sources.countUnderWay(owner, most);
      const first = await opened({ owner });
      expect(await count()).toBe(0);
      await sources.markQueued(first, NOW + 1);
      const second = await opened({ owner });
      await sources.claim(second, NOW, NOW + 1); // a worker that was faster than the mark
      await opened();
      expect(await count()).toBe(2);
      expect(await count(1)).toBe(1);
      await sources.claim(first, NOW, NOW + 1);
      expect(await count()).toBe(2);
      await sources.settle(first, SUCCESS, NOW, LATER);
      expect(await count()).toBe(1);
      await sources.settle(second, SUCCESS, NOW, LATER);
      await sources.markPublished(second, EVENT, LATER);
      expect(await count()).toBe(0);
      const again = await opened({ owner, sourceUuid: second.sourceUuid });
      expect(await count()).toBe(0);
      await sources.markQueued(again, NOW + 1);
      expect(await count()).toBe(1);
    });

    it('are given all, however many', async () => {
      const wsUuid = randomUUID();
      const many = await Promise.all(Array.from({ length: 50 }, (_, at) => opened({ wsUuid, openedAt: NOW + at })));
      expect(await ofChannel(wsUuid, NOW)).toEqual(many);
    });
  });
}
