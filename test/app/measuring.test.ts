import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import { acceptUpload } from '../../app/accept-upload.ts';
import { receiveClientMessage } from '../../app/client-message.ts';
import { conclude, givenUp } from '../../app/conclude.ts';
import type { CountName, Terminal } from '../../app/ports.ts';
import { processSource } from '../../app/process-source.ts';
import { subscribe } from '../../app/subscribe.ts';
import { sweep } from '../../app/sweep.ts';
import { createWorld, type World } from './world.ts';

let world: World;
beforeEach(() => {
  world = createWorld();
});

const total = (name: CountName) => world.metrics.total(name);

describe('an upload', () => {
  it('is counted when it is accepted, once however often it is sent', async () => {
    const upload = world.upload();
    world.queue.failNext('send');
    await expect(acceptUpload(world, upload)).rejects.toThrow('made to fail');
    expect(total('SourcesAccepted')).toBe(0);
    await acceptUpload(world, upload);
    await acceptUpload(world, upload);
    expect(total('SourcesAccepted')).toBe(1);
  });

  it('keeps the correlation id of its first request, in its record and its message', async () => {
    const upload = world.upload();
    world.queue.failNext('send');
    await expect(acceptUpload(world, { ...upload, correlationId: 'first-request' })).rejects.toThrow();
    const source = await acceptUpload(world, { ...upload, correlationId: 'second-request' });
    expect(source.correlationId).toBe('first-request');
    expect((await world.sources.get(upload.sourceUuid))!.correlationId).toBe('first-request');
    expect(JSON.parse(world.queue.receive()!.body)).toMatchObject({ 'correlation-id': 'first-request' });
  });

  it('is timed from its record to its first messages, by the first attempt only', async () => {
    const source = await world.accept();
    await world.clock.advance(700);
    world.processWith(async () => {
      throw new Error('broken');
    });
    await world.process(source);
    const [first, ...others] = world.metrics.values('TimeToFirstStatus');
    expect(first).toBeGreaterThanOrEqual(700);
    expect(first).toBeLessThan(720);
    await world.clock.advance(60_000);
    await world.process(source);
    expect(others).toEqual([]);
    expect(world.metrics.values('TimeToFirstStatus')).toHaveLength(1);
  });

  it('whose first messages could not be published has no time to them', async () => {
    const source = await world.accept();
    world.bus.failNext('publish');
    await world.process(source);
    expect(world.metrics.values('TimeToFirstStatus')).toEqual([]);
  });
});

describe('an end', () => {
  const failure = (code: 'document-empty' | 'cancelled'): Terminal => ({
    status: 'failure',
    code,
    error: 'So it was.',
  });

  it.each<[CountName, Terminal]>([
    ['SourcesSucceeded', { status: 'success', result: 1 }],
    ['SourcesFailed', failure('document-empty')],
    ['SourcesCancelled', failure('cancelled')],
    ['SourcesGivenUp', givenUp()],
  ])('is counted as %s', async (name, terminal) => {
    const source = await world.accept({ correlationId: 'the-request' });
    await world.clock.advance(40);
    await conclude(world, source, terminal);
    const all: CountName[] = ['SourcesSucceeded', 'SourcesFailed', 'SourcesCancelled', 'SourcesGivenUp'];
    expect(all.filter((each) => total(each) > 0)).toEqual([name]);
    expect(total(name)).toBe(1);
    expect(world.metrics.values('TimeToEnd')).toEqual([40]);
    expect(world.log.of('source-ended')).toMatchObject([{ correlationId: 'the-request' }]);
  });

  it('is counted though it could not be published yet, and not once more by who came second', async () => {
    const source = await world.accept();
    world.bus.failNext('publish');
    await expect(conclude(world, source, { status: 'success', result: 1 })).rejects.toThrow('made to fail');
    await world.clock.advance(1);
    await conclude(world, source, failure('cancelled'));
    expect([total('SourcesSucceeded'), total('SourcesCancelled')]).toEqual([1, 0]);
  });
});

