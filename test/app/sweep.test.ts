import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import { acceptUpload } from '../../app/accept-upload.ts';
import { failDeadLetter } from '../../app/fail-dead-letter.ts';
import { sweep } from '../../app/sweep.ts';
import { createWorld, kinds, type World } from './world.ts';

let world: World;
beforeEach(() => {
  world = createWorld();
});

const MINUTE = 60_000;

/** As the schedule does it: a minute later. */
async function nextSweep(): Promise<void> {
  await world.clock.advance(MINUTE);
  await world.clock.runUntil(sweep(world, { token: randomUUID(), until: world.clock.now() + 45_000 }));
}

/** A worker that is killed right after its claim. */
const claim = async (sourceUuid: string) => {
  const source = (await world.sources.get(sourceUuid))!;
  return world.sources.claim(source, world.clock.now(), world.clock.now() + 15_000);
};

/** As long as it is sent again, and each message is lost. */
async function redriveToTheLast(sourceUuid: string): Promise<void> {
  for (let redriven = 1; redriven <= 15; redriven++) {
    await nextSweep();
    expect(await world.sources.get(sourceUuid)).toMatchObject({ redriven });
    expect(messages()).toBe(1);
  }
}

/** Sockets of a channel each, opened an hour ago while Redis did not answer; nobody is started to deliver anything to them. */
async function addUnannounced(count: number): Promise<{ readonly starts: readonly number[] }> {
  const starts: number[] = [];
  world.subscribers.start = async (shard) => void starts.push(shard);
  const at = { shard: 0, connectedAt: world.clock.now() - 3_600_000, expiresAt: world.clock.now() + 7_200_000 };
  for (let each = 0; each < count; each++)
    await world.connections.add({ ...at, wsUuid: randomUUID(), connectionId: `c${each}`, unannounced: true });
  return { starts };
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
    await claim(sourceUuid);
    await nextSweep();
    expect(messages()).toBe(1);
    expect(await world.sources.get(sourceUuid)).toMatchObject({ redriven: 1, attempt: 1 });
    expect(world.log.of('source-redriven')).toEqual([{ sourceUuid, attempt: 1 }]);
  });

  it('sends it again in each run until it is claimed, gives it up after a quarter of an hour, and makes that known', async () => {
    const source = await world.accept();
    messages();
    await claim(source.sourceUuid);
    await redriveToTheLast(source.sourceUuid);
    expect((await world.sources.get(source.sourceUuid))?.terminal).toBeUndefined();
    await nextSweep();
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
      await claim(sourceUuid);
      await nextSweep();
      expect(await world.sources.get(sourceUuid)).toMatchObject({ redriven: 1, attempt });
    }
  });

  it('leaves a source alone whose worker lives', async () => {
    const source = await world.accept();
    messages();
    await claim(source.sourceUuid);
    await world.clock.advance(50_000);
    await world.sources.renew(source, 1, world.clock.now() + 15_000);
    await nextSweep();
    await world.sources.renew(source, 1, world.clock.now() + 15_000);
    const before = await world.sources.get(source.sourceUuid);
    await world.clock.runUntil(sweep(world, { token: randomUUID(), until: world.clock.now() + 45_000 }));
    expect(await world.sources.get(source.sourceUuid)).toEqual(before);
  });

  it('neither repeats nor gives up what only waits its turn', async () => {
    const waiting = await world.accept();
    await world.accept();
    await nextSweep();
    await nextSweep();
    expect(await world.sources.get(waiting.sourceUuid)).toMatchObject({ redriven: 0, attempt: 0 });
    expect(world.queue.size).toBe(2);
  });

  it('does not give up what was redriven and waits behind others, nor sends it once more', async () => {
    const { sourceUuid } = await world.accept();
    messages();
    await claim(sourceUuid);
    for (let run = 0; run < 20; run++) await nextSweep();
    expect(await world.sources.get(sourceUuid)).toMatchObject({ redriven: 1 });
    expect((await world.sources.get(sourceUuid))?.terminal).toBeUndefined();
    expect(messages()).toBe(1);
  });

  it('does not give up what waited for long behind others, once its message is out and nobody is invoked with it', async () => {
    const { sourceUuid } = await world.accept();
    for (let run = 0; run < 30; run++) await nextSweep();
    expect(handOut()).toBe(1);
    for (let minute = 0; minute < 10; minute++) {
      await nextSweep();
      handOut();
    }
    expect((await world.sources.get(sourceUuid))?.terminal).toBeUndefined();
  });

  it('processes what no function could be invoked with for ten minutes', async () => {
    const source = await world.accept();
    for (let minute = 0; minute < 10; minute++) {
      handOut();
      await nextSweep();
    }
    expect(handOut()).toBeGreaterThan(0);
    await world.process(source);
    expect(kinds(world.history(source))).toEqual(['step', 'received', 'extract 100', 'success']);
    await world.settle();
  });

  it('gives up nothing while it cannot learn whether messages wait', async () => {
    const { sourceUuid } = await world.accept();
    messages();
    await claim(sourceUuid);
    await redriveToTheLast(sourceUuid);
    world.queue.failNext('backlog');
    await nextSweep();
    expect((await world.sources.get(sourceUuid))?.terminal).toBeUndefined();
    await nextSweep();
    expect((await world.sources.get(sourceUuid))?.terminal).toMatchObject({ status: 'failure' });
  });

  it('does not give up what is claimed at that moment', async () => {
    const source = await world.accept();
    messages();
    await claim(source.sourceUuid);
    await redriveToTheLast(source.sourceUuid);
    world.sources.beforeNext('settle', () => claim(source.sourceUuid));
    await nextSweep();
    const stored = await world.sources.get(source.sourceUuid);
    expect(stored).toMatchObject({ attempt: 2, leaseUntil: world.clock.now() + 15_000, redriven: 0 });
    expect(stored?.terminal).toBeUndefined();
    expect(world.log.of('source-given-up')).toEqual([]);
    await nextSweep(); // that one was killed, too
    expect(await world.sources.get(source.sourceUuid)).toMatchObject({ redriven: 1 });
  });

  it('does not count a source as redriven while the queue does not take it', async () => {
    const { sourceUuid } = await world.accept();
    messages();
    await claim(sourceUuid);
    world.queue.failNext('send');
    await nextSweep();
    expect(await world.sources.get(sourceUuid)).toMatchObject({ redriven: 0 });
    await nextSweep();
    expect(await world.sources.get(sourceUuid)).toMatchObject({ redriven: 1 });
    expect(messages()).toBe(1);
  });

  it('ends nothing that was never accepted', async () => {
    const upload = world.upload();
    world.queue.failNext('send');
    await expect(acceptUpload(world, upload)).rejects.toThrow('made to fail');
    for (let run = 0; run < 3; run++) await nextSweep();
    expect((await world.sources.get(upload.sourceUuid))?.terminal).toBeUndefined();
    expect(world.queue.size).toBe(0);
    expect(await world.sources.overdue(Number.POSITIVE_INFINITY, 10)).toEqual([]);
    await acceptUpload(world, upload);
    expect(await world.sources.overdue(Number.POSITIVE_INFINITY, 10)).toEqual([upload.sourceUuid]);
  });

  it('goes through more than it reads at once, though some of them fail', async () => {
    const sources = await Promise.all(Array.from({ length: 450 }, () => world.accept()));
    messages();
    for (const { sourceUuid } of sources) await claim(sourceUuid);
    world.queue.failNext('send', { times: 7 });
    await nextSweep();
    expect(messages()).toBe(443);
    await nextSweep();
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
    await nextSweep();
    expect(kinds(world.history(source))).toEqual(['step', 'received', 'success']);
    expect((await world.sources.get(source.sourceUuid))?.published).toMatchObject({ seq: 3 });
    await world.settle();
  });

  it('looks once more whether a published end is there, and then no more', async () => {
    const source = await world.accept();
    await world.process(source);
    await world.settle();
    expect(await world.sources.overdue(Number.POSITIVE_INFINITY, 10)).toEqual([source.sourceUuid]);
    await nextSweep();
    await nextSweep();
    expect(await world.sources.overdue(Number.POSITIVE_INFINITY, 10)).toEqual([]);
    expect(kinds(world.history(source))).toEqual(['step', 'received', 'extract 100', 'success']);
    expect(world.log.of('terminal-published-late')).toEqual([]);
  });

  it('publishes an end again that a failover of Redis has lost, under numbers of a new epoch', async () => {
    const source = await world.accept();
    const back = world.snapshot();
    await world.process(source);
    back();
    await nextSweep();
    await nextSweep();
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
    await nextSweep();
    expect(world.log.of('overdue-source-left')).toHaveLength(1);
    await nextSweep();
    expect((await world.sources.get(source.sourceUuid))?.published).toBeDefined();
    await world.settle();
  });
});

