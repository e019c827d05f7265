import { beforeEach, describe, expect, it } from 'vitest';
import { acceptUpload } from '../../app/accept-upload.ts';
import { cancelSource } from '../../app/cancel-source.ts';
import type { Source } from '../../app/ports.ts';
import { MAX_ATTEMPTS, processSource } from '../../app/process-source.ts';
import { CANCEL_WITHIN_MS, SOURCE_TTL_MS } from '../../domain/limits.ts';
import { createTask } from './gates.ts';
import { createWorld, kinds, type World } from './world.ts';

let world: World;
beforeEach(() => {
  world = createWorld();
});

const CANCELLED = { status: 'failure', code: 'cancelled' };
const cancel = (source: Pick<Source, 'owner' | 'sourceUuid'>) => cancelSource(world, source.owner, source.sourceUuid);
const terminalOf = async ({ sourceUuid }: Source) => (await world.sources.get(sourceUuid))?.terminal;
const endsOf = (source: Source) => world.history(source).filter((event) => 'result' in event);

describe('cancelling a source that waits', () => {
  it('ends it at once, tells its socket and closes it, and its message does nothing any more', async () => {
    const source = await world.accept();
    await world.connect(source.wsUuid, 'socket');
    const { now, source: record } = await cancel(source);
    expect(now).toBe(true);
    expect(record).toMatchObject({ 'source-uuid': source.sourceUuid, result: 'Error', ...CANCELLED });
    await world.settle();
    expect(kinds(world.received('socket'))).toEqual(['step', 'received', 'failure']);
    expect(world.received('socket').at(-1)).toMatchObject({
      ...CANCELLED,
      error: expect.stringMatching(/^[A-Z].*\.$/),
    });
    expect(world.sockets.isClosedByServer('socket')).toBe(true);
    let worked = false;
    world.processWith(async () => {
      worked = true;
    });
    expect(await world.process(source)).toEqual({ outcome: 'done' });
    expect(worked).toBe(false);
    expect(world.files.keys).toEqual([]);
    expect(endsOf(source)).toHaveLength(1);
  });

  it('ends one that waits for another attempt', async () => {
    world.processWith(async () => {
      throw new Error('S3 is away');
    });
    const source = await world.accept();
    expect((await world.process(source)).outcome).toBe('again');
    expect((await cancel(source)).now).toBe(true);
    expect(await world.process(source)).toEqual({ outcome: 'done' });
    expect(await terminalOf(source)).toMatchObject(CANCELLED);
    expect(world.files.keys).toEqual([]);
  });

  // Its file was still on the way to the store when everything was removed.
  it('ends one that is just being accepted, and its message removes what was stored since', async () => {
    const upload = world.upload();
    const accepting = createTask();
    const accepted = acceptUpload({ ...world, files: accepting.through(world.files) }, upload);
    while (!accepting.isWaiting()) await world.clock.advance(1);
    expect((await cancel(upload)).now).toBe(true);
    accepting.run();
    await accepted;
    expect(world.files.keys).toHaveLength(1);
    const source = (await world.sources.get(upload.sourceUuid))!;
    expect(await world.process(source)).toEqual({ outcome: 'done' });
    expect(world.files.keys).toEqual([]);
    expect(kinds(world.history(source))).toEqual(['step', 'received', 'failure']);
  });
});

