import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { MAX_TERMINAL_BYTES } from '../../../adapters/terminal-size.ts';
import type { Sources, Terminal } from '../../../app/ports.ts';
import { DAY, EVENT, FAILURE, LATER, MINUTE, NOW, SUCCESS, sourceStates } from './source-fixture.ts';

export function describeSources(name: string, make: () => Promise<Sources> | Sources): void {
  describe(`Sources, ${name}`, () => {
    let sources: Sources;
    beforeAll(async () => {
      sources = await make();
    });

    const { opened, settled, published } = sourceStates(() => sources);

    describe('claim', () => {
      it('counts the attempt and sets the lease', async () => {
        const source = await opened();
        const leaseUntil = NOW + 2 * MINUTE;
        const claimed = { ...source, attempt: 1, leaseUntil, deadline: leaseUntil, queued: true };
        expect(await sources.claim(source, NOW, leaseUntil)).toEqual({ outcome: 'claimed', source: claimed });
        expect(await sources.get(source.sourceUuid)).toEqual(claimed);
      });

      it('is refused while the lease of another attempt lives, and granted from its end on', async () => {
        const source = await opened();
        await sources.claim(source, NOW, NOW + MINUTE);
        const early = await sources.claim(source, NOW + MINUTE - 1, NOW + 5 * MINUTE);
        expect(early).toMatchObject({ outcome: 'leased', source: { attempt: 1, leaseUntil: NOW + MINUTE } });
        const inTime = await sources.claim(source, NOW + MINUTE, NOW + 5 * MINUTE);
        expect(inTime).toMatchObject({ outcome: 'claimed', source: { attempt: 2, leaseUntil: NOW + 5 * MINUTE } });
      });

      it('is won by exactly one of many at once', async () => {
        const source = await opened();
        const claims = await Promise.all(Array.from({ length: 8 }, () => sources.claim(source, NOW, NOW + MINUTE)));
        expect(claims.filter(({ outcome }) => outcome === 'claimed')).toHaveLength(1);
        expect(claims.filter(({ outcome }) => outcome === 'leased')).toHaveLength(7);
      });

      it('tells that the source has ended, with its terminal', async () => {
        const source = await settled();
        expect(await sources.claim(source, NOW + DAY, NOW + DAY + MINUTE)).toEqual({ outcome: 'ended', source });
      });

      it('tells that the generation is gone when a later one or none is there', async () => {
        const first = await published();
        const second = await opened({ sourceUuid: first.sourceUuid });
        expect(await sources.claim(first, NOW, NOW + MINUTE)).toEqual({ outcome: 'gone' });
        expect(await sources.get(first.sourceUuid)).toEqual(second);
        const unknown = { sourceUuid: randomUUID(), generation: 1 };
        expect(await sources.claim(unknown, NOW, NOW + MINUTE)).toEqual({ outcome: 'gone' });
        expect(await sources.get(unknown.sourceUuid)).toBeUndefined();
      });
    });

    describe('renew and release', () => {
      it('keep the lease and note how far the work is', async () => {
        const source = await opened();
        await sources.claim(source, NOW, NOW + MINUTE);
        expect(await sources.renew(source, 1, NOW + 2 * MINUTE, { stage: 'fetch', progress: 40 })).toBe(true);
        expect(await sources.renew(source, 1, NOW + 3 * MINUTE)).toBe(true);
        expect(await sources.get(source.sourceUuid)).toMatchObject({
          leaseUntil: NOW + 3 * MINUTE,
          deadline: NOW + 3 * MINUTE,
          stage: 'fetch',
          progress: 40,
        });
      });

      it('let the next delivery have the source before the lease is over', async () => {
        const source = await opened();
        await sources.claim(source, NOW, NOW + MINUTE);
        await sources.release(source, 1, LATER);
        expect(await sources.claim(source, NOW + 1, NOW + MINUTE)).toMatchObject({
          outcome: 'claimed',
          source: { attempt: 2 },
        });
      });

      it('are refused to an attempt that another one has replaced', async () => {
        const source = await opened();
        await sources.claim(source, NOW, NOW + MINUTE);
        await sources.claim(source, NOW + MINUTE, NOW + 2 * MINUTE);
        const before = await sources.get(source.sourceUuid);
        expect(await sources.renew(source, 1, NOW + 9 * MINUTE, { stage: 'fetch', progress: 1 })).toBe(false);
        await sources.release(source, 1, LATER);
        expect(await sources.get(source.sourceUuid)).toEqual(before);
      });

      it('are refused once the source has ended', async () => {
        const source = await opened();
        await sources.claim(source, NOW, NOW + MINUTE);
        const ended = await sources.settle(source, FAILURE, NOW + 1, LATER);
        expect(await sources.renew(source, 1, NOW + 2 * MINUTE)).toBe(false);
        await sources.release(source, 1, LATER);
        expect(await sources.get(source.sourceUuid)).toEqual(ended);
      });

      it('are refused to the worker of an old generation, whose attempt has the same number as the new one', async () => {
        const first = await opened();
        await sources.claim(first, NOW, NOW + MINUTE);
        await sources.settle(first, FAILURE, NOW + 1, LATER);
        const second = await opened({ sourceUuid: first.sourceUuid });
        await sources.claim(second, NOW, NOW + MINUTE);
        const before = await sources.get(first.sourceUuid);
        expect(await sources.renew(first, 1, NOW + 9 * MINUTE)).toBe(false);
        await sources.release(first, 1, LATER);
        expect(await sources.get(first.sourceUuid)).toEqual(before);
      });
    });

    describe('settle', () => {
      it('proves that it was queued, so that no later accept takes it for abandoned', async () => {
        const source = await opened();
        expect(await sources.settle(source, FAILURE, NOW + 1, LATER)).toMatchObject({ queued: true });
      });

      it('stores the terminal and when it came', async () => {
        const source = await opened();
        const ended = await sources.settle(source, SUCCESS, NOW + 7, LATER);
        expect(ended).toEqual({ ...source, terminal: SUCCESS, endedAt: NOW + 7, queued: true, deadline: LATER });
        expect(await sources.get(source.sourceUuid)).toEqual(ended);
      });

      it('gives the stored terminal to whoever comes second, and does not touch it', async () => {
        const source = await opened();
        const first = await sources.settle(source, SUCCESS, NOW + 1, LATER);
        expect(await sources.settle(source, FAILURE, NOW + 2, LATER + 1)).toEqual(first);
        expect(await sources.get(source.sourceUuid)).toEqual(first);
      });

      it('lets many at once agree on one terminal', async () => {
        const source = await opened();
        const answers = await Promise.all(
          Array.from({ length: 8 }, (_, at) =>
            sources.settle(source, { status: 'success', result: at }, NOW + at, LATER),
          ),
        );
        for (const answer of answers) expect(answer).toEqual(answers[0]);
        expect(await sources.get(source.sourceUuid)).toEqual(answers[0]);
      });

      it('does not end a later generation, and creates nothing', async () => {
        const first = await published();
        const second = await opened({ sourceUuid: first.sourceUuid });
        expect(await sources.settle(first, FAILURE, NOW + 9, LATER)).toBeUndefined();
        expect(await sources.get(first.sourceUuid)).toEqual(second);
        const unknown = { sourceUuid: randomUUID(), generation: 1 };
        expect(await sources.settle(unknown, FAILURE, NOW, LATER)).toBeUndefined();
        expect(await sources.get(unknown.sourceUuid)).toBeUndefined();
      });

      it('gives up what nobody has claimed since the attempt that was the last, and whose lease is over', async () => {
        const source = await opened();
        const waiting = await sources.settle(source, FAILURE, NOW, LATER, 0);
        expect(waiting).toMatchObject({ terminal: FAILURE, endedAt: NOW });
        const killed = await opened();
        await sources.claim(killed, NOW, NOW + MINUTE);
        const ended = await sources.settle(killed, FAILURE, NOW + MINUTE, LATER, 1);
        expect(ended).toMatchObject({ terminal: FAILURE, endedAt: NOW + MINUTE });
        expect(await sources.settle(killed, SUCCESS, NOW + MINUTE, LATER, 1)).toEqual(ended);
        expect(await sources.get(killed.sourceUuid)).toEqual(ended);
      });

      it.each([
        ['was claimed since', 0, NOW + MINUTE],
        ['is worked on', 1, NOW + MINUTE - 1],
      ])('does not give up what %s, and tells who asked', async (_, lastAttempt, now) => {
        const source = await opened();
        await sources.claim(source, NOW, NOW + MINUTE);
        const claimed = await sources.get(source.sourceUuid);
        expect(await sources.settle(source, FAILURE, now, LATER, lastAttempt)).toEqual(claimed);
        expect(await sources.get(source.sourceUuid)).toEqual(claimed);
      });

      it('gives up no later generation, whose attempts have the same numbers', async () => {
        const first = await published();
        const second = await opened({ sourceUuid: first.sourceUuid });
        expect(await sources.settle(first, FAILURE, NOW + 9, LATER, 0)).toBeUndefined();
        expect(await sources.get(first.sourceUuid)).toEqual(second);
      });

      it('keeps a result of any JSON: deep, with huge numbers, with empty strings', async () => {
        const deep = Array.from({ length: 60 }).reduce<unknown>((inner) => ({ inner }), { leaf: '' });
        const result = { deep, large: 1e200, exact: 0.1, none: null, list: [[], {}], '': '' };
        const source = await opened();
        expect((await sources.settle(source, { status: 'success', result }, NOW, LATER))?.terminal).toEqual({
          status: 'success',
          result,
        });
      });

      it('takes a terminal of the largest size, and refuses a larger one by name', async () => {
        const empty = Buffer.byteLength(JSON.stringify({ status: 'success', result: '' }));
        const ofBytes = (bytes: number): Terminal => ({ status: 'success', result: 'x'.repeat(bytes - empty) });
        const source = await opened();
        await expect(sources.settle(source, ofBytes(MAX_TERMINAL_BYTES + 1), NOW, LATER)).rejects.toMatchObject({
          code: 'terminal-too-large',
          bytes: MAX_TERMINAL_BYTES + 1,
        });
        expect((await sources.get(source.sourceUuid))?.terminal).toBeUndefined();
        expect(await sources.settle(source, ofBytes(MAX_TERMINAL_BYTES), NOW, LATER)).toMatchObject({ endedAt: NOW });
      });
    });

    describe('markPublished', () => {
      it('marks an ended source, once or twice', async () => {
        const source = await settled();
        await sources.markPublished(source, EVENT, LATER);
        await sources.markPublished(source, EVENT, LATER);
        expect(await sources.get(source.sourceUuid)).toEqual({ ...source, published: EVENT, deadline: LATER });
      });

      it('takes the place of the terminal in a later history', async () => {
        const source = await published();
        await sources.markPublished(source, { epoch: 'def456', seq: 1 }, LATER + 1);
        expect(await sources.get(source.sourceUuid)).toEqual({
          ...source,
          published: { epoch: 'def456', seq: 1 },
          deadline: LATER + 1,
        });
      });

      it('does not mark one that is still open, nor a later generation', async () => {
        const first = await published();
        const second = await opened({ sourceUuid: first.sourceUuid });
        await sources.markPublished(first, EVENT, LATER);
        await sources.markPublished(second, EVENT, LATER);
        expect(await sources.get(first.sourceUuid)).toEqual(second);
      });
    });
  });
}