describe('the sweeper and shards', () => {
  it('starts a subscriber where a doorbell rang and nobody could be started', async () => {
    const source = await world.accept();
    await world.process(source);
    await world.settle();
    // Nothing else starts one from now on: no recovery is due, and the end has been looked for.
    for (let run = 0; run < 2; run++) await nextSweep();
    world.subscribers.failNext('start');
    await world.connect(source.wsUuid, 'a');
    await nextSweep();
    await world.settle();
    expect(kinds(world.received('a'))).toEqual(['step', 'received', 'extract 100', 'success']);
  });

  it('brings all that happened to a socket that came while Redis did not answer', async () => {
    await nextSweep();
    const source = await world.accept();
    await world.process(source);
    await world.settle();
    world.bus.failNext('open');
    await world.connect(source.wsUuid, 'a');
    await world.settle();
    expect(world.received('a')).toEqual([]);
    world.bus.failNext('ring');
    await nextSweep();
    await world.settle();
    expect(world.received('a')).toEqual([]);
    await nextSweep();
    await world.settle();
    expect(kinds(world.received('a'))).toEqual(['step', 'received', 'extract 100', 'success']);
    expect(await world.connections.unannounced(world.clock.now())).toEqual([]);
    expect(world.log.of('connection-announced-late')).toHaveLength(1);
  });

  it('comes to the sources and the shards however many sockets came while Redis did not answer', async () => {
    await nextSweep();
    const { sourceUuid } = await world.accept();
    messages();
    await claim(sourceUuid);
    const { starts } = await addUnannounced(40_000);
    const { markAnnounced } = world.connections;
    world.connections.markAnnounced = async (connection) => {
      await world.clock.sleep(10);
      await markAnnounced(connection);
    };
    await nextSweep();
    const left = (await world.connections.unannounced(world.clock.now())).length;
    expect(left).toBeLessThan(10_000); // 16 at once
    expect(left).toBeGreaterThan(0); // and half of the time is for what comes after them
    expect(await world.sources.get(sourceUuid)).toMatchObject({ redriven: 1 });
    expect(starts).toEqual([0]);
    await nextSweep();
    expect(await world.connections.unannounced(world.clock.now())).toEqual([]);
  }, 60_000);

  it('begins no ring after one that failed: Redis is away still, and the sources have their turn', async () => {
    await nextSweep();
    await addUnannounced(100);
    let rings = 0;
    world.bus.ring = async () => {
      rings += 1;
      await world.clock.sleep(1_000);
      throw new Error('Redis is away');
    };
    await nextSweep();
    expect(rings).toBe(16);
    expect(world.log.of('sweep-failed')).toMatchObject([{ part: 'connections' }]);
  });

  it('starts none where nothing waits', async () => {
    await nextSweep();
    expect(world.subscribers.started).toEqual([]);
  });

  it('does the rest where one part fails', async () => {
    const source = await world.accept();
    await world.sources.settle(source, { status: 'success', result: 1 }, world.clock.now(), world.clock.now());
    world.watch.failNext('beginRecovery');
    world.subscribers.failNext('start');
    await nextSweep();
    expect(world.log.of('sweep-failed')).toHaveLength(1);
    expect(kinds(world.history(source))).toEqual(['step', 'received', 'success']);
    await world.settle();
  });

  it('brings an end that was published and not delivered to its socket, after Redis has lost everything', async () => {
    await nextSweep();
    const source = await world.accept();
    await world.connect(source.wsUuid, 'a');
    await world.settle();
    world.subscribers.failNext('start', { times: 3 });
    await world.process(source);
    world.lose();
    expect(kinds(world.received('a'))).toEqual([]);
    await nextSweep();
    await world.settle();
    expect(kinds(world.received('a'))).toEqual(['step', 'received', 'success']);
    expect(world.sockets.isClosedByServer('a')).toBe(true);
    expect(world.log.of('redis-had-lost-its-data')).toEqual([{ shards: [0], channels: 1 }]);
    await nextSweep();
    expect(world.log.of('redis-had-lost-its-data')).toHaveLength(1);
  });

  it('leaves a recovery whose time is up to the next run, and looks after the sources meanwhile', async () => {
    await nextSweep();
    const { sourceUuid } = await world.accept();
    messages();
    await claim(sourceUuid);
    await addUnannounced(3_000);
    world.lose();
    const { ring } = world.bus;
    world.bus.ring = async (at) => {
      await world.clock.sleep(1_000);
      return ring(at);
    };
    await nextSweep();
    expect(world.log.of('recovery-not-finished')).toEqual([{ shard: 0 }]);
    expect(await world.sources.get(sourceUuid)).toMatchObject({ redriven: 1 });
    world.bus.ring = ring;
    await nextSweep();
    await nextSweep();
    expect(world.log.of('redis-had-lost-its-data')).toHaveLength(2);
  });

  it('recovers again where it broke off in the middle', async () => {
    const source = await world.accept();
    await world.connect(source.wsUuid, 'a');
    await world.settle();
    // Published, looked for and not delivered, since whoever is started dies: after the loss, only the recovery rings.
    const { start } = world.subscribers;
    world.subscribers.start = async () => {};
    await world.process(source);
    for (let run = 0; run < 2; run++) await nextSweep();
    expect(await world.sources.overdue(Number.POSITIVE_INFINITY, 10)).toEqual([]);
    world.subscribers.start = start;
    world.lose();
    world.bus.failNext('ring');
    await nextSweep();
    expect(world.received('a')).toEqual([]);
    await nextSweep();
    await world.settle();
    expect(kinds(world.received('a'))).toEqual(['step', 'received', 'success']);
  });
});

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