describe('cancelling a source that is worked on', () => {
  /** What the worker stores when it is stopped: as one whose last call was under way by then. */
  const storeLate = (source: Source) => world.files.putText(source, Buffer.from('late'));

  it.each(['fetch', 'extract'] as const)('stops its %s within 2 s, and leaves nothing of it', async (stage) => {
    let stoppedAt: number | undefined;
    const untilStopped = async (source: Source, signal: AbortSignal) => {
      await world.clock.sleep(300_000, signal);
      stoppedAt = world.clock.now();
      await storeLate(source);
      throw signal.reason;
    };
    if (stage === 'fetch') world.fetchWith((source, _, signal) => untilStopped(source, signal));
    else world.processWith((source, _, signal) => untilStopped(source, signal));
    const source = await world.accept({ content: { url: 'https://example.com/' } });
    const working = processSource(world, source);
    await world.clock.advance(7_400);
    const cancelledAt = world.clock.now();
    expect((await cancel(source)).now).toBe(true);
    expect(await world.clock.runUntil(working)).toEqual({ outcome: 'done' });
    expect(stoppedAt! - cancelledAt).toBeLessThanOrEqual(CANCEL_WITHIN_MS);
    expect(world.files.keys).toEqual([]);
    expect(endsOf(source)).toMatchObject([CANCELLED]);
    expect(world.log.entries.filter(({ level }) => level === 'error')).toEqual([]);
    await world.settle();
    expect(world.clock.sleepers).toBe(0);
  });

  it('is the end also where the work was just done, and leaves nothing of that', async () => {
    world.processWith(async (source) => {
      await cancel(source);
      await storeLate(source);
      return 'too late';
    });
    const source = await world.accept();
    expect(await world.process(source)).toEqual({ outcome: 'done' });
    expect(endsOf(source)).toMatchObject([CANCELLED]);
    expect(world.files.keys).toEqual([]);
  });

  it('leaves nothing where the fetch sees it first, which then ends without an answer', async () => {
    world.fetchWith(async (source) => {
      await cancel(source);
      await storeLate(source);
      throw new Error('the fetch function ended without an answer');
    });
    const source = await world.accept({ content: { url: 'https://example.com/' } });
    expect(await world.process(source)).toEqual({ outcome: 'again', afterSeconds: 1 });
    expect(world.files.keys).toEqual([]);
    expect(await world.process(source)).toEqual({ outcome: 'done' });
    expect(endsOf(source)).toMatchObject([CANCELLED]);
    expect(world.log.entries.filter(({ level }) => level === 'error')).toEqual([]);
  });

  it('leaves nothing of what a killed worker has stored since: the message that comes back removes it', async () => {
    const source = await world.accept();
    await world.sources.claim(source, world.clock.now(), world.clock.now() + 15_000);
    await cancel(source);
    await storeLate(source);
    expect(await world.process(source)).toEqual({ outcome: 'done' });
    expect(world.files.keys).toEqual([]);
  });

  it('removes again with the next delivery what could not be removed', async () => {
    world.processWith(async (source) => {
      await cancel(source);
      await storeLate(source);
      world.files.failNext('remove', { times: 2 });
    });
    const source = await world.accept();
    expect((await world.process(source)).outcome).toBe('again');
    expect(world.files.keys).toHaveLength(1);
    expect(await world.process(source)).toEqual({ outcome: 'done' });
    expect(world.files.keys).toEqual([]);
  });

  // Both uploads have the same source-uuid. The old worker was slow to stop, and the new one had stored its file by then.
  it('does not touch a new upload under the same source-uuid', async () => {
    const stopping = Promise.withResolvers<void>();
    world.processWith(async (source, _, signal) => {
      await world.clock.sleep(300_000, signal);
      await stopping.promise;
      await storeLate(source);
      throw signal.reason;
    });
    const old = await world.accept();
    const working = processSource(world, old);
    await world.clock.advance(100);
    await cancel(old);
    await world.clock.advance(CANCEL_WITHIN_MS);
    const anew = await world.accept({ ...old, content: { file: Buffer.from('new') } });
    expect(anew.generation).toBe(old.generation + 1);
    stopping.resolve();
    await world.clock.runUntil(working);
    expect(world.files.keys).toHaveLength(1);
    expect(Buffer.from(world.files.stored(anew, 'original')!).toString()).toBe('new');
    world.processWith(async () => 'read');
    await world.process(anew);
    expect(kinds(endsOf(anew))).toEqual(['failure', 'success']);
  });

  it('lets a batch go on, whose socket is closed after its last end', async () => {
    const wsUuid = crypto.randomUUID();
    await world.channels.register(
      { wsUuid, owner: '1', shard: 0, batchSize: 2, expiresAt: world.clock.now() + 3_600_000 },
      world.clock.now(),
    );
    const [first, second] = [await world.accept({ wsUuid }), await world.accept({ wsUuid })];
    await world.connect(wsUuid, 'socket');
    await cancel(first);
    await world.settle();
    expect(world.sockets.isClosedByServer('socket')).toBe(false);
    await world.process(second);
    await world.settle();
    expect(kinds(world.received('socket')).filter((kind) => kind === 'failure' || kind === 'success')).toEqual([
      'failure',
      'success',
    ]);
    expect(world.sockets.isClosedByServer('socket')).toBe(true);
  });
});

