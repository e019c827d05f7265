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

/** Sources that a worker has stored the end of, and not made known: all of them overdue. */
async function addUnpublished(count: number): Promise<Source[]> {
  const accepted = await Promise.all(Array.from({ length: count }, () => world.accept()));
  loseMessages();
  const now = world.clock.now();
  await Promise.all(accepted.map((each) => world.sources.settle(each, { status: 'success', result: 1 }, now, now)));
  await world.clock.advance(1);
  return accepted;
}

/** A list of what is overdue as an index gives it: what was published is named still, for so long. */
function lagBehind(ms: number): { readonly asked: readonly number[] } {
  const gone: Array<{ readonly sourceUuid: string; readonly at: number }> = [];
  const asked: number[] = [];
  const { overdue, markPublished } = world.sources;
  world.sources.markPublished = async (ref, event, deadline) => {
    await markPublished(ref, event, deadline);
    gone.push({ sourceUuid: ref.sourceUuid, at: world.clock.now() });
  };
  world.sources.overdue = async (now, limit) => {
    asked.push(limit);
    const named = gone.filter(({ at }) => at > world.clock.now() - ms).map(({ sourceUuid }) => sourceUuid);
    return [...named, ...(await overdue(now, limit))].slice(0, limit);
  };
  return { asked };
}

const arePublished = async (sources: readonly Source[]) => {
  const stored = await Promise.all(sources.map(({ sourceUuid }) => world.sources.get(sourceUuid)));
  return stored.filter((each) => each?.published).length;
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
    expect(await world.sources.overdue(world.clock.now(), 250)).toEqual([]);
  });

  // After an outage a run dealt with 200 sources: it was over when the index, 300 ms behind, named the same ones again.
  it('goes through all of them in one run though the list names those still that it has just dealt with', async () => {
    const sources = await addUnpublished(1_000);
    const { publish } = world.bus;
    world.bus.publish = async (publication) => {
      await world.clock.sleep(10); // a page takes some 300 ms
      return publish(publication);
    };
    const { asked } = lagBehind(300);
    await sweepNow();
    expect(await arePublished(sources)).toBe(1_000);
    expect(asked.length).toBeLessThan(10);
  });

  it('is over when the list names nothing but those that it has dealt with, however far it is behind', async () => {
    const sources = await addUnpublished(6_000);
    const { asked } = lagBehind(3_600_000);
    await sweepNow();
    expect(await arePublished(sources)).toBe(5_000);
    expect(Math.max(...asked)).toBe(5_000);
  });

  it('comes to those behind a whole page of records that it cannot even read, and is over then', async () => {
    const sources = await addUnpublished(450);
    const { get } = world.sources;
    const unreadable = new Set(sources.slice(0, 400).map(({ sourceUuid }) => sourceUuid));
    world.sources.get = async (sourceUuid) => {
      if (unreadable.has(sourceUuid)) throw new Error('a record that nobody understands');
      return get(sourceUuid);
    };
    await sweepNow();
    world.sources.get = get;
    expect(await arePublished(sources)).toBe(50);
    expect(world.log.of('overdue-source-left')).toHaveLength(400);
  });

  it('tries what failed near the end of a long run in the very next one', async () => {
    const [source] = await addUnpublished(1);
    const startedAt = world.clock.now();
    const until = startedAt + 45_000;
    const { publish } = world.bus;
    world.bus.publish = async () => {
      await world.clock.sleep(40_000);
      throw new Error('Redis is away');
    };
    await world.clock.runUntil(sweepSources(world, until));
    expect(world.log.of('overdue-source-left')).toHaveLength(1);
    world.bus.publish = publish;
    await world.clock.advance(startedAt + 60_000 - world.clock.now());
    await sweepNow();
    expect(await arePublished([source!])).toBe(1);
    await world.settle();
  });

  it('makes an end known whose worker could not, and whose message is lost', async () => {
    const source = await world.accept();
    world.bus.failNext('publish', { times: 4 }); // opening, the last value of the stage twice, opening again
    expect((await world.process(source)).outcome).toBe('again');
    loseMessages();
    await nextSweep();
    expect(kinds(world.history(source))).toEqual(['step', 'received', 'success']);
    await world.settle();
  });
});
