import { beforeEach, describe, expect, it } from 'vitest';
import { conclude } from '../../app/conclude.ts';
import type { Source } from '../../app/ports.ts';
import { CLAIM_LEASE_MS, processSource } from '../../app/process-source.ts';
import { HEARTBEAT_WITHIN_MS } from '../../domain/limits.ts';
import { createWorld, kinds, type World } from './world.ts';

const MINUTE = 60_000;

let world: World;
/** When each event was added to the history. */
let times: number[];
beforeEach(() => {
  world = createWorld();
  times = [];
  const { publish } = world.bus;
  world.bus.publish = async (publication) => {
    const published = await publish(publication);
    if (published.outcome === 'published') times.push(world.clock.now());
    return published;
  };
});

const process = (source: Source) => world.clock.runUntil(processSource(world, source));
const longestSilence = () => Math.max(...times.slice(1).map((time, index) => time - times[index]!));
const heartbeatsOf = (source: Source) => world.history(source).filter(({ heartbeat }) => heartbeat);

describe('a source that is worked on', () => {
  it.each(['fetch', 'extract'] as const)('is heard of every 20 s while its %s says nothing at all', async (stage) => {
    const still = () => world.clock.sleep(2 * MINUTE);
    if (stage === 'fetch') world.fetchWith(() => still().then(() => ({ bytes: 1 })));
    else world.processWith(still);
    const source = await world.accept({ content: { url: 'https://example.com/' } });
    await process(source);
    expect(longestSilence()).toBeLessThanOrEqual(HEARTBEAT_WITHIN_MS);
    const [first] = heartbeatsOf(source);
    expect(first).toEqual({
      type: 'url-upload',
      'source-uuid': source.sourceUuid,
      status: 'processing',
      heartbeat: true,
      'event-id': expect.any(String),
    });
    const ids = world.history(source).map((event) => event['event-id']);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('has no heartbeat where its progress is told', async () => {
    world.processWith(async (_, onProgress) => {
      for (let page = 1; page <= 20; page++) {
        onProgress({ pages: page, totalPages: 20 });
        await world.clock.sleep(10_000);
      }
    });
    const source = await world.accept();
    await process(source);
    expect(heartbeatsOf(source)).toEqual([]);
    expect(longestSilence()).toBeLessThanOrEqual(HEARTBEAT_WITHIN_MS);
  });

  // Its progress is refused until it is past what its client was told: to the client that would be silence.
  it('is heard of in a second attempt that is not as far yet as the first was', async () => {
    let attempts = 0;
    world.processWith(async (_, onProgress) => {
      attempts += 1;
      if (attempts === 1) {
        onProgress({ pages: 90, totalPages: 100 });
        await world.clock.sleep(1_000);
        throw new Error('S3 is away');
      }
      for (let page = 1; page <= 60; page++) {
        onProgress({ pages: page, totalPages: 100 });
        await world.clock.sleep(1_000);
      }
    });
    const source = await world.accept();
    await process(source);
    await process(source);
    expect(heartbeatsOf(source).length).toBeGreaterThanOrEqual(3);
    expect(longestSilence()).toBeLessThanOrEqual(HEARTBEAT_WITHIN_MS);
    const shown = world.history(source).flatMap(({ stage, progress }) => (stage ? [Number(progress)] : []));
    expect(shown).toEqual([90, 100]);
  });

  it('is heard of again when Redis is back, once for each heartbeat', async () => {
    world.processWith(() => world.clock.sleep(50_000));
    const source = await world.accept();
    let failures = 3;
    const { publish } = world.bus;
    world.bus.publish = async (publication) => {
      const lost = publication.kind === 'heartbeat' && failures-- > 0;
      const published = failures === 0 && lost ? await publish(publication) : undefined;
      if (lost) throw new Error(published ? 'answer lost' : 'away');
      return await publish(publication);
    };
    await process(source);
    expect(heartbeatsOf(source)).toHaveLength(3);
    expect(longestSilence()).toBeLessThanOrEqual(HEARTBEAT_WITHIN_MS);
  });
});

describe('a source that nobody works on', () => {
  it('is silent after its end', async () => {
    world.processWith(() => world.clock.sleep(16_000));
    const source = await world.accept();
    await process(source);
    await world.clock.advance(MINUTE);
    expect(kinds(world.history(source))).toEqual(['step', 'received', 'processing', 'extract 100', 'success']);
  });

  it('is silent between two attempts', async () => {
    world.processWith(async () => {
      throw new Error('S3 is away');
    });
    const source = await world.accept();
    expect((await process(source)).outcome).toBe('again');
    await world.clock.advance(MINUTE);
    expect(kinds(world.history(source))).toEqual(['step', 'received']);
  });

  it.each([
    ['was ended', (source: Source) => conclude(world, source, { status: 'success', result: 1 })],
    [
      'was taken over',
      async (source: Source) => {
        await world.sources.release(source, 1, 0);
        await world.sources.claim(source, world.clock.now(), world.clock.now() + 10 * CLAIM_LEASE_MS);
      },
    ],
  ])('falls silent when it %s, though its worker does not stop', async (_, lose) => {
    world.processWith(async (_, onProgress) => {
      await world.clock.sleep(5 * MINUTE);
      onProgress({ pages: 1, totalPages: 1 });
      await world.clock.sleep(1_000);
    });
    const source = await world.accept();
    const working = processSource(world, source);
    await world.clock.advance(40_000);
    const before = heartbeatsOf(source).length;
    expect(before).toBe(2);
    await lose(source);
    let tried = 0;
    world.bus.publish = async () => {
      tried += 1;
      throw new Error('nothing should be said any more');
    };
    await world.clock.runUntil(working);
    expect(tried).toBe(0);
  });
});