describe('cancelling a source that has ended', () => {
  it('answers its end, and leaves that and its files as they are', async () => {
    const source = await world.accept();
    world.processWith(async () => ({ title: 'A' }));
    await world.process(source);
    const { now, source: record } = await cancel(source);
    expect(now).toBe(false);
    expect(record).toMatchObject({ status: 'success', result: { title: 'A' } });
    expect(world.files.keys).toHaveLength(1);
    expect(kinds(endsOf(source))).toEqual(['success']);
  });

  it('answers the end that came while it was being cancelled', async () => {
    const source = await world.accept();
    const { settle } = world.sources;
    world.sources.settle = async (ref, terminal, ...times) => {
      if (terminal.status === 'failure') await settle(ref, { status: 'success', result: 'in time' }, ...times);
      return await settle(ref, terminal, ...times);
    };
    expect(await cancel(source)).toMatchObject({ now: false, source: { status: 'success', result: 'in time' } });
    expect(world.files.keys).toHaveLength(1);
  });

  it('answers the same as before where it was cancelled', async () => {
    const source = await world.accept();
    const first = await cancel(source);
    await world.clock.advance(1_000);
    expect(await cancel(source)).toEqual({ ...first, now: false });
    expect(kinds(endsOf(source))).toEqual(['failure']);
  });

  it('answers that it was given up, where every attempt was killed', async () => {
    const source = await world.accept();
    for (let n = 0; n < MAX_ATTEMPTS; n++) {
      await world.sources.claim(source, world.clock.now(), world.clock.now() + 1);
      await world.clock.advance(2);
    }
    await world.process(source);
    expect(await cancel(source)).toMatchObject({ now: false, source: { code: 'processing-failed' } });
  });
});

describe('a cancel', () => {
  it('is refused for a source of another user, one that is unknown, and one whose time is over', async () => {
    const source = await world.accept();
    const unknown = { code: 'unknown-source' };
    await expect(cancel({ ...source, owner: '2' })).rejects.toMatchObject(unknown);
    await expect(cancel({ ...source, sourceUuid: crypto.randomUUID() })).rejects.toMatchObject(unknown);
    expect(await terminalOf(source)).toBeUndefined();
    await world.clock.advance(SOURCE_TTL_MS + 1000);
    await expect(cancel(source)).rejects.toMatchObject(unknown);
  });

  it('holds though Redis is away, and is told by whoever has it back first', async () => {
    const source = await world.accept();
    world.bus.failNext('publish');
    expect((await cancel(source)).now).toBe(true);
    expect(await world.sources.get(source.sourceUuid)).toMatchObject({ terminal: CANCELLED });
    expect(world.files.keys).toEqual([]);
    expect(endsOf(source)).toEqual([]);
    expect(await world.process(source)).toEqual({ outcome: 'done' });
    expect(endsOf(source)).toMatchObject([CANCELLED]);
  });

  it('fails where its end cannot be stored, or what is stored cannot be removed, and is made good by the next', async () => {
    const source = await world.accept();
    world.sources.failNext('settle');
    await expect(cancel(source)).rejects.toThrow('made to fail');
    expect(await terminalOf(source)).toBeUndefined();
    world.files.failNext('remove');
    await expect(cancel(source)).rejects.toThrow('made to fail');
    expect(await cancel(source)).toMatchObject({ now: false, source: CANCELLED });
    expect(world.files.keys).toEqual([]);
  });
});
