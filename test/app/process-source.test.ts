import { beforeEach, describe, expect, it } from 'vitest';
import { conclude } from '../../app/conclude.ts';
import { CLAIM_LEASE_MS, MAX_ATTEMPTS, processSource } from '../../app/process-source.ts';
import { SourceFailure } from '../../domain/errors.ts';
import { SAME_PROGRESS_INTERVAL_MS } from '../../domain/limits.ts';
import { createWorld, kinds, type World } from './world.ts';

let world: World;
beforeEach(() => {
  world = createWorld();
});

const process = (ref: { sourceUuid: string; generation: number }) => world.clock.runUntil(processSource(world, ref));

describe('processing a source', () => {
  it('says hello, received and success, in this order and with these very fields', async () => {
    world.processWith(async () => ({ title: 'A' }));
    const source = await world.accept({ filename: 'a.txt' });
    expect(await process(source)).toEqual({ outcome: 'done' });
    const [step, received, extract, success] = world.history(source);
    const epoch = String(step!['event-id']).split('-')[0];
    expect(step).toEqual({
      step: 'Hello, I start to process this source: a.txt',
      status: 200,
      'step-status': 'processing',
      'source-uuid': source.sourceUuid,
      'event-id': `${epoch}-1`,
    });
    expect(received).toEqual({
      message: 'Source received. Starting to processing',
      type: 'file-upload',
      'source-uuid': source.sourceUuid,
      status: 'processing',
      'event-id': `${epoch}-2`,
    });
    expect(extract).toMatchObject({ stage: 'extract', progress: 100, 'event-id': `${epoch}-3` });
    expect(success).toEqual({
      result: { title: 'A' },
      type: 'file-upload',
      'source-uuid': source.sourceUuid,
      status: 'success',
      'event-id': `${epoch}-4`,
    });
    expect(await world.sources.get(source.sourceUuid)).toMatchObject({
      published: { seq: 4 },
      terminal: { status: 'success' },
    });
  });

  it('names the URL where there is no file name, and fetches before it extracts', async () => {
    world.fetchWith(async (_, onProgress) => {
      onProgress({ bytes: 5, totalBytes: 10 });
      await world.clock.sleep(300);
      return { bytes: 10, totalBytes: 10 };
    });
    const source = await world.accept({ filename: '', content: { url: 'https://example.com/a' } });
    await process(source);
    const events = world.history(source);
    expect(events[0]!.step).toBe('Hello, I start to process this source: https://example.com/a');
    expect(kinds(events)).toEqual(['step', 'received', 'fetch 50', 'fetch 100', 'extract 100', 'success']);
  });

  it('names the source-uuid where there is neither', async () => {
    const source = await world.accept({ filename: '' });
    await process(source);
    expect(world.history(source)[0]!.step).toBe(`Hello, I start to process this source: ${source.sourceUuid}`);
  });

  it('is indeterminate while no length is known, and ends the stage with 100 all the same', async () => {
    world.fetchWith(async (_, onProgress) => {
      for (const bytes of [0, 70_000]) {
        onProgress({ bytes });
        await world.clock.sleep(SAME_PROGRESS_INTERVAL_MS);
      }
      return { bytes: 90_000 };
    });
    const source = await world.accept({ content: { url: 'https://example.com/a' } });
    await process(source);
    const told = world.history(source).filter(({ stage }) => stage === 'fetch');
    expect(told.map(({ 'event-id': _, type, status, 'source-uuid': __, stage, ...progress }) => progress)).toEqual([
      { progress: 0, bytes: 0, indeterminate: true },
      { progress: 0, bytes: 70_000, indeterminate: true },
      { progress: 100, bytes: 90_000 },
    ]);
  });

  it('keeps 100 for the end of a stage, though more came than was announced', async () => {
    world.fetchWith(async (_, onProgress) => {
      onProgress({ bytes: 30, totalBytes: 20 });
      await world.clock.sleep(300);
      return { bytes: 40, totalBytes: 20 };
    });
    const source = await world.accept({ content: { url: 'https://example.com/a' } });
    await process(source);
    expect(kinds(world.history(source)).slice(2, 4)).toEqual(['fetch 99', 'fetch 100']);
  });

  it('tells how far a stage came that breaks off, though that was not due yet', async () => {
    world.processWith(async (_, onProgress) => {
      onProgress({ pages: 1, totalPages: 4 });
      await world.clock.sleep(100);
      onProgress({ pages: 2, totalPages: 4 });
      throw new SourceFailure('document-broken', 'This document is broken.');
    });
    const source = await world.accept();
    await process(source);
    expect(kinds(world.history(source))).toEqual(['step', 'received', 'extract 25', 'extract 50', 'failure']);
  });

  it('ends in failure with the code and the sentence of what cannot be processed', async () => {
    world.processWith(async () => {
      throw new SourceFailure('document-encrypted', 'This document is encrypted.');
    });
    const source = await world.accept();
    await process(source);
    expect(world.history(source).at(-1)).toMatchObject({
      result: 'Error',
      error: 'This document is encrypted.',
      code: 'document-encrypted',
      type: 'file-upload',
      'source-uuid': source.sourceUuid,
      status: 'failure',
    });
  });

  it('returns a second delivery to the queue while the first works, until its lease ends', async () => {
    world.processWith(() => world.clock.sleep(5_000).then(() => 'slow'));
    const source = await world.accept();
    const first = processSource(world, source);
    await world.clock.advance(1_000);
    expect(await processSource(world, source)).toEqual({ outcome: 'again', afterSeconds: CLAIM_LEASE_MS / 1000 });
    await world.clock.runUntil(first);
    expect(kinds(world.history(source))).toEqual(['step', 'received', 'extract 100', 'success']);
  });

  it('keeps its lease for as long as it works, and notes how far it is', async () => {
    world.processWith(async (_, onProgress) => {
      onProgress({ pages: 1, totalPages: 4 });
      await world.clock.sleep(2 * CLAIM_LEASE_MS);
      return 'late';
    });
    const source = await world.accept();
    const working = processSource(world, source);
    await world.clock.advance(1.5 * CLAIM_LEASE_MS);
    expect(await world.sources.get(source.sourceUuid)).toMatchObject({ stage: 'extract', progress: 25, attempt: 1 });
    expect((await processSource(world, source)).outcome).toBe('again');
    await world.clock.runUntil(working);
    expect(await world.sources.get(source.sourceUuid)).toMatchObject({ attempt: 1, terminal: { result: 'late' } });
  });

  it('takes over from an attempt that died, whose progress is not undone and whose opening is not repeated', async () => {
    const source = await world.accept();
    const died = await world.sources.claim(source, world.clock.now(), world.clock.now() + CLAIM_LEASE_MS);
    expect(died.outcome).toBe('claimed');
    await world.clock.advance(CLAIM_LEASE_MS + 1);
    await process(source);
    expect(await world.sources.get(source.sourceUuid)).toMatchObject({ attempt: 2 });
    expect(kinds(world.history(source))).toEqual(['step', 'received', 'extract 100', 'success']);
  });

  it('adopts the end that somebody else stored while it worked', async () => {
    const source = await world.accept();
    world.processWith(async () => {
      await conclude(world, source, { status: 'failure', code: 'cancelled', error: 'Cancelled.' });
      return 'too late';
    });
    await process(source);
    expect(kinds(world.history(source)).filter((kind) => kind === 'success' || kind === 'failure')).toEqual([
      'failure',
    ]);
    expect((await world.sources.get(source.sourceUuid))?.terminal).toMatchObject({ code: 'cancelled' });
  });

  // Redis would take the second end for the first: only what is stored knows better.
  it('makes the stored end known and not its own, though Redis has lost that there was one', async () => {
    const source = await world.accept();
    world.processWith(async () => {
      await conclude(world, source, { status: 'failure', code: 'cancelled', error: 'Cancelled.' });
      world.lose();
      return 'too late';
    });
    await process(source);
    expect(kinds(world.history(source))).toEqual(['step', 'received', 'failure']);
  });

  it('stops its worker when the source was taken from it', async () => {
    let stopped = false;
    world.processWith(async (_, __, signal) => {
      await world.clock.sleep(60_000, signal);
      stopped = signal.aborted;
      throw new Error('stopped');
    });
    const source = await world.accept();
    const working = processSource(world, source);
    await world.clock.advance(100);
    await conclude(world, source, { status: 'failure', code: 'cancelled', error: 'Cancelled.' });
    await world.clock.runUntil(working);
    expect(stopped).toBe(true);
    expect((await world.sources.get(source.sourceUuid))?.terminal).toMatchObject({ code: 'cancelled' });
  });

  it('tries again after an unexpected error, later each time, and ends in failure after the last try', async () => {
    world.processWith(async () => {
      throw new Error('S3 is away');
    });
    const source = await world.accept();
    const waits: number[] = [];
    for (let n = 1; n < MAX_ATTEMPTS; n++) {
      const processed = await process(source);
      if (processed.outcome === 'again') waits.push(processed.afterSeconds);
    }
    expect(waits).toEqual([4, 16, 64]);
    expect(await process(source)).toEqual({ outcome: 'done' });
    expect((await world.sources.get(source.sourceUuid))?.terminal).toMatchObject({ code: 'processing-failed' });
    expect(JSON.stringify(world.history(source))).not.toContain('S3 is away');
  });

  it('ends a source whose every attempt was killed', async () => {
    const source = await world.accept();
    for (let n = 0; n < MAX_ATTEMPTS; n++) {
      await world.sources.claim(source, world.clock.now(), world.clock.now() + CLAIM_LEASE_MS);
      await world.clock.advance(CLAIM_LEASE_MS + 1);
    }
    await process(source);
    expect(world.history(source).at(-1)).toMatchObject({ status: 'failure', code: 'processing-failed' });
  });

  it('works on while Redis is away, and makes all of it known, opening first, with the delivery that finds Redis back', async () => {
    const source = await world.accept();
    world.bus.failNext('publish', { times: 4 }); // opening, the last value of the stage twice, opening again
    expect((await process(source)).outcome).toBe('again');
    const stored = await world.sources.get(source.sourceUuid);
    expect(stored).toMatchObject({ terminal: { status: 'success' } });
    expect(stored!.published).toBeUndefined();
    expect(await process(source)).toEqual({ outcome: 'done' });
    expect(kinds(world.history(source))).toEqual(['step', 'received', 'success']);
    expect(await world.sources.get(source.sourceUuid)).toMatchObject({ published: { seq: 3 } });
  });

  it('publishes the terminal once though the answer to its publication was lost', async () => {
    const source = await world.accept();
    let publications = 0;
    const { publish } = world.bus;
    world.bus.publish = async (publication) => {
      const published = await publish(publication);
      if (publication.kind === 'terminal' && publications++ === 0) throw new Error('answer lost');
      return published;
    };
    expect((await process(source)).outcome).toBe('again');
    await process(source);
    expect(kinds(world.history(source))).toEqual(['step', 'received', 'extract 100', 'success']);
  });

  it('starts the subscriber when nobody holds the shard, for a repeated terminal too', async () => {
    const source = await world.accept();
    world.subscribers.failNext('start', { times: 4 });
    expect((await process(source)).outcome).toBe('again');
    const startedBefore = world.subscribers.started.length;
    await process(source);
    expect(world.subscribers.started.length).toBeGreaterThan(startedBefore);
    await world.settle();
  });

  it('drops a delivery of an upload that a newer one replaced', async () => {
    const source = await world.accept();
    await conclude(world, source, { status: 'success', result: 1 });
    await world.clock.advance(1);
    await world.accept({ ...source, content: { file: Buffer.from('new') } });
    expect(await process(source)).toEqual({ outcome: 'done' });
    const newer = { generation: source.generation + 1, attempt: 0 };
    expect(await world.sources.get(source.sourceUuid)).toMatchObject(newer);
  });

  it('says all of a new upload under the source-uuid of one that has ended', async () => {
    const source = await world.accept();
    await process(source);
    const again = await world.accept({ ...source, content: { file: Buffer.from('new') } });
    await process(again);
    const once = ['step', 'received', 'extract 100', 'success'];
    expect(kinds(world.history(again))).toEqual([...once, ...once]);
  });

  it('says again what Redis did not take, though nothing newer comes', async () => {
    const standstill = Promise.withResolvers<void>();
    world.processWith(async (_, onProgress) => {
      onProgress({ pages: 1, totalPages: 4 });
      await standstill.promise;
      return 'read';
    });
    const source = await world.accept();
    const { publish } = world.bus;
    let failures = 2;
    world.bus.publish = async (publication) => {
      const lost = publication.kind === 'progress' && failures-- > 0;
      const published = failures === 0 && lost ? await publish(publication) : undefined;
      if (lost) throw new Error(published ? 'answer lost' : 'away');
      return await publish(publication);
    };
    const working = processSource(world, source);
    await world.clock.advance(5_000);
    expect(kinds(world.history(source))).toEqual(['step', 'received', 'extract 25']);
    standstill.resolve();
    await world.clock.runUntil(working);
    expect(kinds(world.history(source))).toEqual(['step', 'received', 'extract 25', 'extract 100', 'success']);
  });

  it('sends progress at most four times a second, never falling, and always the last of a stage', async () => {
    world.processWith(async (_, onProgress) => {
      for (let page = 1; page <= 100; page++) {
        onProgress({ pages: page, totalPages: 100 });
        await world.clock.sleep(20);
      }
      return 'read';
    });
    const source = await world.accept();
    await process(source);
    const progress = world
      .history(source)
      .filter((event) => 'stage' in event)
      .map((event) => Number(event.progress));
    expect(progress.length).toBeGreaterThan(4);
    expect(progress.length).toBeLessThanOrEqual(10);
    expect(progress).toEqual(progress.toSorted((a, b) => a - b));
    expect(progress.at(-1)).toBe(100);
  });
});
