import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { GENERATIONS_OF_A_RECORD } from '../../../adapters/generations.ts';
import type { Sources } from '../../../app/ports.ts';
import { ABANDONED, DAY, EVENT, LATER, MINUTE, NOW, newSource, SUCCESS, sourceStates } from './source-fixture.ts';

export function describeSourceOpening(name: string, make: () => Promise<Sources> | Sources): void {
  describe(`the opening of Sources, ${name}`, () => {
    let sources: Sources;
    beforeAll(async () => {
      sources = await make();
    });

    const { opened, settled, published } = sourceStates(() => sources);

    describe('open', () => {
      it('creates the first generation and gives back what it stored', async () => {
        const wanted = newSource();
        const { created, source } = await sources.open(wanted, ABANDONED);
        expect(created).toBe(true);
        expect(source).toEqual({
          ...wanted,
          generation: expect.any(Number),
          queued: false,
          attempt: 0,
          leaseUntil: 0,
          redriven: 0,
        });
        expect(await sources.get(wanted.sourceUuid)).toEqual(source);
      });

      it('stores a file without a URL, and a name that is empty', async () => {
        const { url: _, ...file } = newSource({ type: 'file-upload', filename: '' });
        const { source } = await sources.open(file, ABANDONED);
        expect(source).not.toHaveProperty('url');
        expect(source.filename).toBe('');
      });

      it('gives the open record to the same request again', async () => {
        const wanted = newSource();
        const first = await sources.open(wanted, ABANDONED);
        await sources.markQueued(first.source, LATER);
        const again = await sources.open({ ...wanted, openedAt: NOW + 5, filename: 'another' }, ABANDONED);
        expect(again).toEqual({ created: false, source: { ...first.source, queued: true, deadline: LATER } });
      });

      it('gives no generation twice, even where TTL has deleted the record of the last one', async () => {
        const { source: old } = await sources.open(newSource({ openedAt: NOW - 7 * DAY }), ABANDONED);
        const { source: young } = await sources.open(newSource({ openedAt: NOW }), ABANDONED);
        expect(young.generation - old.generation).toBe(GENERATIONS_OF_A_RECORD);
        expect(Number.isSafeInteger(young.generation)).toBe(true);
      });

      it('starts the next generation after a terminal, with nothing of the last one left', async () => {
        const first = await opened();
        await sources.markQueued(first, LATER);
        const claim = await sources.claim(first, NOW, NOW + MINUTE);
        expect(claim.outcome).toBe('claimed');
        await sources.renew(first, 1, NOW + MINUTE, { stage: 'extract', progress: 40 });
        await sources.settle(first, SUCCESS, NOW + 1, LATER);
        await sources.markPublished(first, EVENT, LATER);

        const {
          url: _,
          correlationId: __,
          ...file
        } = newSource({ sourceUuid: first.sourceUuid, type: 'file-upload', shard: 4 });
        const { created, source } = await sources.open(file, ABANDONED);
        expect(created).toBe(true);
        expect(source).toEqual({
          ...file,
          generation: first.generation + 1,
          queued: false,
          attempt: 0,
          leaseUntil: 0,
          redriven: 0,
        });
      });

      it('begins nothing for a request whose first try arrives after all, when its source has ended', async () => {
        const wanted = newSource();
        const { source } = await sources.open(wanted, ABANDONED);
        await sources.markQueued(source, LATER);
        await sources.settle(source, SUCCESS, NOW + 1, LATER);
        await sources.markPublished(source, EVENT, LATER);
        const late = await sources.open(wanted, ABANDONED);
        expect(late).toMatchObject({ created: false, source: { generation: source.generation, terminal: SUCCESS } });
      });

      it("gives another owner's record as it is, open or ended", async () => {
        for (const existing of [await opened(), await settled()]) {
          const others = newSource({ sourceUuid: existing.sourceUuid, owner: '2' });
          expect(await sources.open(others, ABANDONED)).toEqual({ created: false, source: existing });
          expect(await sources.get(existing.sourceUuid)).toEqual(existing);
        }
      });

      it('replaces any record that has expired, and counts its generation on', async () => {
        const existing = await opened();
        const later = { owner: '2', openedAt: existing.expiresAt, expiresAt: existing.expiresAt + DAY };
        const tooEarly = newSource({ ...later, sourceUuid: existing.sourceUuid, openedAt: existing.expiresAt - 1 });
        expect(await sources.open(tooEarly, ABANDONED)).toMatchObject({ created: false });
        expect(await sources.open(newSource({ ...later, sourceUuid: existing.sourceUuid }), ABANDONED)).toMatchObject({
          created: true,
          source: { owner: '2', generation: existing.generation + 1 },
        });
      });

      it('is won by exactly one of many at once, and all get the same record', async () => {
        const wanted = newSource();
        const answers = await Promise.all(Array.from({ length: 8 }, () => sources.open(wanted, ABANDONED)));
        expect(answers.filter(({ created }) => created)).toHaveLength(1);
        for (const { source } of answers) expect(source).toEqual(answers[0]!.source);
      });

      it('does not replace a record whose terminal is stored but not published', async () => {
        const unpublished = await settled();
        const { created, source } = await sources.open(newSource({ sourceUuid: unpublished.sourceUuid }), ABANDONED);
        expect(created).toBe(false);
        expect(source).toEqual(unpublished);
      });

      it('replaces a record of its owner that was opened long ago and never queued', async () => {
        const { sourceUuid, generation } = await opened({ openedAt: ABANDONED - 1 });
        expect(await sources.open(newSource({ sourceUuid, owner: '2' }), ABANDONED)).toMatchObject({ created: false });
        const again = newSource({ sourceUuid });
        const { created, source } = await sources.open(again, ABANDONED);
        expect(created).toBe(true);
        expect(source).toEqual({
          ...again,
          generation: generation + 1,
          queued: false,
          attempt: 0,
          leaseUntil: 0,
          redriven: 0,
        });
      });

      it('does not replace one that was opened just now, was queued, or is being worked on', async () => {
        const recent = await opened({ openedAt: ABANDONED });
        const queued = await opened({ openedAt: ABANDONED - 1 });
        await sources.markQueued(queued, LATER);
        // Its message was sent, though whoever sent it could not note it any more.
        const claimed = await opened({ openedAt: ABANDONED - 1 });
        await sources.claim(claimed, NOW, NOW + MINUTE);
        for (const { sourceUuid, generation } of [recent, queued, claimed]) {
          const { created, source } = await sources.open(newSource({ sourceUuid }), ABANDONED);
          expect(created).toBe(false);
          expect(source.generation).toBe(generation);
        }
      });

      it('is won by exactly one of many at once over an abandoned record', async () => {
        const { sourceUuid, generation } = await opened({ openedAt: ABANDONED - 1 });
        const wanted = newSource({ sourceUuid });
        const answers = await Promise.all(Array.from({ length: 8 }, () => sources.open(wanted, ABANDONED)));
        expect(answers.filter(({ created }) => created)).toHaveLength(1);
        for (const { source } of answers) expect(source).toEqual(answers[0]!.source);
        expect(answers[0]!.source.generation).toBe(generation + 1);
      });

      it('is won by exactly one of many at once over an ended record', async () => {
        const { sourceUuid, generation } = await published();
        const wanted = newSource({ sourceUuid });
        const answers = await Promise.all(Array.from({ length: 8 }, () => sources.open(wanted, ABANDONED)));
        expect(answers.filter(({ created }) => created)).toHaveLength(1);
        for (const { source } of answers) expect(source.generation).toBe(generation + 1);
      });
    });

    describe('get', () => {
      it('knows no source that nobody opened', async () => {
        expect(await sources.get(randomUUID())).toBeUndefined();
      });
    });

    describe('the mark that it was queued', () => {
      it('is kept', async () => {
        const source = await opened();
        expect(source.queued).toBe(false);
        expect(await sources.markQueued(source, LATER)).toBe(true);
        expect(await sources.get(source.sourceUuid)).toEqual({ ...source, queued: true, deadline: LATER });
      });

      it('keeps the deadline of the first mark, and that of a worker who was faster than the mark', async () => {
        const marked = await opened();
        await sources.markQueued(marked, LATER);
        expect(await sources.markQueued(marked, LATER + 1)).toBe(true);
        expect(await sources.get(marked.sourceUuid)).toMatchObject({ deadline: LATER });
        const claimed = await opened();
        await sources.claim(claimed, NOW, NOW + 9 * MINUTE);
        expect(await sources.markQueued(claimed, LATER)).toBe(true);
        expect(await sources.get(claimed.sourceUuid)).toMatchObject({ queued: true, deadline: NOW + 9 * MINUTE });
      });

      it('leaves a later generation alone, and creates nothing', async () => {
        const first = await published();
        await opened({ sourceUuid: first.sourceUuid });
        expect(await sources.markQueued(first, LATER)).toBe(false);
        expect(await sources.get(first.sourceUuid)).toMatchObject({ generation: first.generation + 1, queued: false });
        const unknown = { sourceUuid: randomUUID(), generation: 1 };
        expect(await sources.markQueued(unknown, LATER)).toBe(false);
        expect(await sources.get(unknown.sourceUuid)).toBeUndefined();
      });
    });
  });
}
