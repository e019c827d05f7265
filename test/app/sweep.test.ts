import { beforeEach, describe, expect, it } from 'vitest';
import { acceptUpload } from '../../app/accept-upload.ts';
import { createWorld, kinds, type World } from './world.ts';

let world: World;
beforeEach(() => {
  world = createWorld();
});

/** As long as it is sent again, and each message is lost. */
async function redriveToTheLast(sourceUuid: string): Promise<void> {
  for (let redriven = 1; redriven <= 15; redriven++) {
    await world.nextSweep();
    expect(await world.sources.get(sourceUuid)).toMatchObject({ redriven });
    expect(messages()).toBe(1);
  }
}

/** Takes those out of the queue that are to be had, and counts them. */
const messages = () => {
  let count = 0;
  for (let each = world.queue.receive(); each; each = world.queue.receive(), count += 1)
    world.queue.delete(each.receiptHandle);
  return count;
};

/** As SQS does it where the account has no concurrency left: handed out, and hidden, though no function is invoked. */
const handOut = () => {
  let count = 0;
  while (world.queue.receive()) count += 1;
  return count;
};

describe('the sweeper and open sources', () => {
  it('sends a source whose worker was killed to the queue once more', async () => {
    const { sourceUuid } = await world.accept();
    messages();
    await world.claim(sourceUuid);
    await world.nextSweep();
    expect(messages()).toBe(1);
    expect(await world.sources.get(sourceUuid)).toMatchObject({ redriven: 1, attempt: 1 });
    expect(world.log.of('source-redriven')).toEqual([{ sourceUuid, attempt: 1 }]);
  });

  it('sends it again in each run until it is claimed, gives it up after a quarter of an hour, and makes that known', async () => {
    const source = await world.accept();
    messages();
    await world.claim(source.sourceUuid);
    await redriveToTheLast(source.sourceUuid);
    expect((await world.sources.get(source.sourceUuid))?.terminal).toBeUndefined();
    await world.nextSweep();
    expect(messages()).toBe(0);
    expect(await world.sources.get(source.sourceUuid)).toMatchObject({
      terminal: { status: 'failure', code: 'processing-failed' },
    });
    expect(kinds(world.history(source))).toEqual(['step', 'received', 'failure']);
  });

  it('redrives again after another claim: each killed attempt is one', async () => {
    const { sourceUuid } = await world.accept();
    for (let attempt = 1; attempt <= 3; attempt++) {
      messages();
      await world.claim(sourceUuid);
      await world.nextSweep();
      expect(await world.sources.get(sourceUuid)).toMatchObject({ redriven: 1, attempt });
    }
  });

  it('leaves a source alone whose worker lives', async () => {
    const source = await world.accept();
    messages();
    await world.claim(source.sourceUuid);
    await world.clock.advance(50_000);
    await world.sources.renew(source, 1, world.clock.now() + 15_000);
    await world.nextSweep();
    await world.sources.renew(source, 1, world.clock.now() + 15_000);
    const before = await world.sources.get(source.sourceUuid);
    await world.sweep();
    expect(await world.sources.get(source.sourceUuid)).toEqual(before);
  });

  it('neither repeats nor gives up what only waits its turn', async () => {
    const waiting = await world.accept();
    await world.accept();
    await world.nextSweep();
    await world.nextSweep();
    expect(await world.sources.get(waiting.sourceUuid)).toMatchObject({ redriven: 0, attempt: 0 });
    expect(world.queue.size).toBe(2);
  });

  it('does not give up what was redriven and waits behind others, nor sends it once more', async () => {
    const { sourceUuid } = await world.accept();
    messages();
    await world.claim(sourceUuid);
    for (let run = 0; run < 20; run++) await world.nextSweep();
    expect(await world.sources.get(sourceUuid)).toMatchObject({ redriven: 1 });
    expect((await world.sources.get(sourceUuid))?.terminal).toBeUndefined();
    expect(messages()).toBe(1);
  });

  it('does not give up what waited for long behind others, once its message is out and nobody is invoked with it', async () => {
    const { sourceUuid } = await world.accept();
    for (let run = 0; run < 30; run++) await world.nextSweep();
    expect(handOut()).toBe(1);
    for (let minute = 0; minute < 10; minute++) {
      await world.nextSweep();
      handOut();
    }
    expect((await world.sources.get(sourceUuid))?.terminal).toBeUndefined();
  });

  it('processes what no function could be invoked with for ten minutes', async () => {
    const source = await world.accept();
    for (let minute = 0; minute < 10; minute++) {
      handOut();
      await world.nextSweep();
    }
    expect(handOut()).toBeGreaterThan(0);
    await world.process(source);
    expect(kinds(world.history(source))).toEqual(['step', 'received', 'extract 100', 'success']);
    await world.settle();
  });

  it('gives up nothing while it cannot learn whether messages wait', async () => {
    const { sourceUuid } = await world.accept();
    messages();
    await world.claim(sourceUuid);
    await redriveToTheLast(sourceUuid);
    world.queue.failNext('backlog');
    await world.nextSweep();
    expect((await world.sources.get(sourceUuid))?.terminal).toBeUndefined();
    await world.nextSweep();
    expect((await world.sources.get(sourceUuid))?.terminal).toMatchObject({ status: 'failure' });
  });

  it('does not give up what is claimed at that moment', async () => {
    const source = await world.accept();
    messages();
    await world.claim(source.sourceUuid);
    await redriveToTheLast(source.sourceUuid);
    world.sources.beforeNext('settle', () => world.claim(source.sourceUuid));
    await world.nextSweep();
    const stored = await world.sources.get(source.sourceUuid);
    expect(stored).toMatchObject({ attempt: 2, leaseUntil: world.clock.now() + 15_000, redriven: 0 });
    expect(stored?.terminal).toBeUndefined();
    expect(world.log.of('source-given-up')).toEqual([]);
    await world.nextSweep(); // that one was killed, too
    expect(await world.sources.get(source.sourceUuid)).toMatchObject({ redriven: 1 });
  });

  it('does not count a source as redriven while the queue does not take it', async () => {
    const { sourceUuid } = await world.accept();
    messages();
    await world.claim(sourceUuid);
    world.queue.failNext('send');
    await world.nextSweep();
    expect(await world.sources.get(sourceUuid)).toMatchObject({ redriven: 0 });
    await world.nextSweep();
    expect(await world.sources.get(sourceUuid)).toMatchObject({ redriven: 1 });
    expect(messages()).toBe(1);
  });

  it('ends nothing that was never accepted', async () => {
    const upload = world.upload();
    world.queue.failNext('send');
    await expect(acceptUpload(world, upload)).rejects.toThrow('made to fail');
    for (let run = 0; run < 3; run++) await world.nextSweep();
    expect((await world.sources.get(upload.sourceUuid))?.terminal).toBeUndefined();
    expect(world.queue.size).toBe(0);
    expect(await world.sources.overdue(Number.POSITIVE_INFINITY, 10)).toEqual([]);
    await acceptUpload(world, upload);
    expect(await world.sources.overdue(Number.POSITIVE_INFINITY, 10)).toEqual([upload.sourceUuid]);
  });

  it('goes through more than it reads at once, though some of them fail', async () => {
    const sources = await Promise.all(Array.from({ length: 450 }, () => world.accept()));
    messages();
    for (const { sourceUuid } of sources) await world.claim(sourceUuid);
    world.queue.failNext('send', { times: 7 });
    await world.nextSweep();
    expect(messages()).toBe(443);
    await world.nextSweep();
    expect(world.log.of('source-redriven')).toHaveLength(450);
  });
});

