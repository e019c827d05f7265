import { beforeEach, describe, expect, it } from 'vitest';
import { processSource } from '../../app/process-source.ts';
import { PROGRESS_INTERVAL_MS } from '../../domain/limits.ts';
import { createWorld, kinds, type World } from './world.ts';

let world: World;
beforeEach(() => {
  world = createWorld();
});

const process = (ref: { sourceUuid: string; generation: number }) => world.clock.runUntil(processSource(world, ref));

/** Redis is away for as many values of a stage. */
function losing(stage: string, values: number): void {
  const { publish } = world.bus;
  let left = values;
  world.bus.publish = async (publication) => {
    if ('stage' in publication.event && publication.event.stage === stage && left-- > 0) throw new Error('away');
    return await publish(publication);
  };
}

describe('progress', () => {
  it('tells the last value of a stage before anything of the next, though Redis did not take it at first', async () => {
    world.fetchWith(async () => ({ bytes: 10, totalBytes: 10 }));
    world.processWith(async (_, onProgress) => {
      onProgress({ pages: 1, totalPages: 4 });
      onProgress({ pages: 2, totalPages: 4 });
      await world.clock.sleep(5_000);
      return 'read';
    });
    const source = await world.accept({ content: { url: 'https://example.com/a' } });
    losing('fetch', 2);
    await process(source);
    const told = ['step', 'received', 'fetch 100', 'extract 50', 'extract 100', 'success'];
    expect(kinds(world.history(source))).toEqual(told);
  });

  it('and the last value of the last stage before the end', async () => {
    const source = await world.accept();
    losing('extract', 1);
    await process(source);
    expect(kinds(world.history(source))).toEqual(['step', 'received', 'extract 100', 'success']);
  });

  it('says a percentage that stays the same only now and then, and a new one at once', async () => {
    world.processWith(async (_, onProgress) => {
      for (let second = 0; second < 60; second += 0.1) {
        onProgress({ bytes: 1_000 + second, totalBytes: 100_000 });
        await world.clock.sleep(100);
      }
      onProgress({ bytes: 2_000, totalBytes: 100_000 });
      await world.clock.sleep(PROGRESS_INTERVAL_MS);
      onProgress({ bytes: 2_001, totalBytes: 100_000 });
      await world.clock.sleep(PROGRESS_INTERVAL_MS);
      return 'read';
    });
    const source = await world.accept();
    await process(source);
    const progress = kinds(world.history(source)).filter((kind) => kind.startsWith('extract'));
    expect(progress.slice(-2)).toEqual(['extract 2', 'extract 100']);
    const same = progress.slice(0, -2);
    expect(new Set(same)).toEqual(new Set(['extract 1']));
    expect(same.length).toBeGreaterThanOrEqual(27);
    expect(same.length).toBeLessThanOrEqual(31);
  });
});
