import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import { generationBefore } from '../../adapters/generations.ts';
import { acceptUpload } from '../../app/accept-upload.ts';
import { conclude } from '../../app/conclude.ts';
import { createWorld, type World } from './world.ts';

const FIRST = generationBefore(createWorld().clock.now()) + 1;

let world: World;
beforeEach(() => {
  world = createWorld();
});

describe('accepting an upload', () => {
  it('stores the record, the bytes and the message before it answers', async () => {
    const source = await world.accept({ content: { file: Buffer.from('hello') } });
    expect(source).toMatchObject({ queued: true, type: 'file-upload', generation: FIRST, attempt: 0 });
    expect(Buffer.from(world.files.stored(source, 'original')!).toString()).toBe('hello');
    expect(world.queue.size).toBe(1);
  });

  it('keeps what the sender says that a file is', async () => {
    const source = await world.accept({ content: { file: Buffer.from('hello'), mediaType: 'text/html' } });
    expect((await world.files.readOriginal(source))!.mediaType).toBe('text/html');
  });

  it('stores no bytes for a URL, which is fetched later', async () => {
    const source = await world.accept({ content: { url: 'https://example.com/a.pdf' } });
    expect(source).toMatchObject({ type: 'url-upload', url: 'https://example.com/a.pdf' });
    expect(world.files.keys).toEqual([]);
  });

  it('makes the channel when nobody asked for its address yet', async () => {
    const { wsUuid } = await world.accept();
    expect(await world.channels.get(wsUuid, world.clock.now())).toMatchObject({ owner: '1', batchSize: 1 });
  });

  it('makes one job of the same request sent twice', async () => {
    const upload = world.upload();
    await acceptUpload(world, upload);
    await acceptUpload(world, upload);
    expect(world.queue.size).toBe(1);
  });

  it.each([
    ['the record', (w: World) => w.sources.failNext('open')],
    ['the bytes', (w: World) => w.files.failNext('putOriginal')],
    ['the message', (w: World) => w.queue.failNext('send')],
    ['the mark that it was queued', (w: World) => w.sources.failNext('markQueued')],
    ['the record, though it was written', (w: World) => w.sources.loseNextAnswer('open')],
    ['the message, though it was sent', (w: World) => w.queue.loseNextAnswer('send')],
  ])(
    'never answers 200 when %s could not be stored, and the same request again goes on from there',
    async (_, fail) => {
      const upload = world.upload();
      fail(world);
      await expect(acceptUpload(world, upload)).rejects.toThrow('made to fail');
      await acceptUpload(world, upload);
      const source = await world.sources.get(upload.sourceUuid);
      expect(source).toMatchObject({ queued: true, generation: FIRST });
      expect(world.files.stored(source!, 'original')).toBeDefined();
      expect(world.queue.size).toBeGreaterThan(0);
    },
  );

  it('lets go of an accept that was broken off: after a minute its source-uuid may be sent with other content', async () => {
    const upload = world.upload();
    world.queue.failNext('send');
    await expect(acceptUpload(world, upload)).rejects.toThrow('made to fail');
    const other = { ...upload, content: { url: 'https://example.com/' } };
    await expect(acceptUpload(world, other)).rejects.toMatchObject({ code: 'source-uuid-in-use' });
    await world.clock.advance(60_001);
    await acceptUpload(world, other);
    expect(await world.sources.get(upload.sourceUuid)).toMatchObject({
      generation: FIRST + 1,
      type: 'url-upload',
      queued: true,
    });
  });

  it('is not answered 200 by a request so slow that another one took it for abandoned', async () => {
    const upload = world.upload();
    world.queue.failNext('send');
    await expect(acceptUpload(world, upload)).rejects.toThrow('made to fail');
    await world.clock.advance(59_500);
    const slow = world.clock.sleep(1_000);
    const { putOriginal } = world.files;
    world.files.putOriginal = async (...args) => {
      world.files.putOriginal = putOriginal;
      await slow;
      return putOriginal(...args);
    };
    const overtaken = expect(acceptUpload(world, upload)).rejects.toMatchObject({ code: 'unavailable' });
    await world.clock.advance(501);
    await acceptUpload(world, { ...upload, wsUuid: randomUUID() });
    await world.clock.advance(1_000);
    await overtaken;
  });

  it('refuses a source-uuid of another user', async () => {
    const { sourceUuid } = await world.accept();
    const other = world.upload({ owner: '2', sourceUuid });
    await expect(acceptUpload(world, other)).rejects.toMatchObject({ code: 'source-uuid-not-yours' });
  });

  it('refuses a ws-uuid of another user, and records nothing', async () => {
    const { wsUuid } = await world.accept();
    const other = world.upload({ owner: '2', wsUuid });
    await expect(acceptUpload(world, other)).rejects.toMatchObject({ code: 'ws-uuid-not-yours' });
    expect(await world.sources.get(other.sourceUuid)).toBeUndefined();
  });

  it('refuses to reuse a source-uuid for another channel or other content while it is open', async () => {
    const upload = world.upload();
    await acceptUpload(world, upload);
    const elsewhere = { ...upload, wsUuid: randomUUID() };
    await expect(acceptUpload(world, elsewhere)).rejects.toMatchObject({ code: 'source-uuid-in-use' });
    const others = { ...upload, content: { file: Buffer.from('other bytes') } };
    await expect(acceptUpload(world, others)).rejects.toMatchObject({ code: 'source-uuid-in-use' });
    const asUrl = { ...upload, content: { url: 'https://example.com/' } };
    await expect(acceptUpload(world, asUrl)).rejects.toMatchObject({ code: 'source-uuid-in-use' });
  });

  it('takes the same source-uuid as a new upload after it has ended', async () => {
    const upload = world.upload();
    await acceptUpload(world, upload);
    const first = (await world.sources.get(upload.sourceUuid))!;
    await conclude(world, first, { status: 'success', result: 1 });
    await world.clock.advance(1);
    await acceptUpload(world, upload);
    const second = (await world.sources.get(upload.sourceUuid))!;
    expect(second).toMatchObject({ generation: FIRST + 1 });
    expect(second.published).toBeUndefined();
    expect(second.terminal).toBeUndefined();
    expect(world.queue.size).toBe(2);
  });
});

describe('a source-uuid whose end is stored but not yet published', () => {
  it('is not replaced by a new upload, which is refused for the moment and accepted once the end is known', async () => {
    const upload = world.upload();
    await acceptUpload(world, upload);
    const source = (await world.sources.get(upload.sourceUuid))!;
    await world.sources.settle(source, { status: 'success', result: 1 }, world.clock.now(), world.clock.now());
    await expect(acceptUpload(world, upload)).rejects.toMatchObject({ code: 'unavailable' });
    expect(await world.sources.get(upload.sourceUuid)).toMatchObject({ generation: FIRST, terminal: { result: 1 } });
    await conclude(world, source, { status: 'success', result: 1 });
    await world.clock.advance(1);
    await acceptUpload(world, upload);
    expect(await world.sources.get(upload.sourceUuid)).toMatchObject({ generation: FIRST + 1, queued: true });
    await world.settle();
  });
});