describe('the sweeper and ended sources', () => {
  const stored = async (source: { sourceUuid: string; generation: number }) => {
    const terminal = { status: 'success', result: { title: 'done' } } as const;
    return world.sources.settle(source, terminal, world.clock.now(), world.clock.now() + 10_000);
  };

  it('publishes an end that its worker stored and did not make known', async () => {
    const source = await world.accept();
    await stored(source);
    await world.nextSweep();
    expect(kinds(world.history(source))).toEqual(['step', 'received', 'success']);
    expect((await world.sources.get(source.sourceUuid))?.published).toMatchObject({ seq: 3 });
    await world.settle();
  });

  it('looks once more whether a published end is there, and then no more', async () => {
    const source = await world.accept();
    await world.process(source);
    await world.settle();
    expect(await world.sources.overdue(Number.POSITIVE_INFINITY, 10)).toEqual([source.sourceUuid]);
    await world.nextSweep();
    await world.nextSweep();
    expect(await world.sources.overdue(Number.POSITIVE_INFINITY, 10)).toEqual([]);
    expect(kinds(world.history(source))).toEqual(['step', 'received', 'extract 100', 'success']);
    expect(world.log.of('terminal-published-late')).toEqual([]);
  });

  it('publishes an end again that a failover of Redis has lost, under numbers of a new epoch', async () => {
    const source = await world.accept();
    const back = world.snapshot();
    await world.process(source);
    back();
    await world.nextSweep();
    await world.nextSweep();
    const events = world.history(source);
    expect(kinds(events)).toEqual(['step', 'received', 'success']);
    expect(world.log.of('terminal-published-late')).toMatchObject([{ again: true }]);
    await world.connect(source.wsUuid, 'a');
    await world.settle();
    expect(kinds(world.received('a')).at(-1)).toBe('success');
  });

  it('leaves those that Redis does not take for the next run, and wakes what else there is', async () => {
    const source = await world.accept();
    await stored(source);
    world.bus.failNext('publish', { times: 1 });
    await world.nextSweep();
    expect(world.log.of('overdue-source-left')).toHaveLength(1);
    await world.nextSweep();
    expect((await world.sources.get(source.sourceUuid))?.published).toBeDefined();
    await world.settle();
  });
});
