import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Source, Sources } from '../../../app/ports.ts';
import { ABANDONED, EVENT, LATER, MINUTE, NOW, newSource, SUCCESS, sourceStates } from './source-fixture.ts';

const END_OF_TIME = NOW + 1e12;

type Write = (sources: Sources, source: Source, deadline: number) => Promise<unknown>;

const claim: Write = (sources, source, deadline) => sources.claim(source, NOW, deadline);
const settle: Write = (sources, source, deadline) => sources.settle(source, SUCCESS, NOW, deadline);
const publish: Write = (sources, source, deadline) => sources.markPublished(source, EVENT, deadline);
const settleAndPublish: Write = async (sources, source, deadline) => {
  await settle(sources, source, deadline);
  await publish(sources, source, deadline);
};

interface Change {
  readonly after: string;
  /** What has to happen for `write` to be possible. */
  readonly before?: Write;
  readonly write: Write;
  /** It changes nothing else that counts: a lease is always prolonged, a deadline always put off. */
  readonly movesDeadline?: true;
}

const CHANGES: readonly Change[] = [
  { after: 'the mark that it was queued', write: (sources, source, deadline) => sources.markQueued(source, deadline) },
  { after: 'a claim', write: claim },
  {
    after: 'a claim when the lease of another one was over',
    before: claim,
    write: (sources, source, deadline) => sources.claim(source, source.leaseUntil, deadline),
  },
  {
    after: 'a renewal',
    before: claim,
    write: (sources, source, deadline) => sources.renew(source, 1, deadline),
    movesDeadline: true,
  },
  { after: 'a release', before: claim, write: (sources, source, deadline) => sources.release(source, 1, deadline) },
  { after: 'its end', before: claim, write: settle },
  { after: 'its publication', before: settle, write: publish },
  {
    after: 'its publication in another history',
    before: settleAndPublish,
    write: (sources, source, deadline) => sources.markPublished(source, { ...EVENT, epoch: 'def456' }, deadline),
  },
  {
    after: 'a postponement',
    write: async (sources, { sourceUuid }, deadline) => sources.postpone((await sources.get(sourceUuid))!, deadline, 1),
    movesDeadline: true,
  },
  {
    after: 'a new upload',
    before: settleAndPublish,
    write: (sources, { sourceUuid }, deadline) => sources.open(newSource({ sourceUuid, deadline }), ABANDONED),
  },
];

export function describeSourceDeadlines(name: string, make: () => Promise<Sources> | Sources): void {
  describe(`the deadlines of Sources, ${name}`, () => {
    let sources: Sources;
    // One for each test: `overdue` looks at all that there is.
    beforeEach(async () => {
      sources = await make();
    });

    const { opened } = sourceStates(() => sources);
    const read = async ({ sourceUuid }: Source): Promise<Source> => (await sources.get(sourceUuid))!;
    /** A record to which `write` can be done next. */
    const preparedFor = async ({ before }: Change): Promise<Source> => {
      const source = await opened();
      await before?.(sources, source, source.deadline);
      return read(source);
    };

    it('give those at or past them, the earliest first, and no more than are wanted', async () => {
      const minutes = [17, 3, 29, 11, 5, 23, 2, 13, 19, 7, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71];
      const all = await Promise.all(minutes.map((minute) => opened({ deadline: NOW + minute * MINUTE })));
      const sorted = all.sort((a, b) => a.deadline - b.deadline).map(({ sourceUuid }) => sourceUuid);
      expect(await sources.overdue(NOW, 100)).toEqual([]);
      expect(await sources.overdue(NOW + 7 * MINUTE - 1, 100)).toEqual(sorted.slice(0, 3));
      expect(await sources.overdue(NOW + 7 * MINUTE, 100)).toEqual(sorted.slice(0, 4));
      expect(await sources.overdue(END_OF_TIME, 100)).toEqual(sorted);
      expect(await sources.overdue(END_OF_TIME, 6)).toEqual(sorted.slice(0, 6));
    });

    it.each(CHANGES)('are other ones after $after', async (change) => {
      const source = await preparedFor(change);
      await change.write(sources, source, LATER);
      expect(await read(source)).toMatchObject({ deadline: LATER });
      expect(await sources.overdue(LATER - 1, 9)).toEqual([]);
      expect(await sources.overdue(LATER, 9)).toEqual([source.sourceUuid]);
    });

    it.each(CHANGES)('are looked at no more once shelved, and again after $after', async (change) => {
      const source = await preparedFor(change);
      await sources.shelve(source);
      await sources.shelve(source);
      expect(await sources.overdue(END_OF_TIME, 9)).toEqual([]);
      expect(await read(source)).toEqual(source);
      await change.write(sources, source, LATER);
      expect(await sources.overdue(LATER - 1, 9)).toEqual([]);
      expect(await sources.overdue(LATER, 9)).toEqual([source.sourceUuid]);
    });

    it.each(CHANGES)('are neither put off nor shelved by whoever read the record before $after', async (change) => {
      const before = await preparedFor(change);
      // The deadline stays what it was wherever it can, so that something else has to tell of the write.
      await change.write(sources, before, before.deadline + (change.movesDeadline ? 1 : 0));
      const written = await read(before);
      expect(await sources.postpone(before, LATER, 1)).toBe(false);
      await sources.shelve(before);
      expect(await read(before)).toEqual(written);
      expect(await sources.overdue(written.deadline, 9)).toEqual([before.sourceUuid]);
    });

    it('are not touched by a write that is refused', async () => {
      const source = await opened();
      await sources.claim(source, NOW, LATER);
      const claimed = await read(source);
      await sources.claim(source, NOW, LATER + 1);
      await sources.renew(source, 2, LATER + 2);
      await sources.release(source, 2, LATER + 3);
      await sources.markPublished(source, EVENT, LATER + 4);
      await sources.markQueued(source, LATER + 5);
      await sources.open(newSource({ sourceUuid: source.sourceUuid, deadline: LATER + 6 }), ABANDONED);
      expect(await read(source)).toEqual(claimed);
      await sources.shelve(claimed);
      await sources.claim(source, NOW, LATER + 1);
      expect(await sources.overdue(END_OF_TIME, 9)).toEqual([]);
    });

    it('are put off for a record as it was read, with a note how many times it was sent to the queue again', async () => {
      const source = await opened();
      await sources.markQueued(source, LATER);
      const queued = await read(source);
      expect(await sources.postpone(queued, LATER + 1, 2)).toBe(true);
      const redriven = { ...queued, deadline: LATER + 1, redriven: 2 };
      expect(await read(source)).toEqual(redriven);
      expect(await sources.postpone(redriven, LATER + 2, 0)).toBe(true);
      expect(await read(source)).toEqual({ ...queued, deadline: LATER + 2 });
    });

    it('forget with the next claim that it was sent again', async () => {
      const source = await opened();
      await sources.postpone(source, LATER, 1);
      expect(await sources.claim(source, NOW, LATER)).toMatchObject({ source: { redriven: 0 } });
      expect(await read(source)).toMatchObject({ redriven: 0 });
    });

    it('are put off by exactly one of many at once', async () => {
      const source = await opened();
      const answers = await Promise.all(Array.from({ length: 8 }, () => sources.postpone(source, LATER, 1)));
      expect(answers.filter(Boolean)).toHaveLength(1);
    });

    it('are not made up for a source that is not there', async () => {
      const source = { ...(await opened()), sourceUuid: randomUUID() };
      expect(await sources.postpone(source, LATER, 1)).toBe(false);
      await sources.shelve(source);
      expect(await sources.get(source.sourceUuid)).toBeUndefined();
    });
  });
}