describe('a delivery', () => {
  it('is timed from the publication to the post, a page at a time', async () => {
    const source = await world.accept();
    await world.connect(source.wsUuid, 'a');
    await world.settle();
    world.sockets.holdNext('a', world.clock.sleep(300));
    await world.process(source);
    await world.settle();
    const lags = world.metrics.values('DeliveryLag');
    expect(lags.length).toBeGreaterThan(0);
    expect(Math.max(...lags)).toBeGreaterThanOrEqual(300);
    expect(total('FramesReplayed')).toBe(0);
  });

  it('that does not come through is timed for as long as that lasts', async () => {
    const source = await world.accept();
    await world.connect(source.wsUuid, 'a');
    await world.settle();
    world.sockets.answerNext('a', ...Array.from({ length: 20 }, () => 'retry' as const));
    const processed = world.process(source);
    await world.clock.advance(30_000);
    expect(world.received('a')).toEqual([]);
    expect(Math.max(...world.metrics.values('DeliveryLag'))).toBeGreaterThan(20_000);
    await processed;
  });

  it('of what was published before the socket came is a replay, and no lag', async () => {
    const source = await world.accept();
    await world.process(source);
    await world.settle();
    await world.clock.advance(60_000);
    await world.connect(source.wsUuid, 'late');
    await world.settle();
    expect(total('FramesReplayed')).toBe(world.received('late').length);
    expect(world.metrics.values('DeliveryLag')).toEqual([]);
  });

  it('of what the same socket asks for once more, while its channel is served, is a replay and no lag', async () => {
    const wsUuid = randomUUID();
    await world.channels.register({ wsUuid, owner: '1', shard: 0, batchSize: 2, expiresAt: 1e15 }, 0);
    const source = await world.accept({ wsUuid });
    for (const id of ['a', 'slow']) await world.connect(wsUuid, id);
    world.sockets.holdNext('slow', world.clock.sleep(20_000));
    const subscriber = subscribe(world, { shard: 0, token: 'me', remainingMs: () => 900_000, lingerMs: 60_000 });
    await world.process(source);
    await world.clock.advance(100);
    const sent = world.received('a').length;
    const lags = world.metrics.values('DeliveryLag').length;
    expect([sent > 0, lags > 0]).toEqual([true, true]);
    await world.clock.advance(5_000);
    const epoch = String(world.received('a')[0]!['event-id']).split('-')[0];
    await receiveClientMessage(world, 'a', JSON.stringify({ action: 'resume', 'last-event-id': `${epoch}-0` }));
    await world.clock.advance(100);
    expect(world.received('a')).toHaveLength(2 * sent);
    expect(total('FramesReplayed')).toBe(sent);
    expect(world.metrics.values('DeliveryLag')).toHaveLength(lags);
    await world.clock.runUntil(subscriber);
  });

  it('of an end is a line with the correlation id of the upload, which no frame holds', async () => {
    const source = await world.accept({ correlationId: 'the-request' });
    await world.connect(source.wsUuid, 'a');
    await world.process(source);
    await world.settle();
    expect(world.log.of('end-delivered')).toEqual([
      {
        wsUuid: source.wsUuid,
        connectionId: 'a',
        seq: 4,
        correlationId: 'the-request',
        milliseconds: expect.any(Number),
        replay: false,
      },
    ]);
    expect(JSON.stringify(world.received('a'))).not.toContain('the-request');
  });

  it('after a gap names the uploads whose sources it showed', async () => {
    const source = await world.accept({ correlationId: 'the-request' });
    await world.process(source);
    await world.settle();
    await world.connect(source.wsUuid, 'a', 'elsewhere-2');
    await world.settle();
    expect(world.log.of('gap-bridged')).toMatchObject([{ correlationIds: ['the-request'] }]);
  });

  it('to a socket that is gone is counted', async () => {
    const source = await world.accept();
    await world.connect(source.wsUuid, 'a');
    await world.settle();
    await world.clock.advance(20_000);
    world.sockets.leave('a');
    await world.process(source);
    await world.settle();
    expect(total('SocketsGone')).toBe(1);
  });
});

describe('what goes wrong inside', () => {
  it('counts a lease that was taken', async () => {
    world.reader.renew = async () => false;
    world.sockets.holdNext('a', world.clock.sleep(8_000));
    const source = await world.accept();
    await world.connect(source.wsUuid, 'a');
    await processSource(world, source);
    const ends = await world.settle();
    expect(ends).toContain('lost');
    expect(total('LeasesLost')).toBe(ends.filter((end) => end === 'lost').length);
  });

  it('counts each part of a sweep that failed', async () => {
    world.watch.failNext('beginRecovery');
    world.sources.failNext('overdue');
    await sweep(world, { token: 'me', until: world.clock.now() + 1_000 });
    expect(total('SweepPartsFailed')).toBe(2);
  });
});
