import { beforeEach, describe, expect, it } from 'vitest';
import { failDeadLetter } from '../../app/fail-dead-letter.ts';
import { createWorld, kinds, type World } from './world.ts';

let world: World;
beforeEach(() => {
  world = createWorld();
});

/** A worker that is killed right after its claim. */
const claim = async (sourceUuid: string) => {
  const source = (await world.sources.get(sourceUuid))!;
  return world.sources.claim(source, world.clock.now(), world.clock.now() + 15_000);
};

describe('a dead letter', () => {
  it('ends its source in failure and makes that known', async () => {
    const source = await world.accept();
    expect(await failDeadLetter(world, source)).toEqual({ outcome: 'done' });
    expect(kinds(world.history(source))).toEqual(['step', 'received', 'failure']);
    await world.settle();
  });

  it('waits until no worker can be at it any more', async () => {
    const source = await world.accept();
    await claim(source.sourceUuid);
    expect(await failDeadLetter(world, source)).toEqual({ outcome: 'again', afterSeconds: 16 });
    await world.clock.advance(16_000);
    expect(await failDeadLetter(world, source)).toEqual({ outcome: 'done' });
    expect(await world.sources.get(source.sourceUuid)).toMatchObject({ terminal: { status: 'failure' } });
    await world.settle();
  });

  it('waits for whoever claims its source at that moment', async () => {
    const source = await world.accept();
    world.sources.beforeNext('settle', () => claim(source.sourceUuid));
    expect(await failDeadLetter(world, source)).toEqual({ outcome: 'again', afterSeconds: 16 });
    expect((await world.sources.get(source.sourceUuid))?.terminal).toBeUndefined();
  });

  it('comes again when its source was claimed and given back at that moment', async () => {
    const source = await world.accept();
    world.sources.beforeNext('settle', async () => {
      await claim(source.sourceUuid);
      await world.sources.release(source, 1, world.clock.now() + 20_000);
    });
    expect(await failDeadLetter(world, source)).toEqual({ outcome: 'again', afterSeconds: 1 });
    expect((await world.sources.get(source.sourceUuid))?.terminal).toBeUndefined();
  });

  it('changes nothing of a source that has ended, and makes its end known where it was not', async () => {
    const source = await world.accept();
    const success = { status: 'success', result: 1 } as const;
    await world.sources.settle(source, success, world.clock.now(), world.clock.now());
    await failDeadLetter(world, source);
    expect(kinds(world.history(source))).toEqual(['step', 'received', 'success']);
    await world.settle();
  });

  it('is nothing to an upload that took the place of its own', async () => {
    const upload = world.upload();
    const source = await world.accept(upload);
    await world.process(source);
    await world.accept(upload);
    expect(await failDeadLetter(world, source)).toEqual({ outcome: 'done' });
    expect((await world.sources.get(source.sourceUuid))?.terminal).toBeUndefined();
    await world.settle();
  });
});
