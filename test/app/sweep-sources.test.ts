import { beforeEach, describe, expect, it } from 'vitest';
import type { Source } from '../../app/ports.ts';
import { sweepSources } from '../../app/sweep-sources.ts';
import { SOURCE_TTL_MS } from '../../domain/limits.ts';
import { createWorld, kinds, type World } from './world.ts';

let world: World;
beforeEach(() => {
  world = createWorld();
});

const sweepNow = () => world.clock.runUntil(sweepSources(world, world.clock.now() + 45_000));

async function nextSweep(): Promise<void> {
  await world.clock.advance(60_000);
  await sweepNow();
}

/** A worker that is killed right after its claim. */
const claim = async (source: Source) => {
  await world.sources.claim(source, world.clock.now(), world.clock.now() + 15_000);
};

/** As nobody should ever lose them. */
const loseMessages = () => {
  for (let each = world.queue.receive(); each; each = world.queue.receive()) world.queue.delete(each.receiptHandle);
};

describe('looking after the sources that are overdue', () => {
  it('believes the record and not the index, which may be some moments behind', async () => {
    const source = await world.accept();
    loseMessages();
    await claim(source);
    const before = await world.sources.get(source.sourceUuid);
    world.sources.overdue = async () => [source.sourceUuid];
    await sweepNow();
    expect(world.queue.size).toBe(0);
    expect(await world.sources.get(source.sourceUuid)).toEqual(before);
  });

  it.each([
    ['that was accepted and whose message is lost', async () => {}],
    [
      'that an attempt gave back, and whose message is lost',
      async (source: Source) => {
        await claim(source);
        world.processWith(() => Promise.reject(new Error('S3 is away')));
        await world.clock.advance(15_001);
        await world.process(source);
      },
    ],
  ])('sends a source to the queue again %s', async (_, work) => {
    const source = await world.accept();
    loseMessages();
    await work(source);
    for (let run = 0; run < 2; run++) await nextSweep();
    expect(await world.sources.get(source.sourceUuid)).toMatchObject({ redriven: 1 });
    expect(world.queue.size).toBe(1);
    await world.settle();
  });

  it('lets go of what has expired', async () => {
    const source = await world.accept();
    loseMessages();
    await world.clock.advance(SOURCE_TTL_MS + 1_000);
    await nextSweep();
    expect(world.queue.size).toBe(0);
    expect((await world.sources.get(source.sourceUuid))?.terminal).toBeUndefined();
    expect(await world.sources.overdue(Number.POSITIVE_INFINITY, 10)).toEqual([]);
  });

  it('comes to those behind a whole page of such as it cannot deal with', async () => {
    const sources = await Promise.all(Array.from({ length: 250 }, () => world.accept()));
    loseMessages();
    for (const source of sources) await claim(source);
    world.queue.failNext('send', { times: 200 });
    await nextSweep();
    expect(world.queue.size).toBe(50);
  });

  it('makes an end known whose worker could not, and whose message is lost', async () => {
    const source = await world.accept();
    world.bus.failNext('publish', { times: 3 }); // opening, the last value of the stage, opening again
    expect((await world.process(source)).outcome).toBe('again');
    loseMessages();
    await nextSweep();
    expect(kinds(world.history(source))).toEqual(['step', 'received', 'success']);
    await world.settle();
  });
});
