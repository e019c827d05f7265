import { beforeEach, describe, expect, it } from 'vitest';
import { acceptUpload } from '../../app/accept-upload.ts';
import { conclude } from '../../app/conclude.ts';
import { sourceStatus } from '../../app/source-status.ts';
import { SOURCE_TTL_MS } from '../../domain/limits.ts';
import { createWorld, type World } from './world.ts';

let world: World;
beforeEach(() => {
  world = createWorld();
});

describe('the status of a source', () => {
  it('is processing until it has ended', async () => {
    const source = await world.accept({ filename: 'a.txt' });
    expect(await sourceStatus(world, '1', source.sourceUuid)).toMatchObject({
      'source-uuid': source.sourceUuid,
      'ws-uuid': source.wsUuid,
      filename: 'a.txt',
      type: 'file-upload',
      status: 'processing',
      'accepted-at': new Date(source.openedAt).toISOString(),
    });
  });

  it('has the result of a success, and the sentence and code of a failure', async () => {
    const good = await world.accept();
    await conclude(world, good, { status: 'success', result: { title: 'A' } });
    expect(await sourceStatus(world, '1', good.sourceUuid)).toMatchObject({
      status: 'success',
      result: { title: 'A' },
    });
    const bad = await world.accept();
    await conclude(world, bad, { status: 'failure', code: 'document-empty', error: 'Empty.' });
    expect(await sourceStatus(world, '1', bad.sourceUuid)).toMatchObject({
      status: 'failure',
      code: 'document-empty',
      error: 'Empty.',
    });
    await world.settle();
  });

  it('is unknown while its upload was not accepted', async () => {
    const upload = world.upload();
    world.queue.failNext('send');
    await expect(acceptUpload(world, upload)).rejects.toThrow('made to fail');
    await expect(sourceStatus(world, '1', upload.sourceUuid)).rejects.toMatchObject({ code: 'unknown-source' });
    await acceptUpload(world, upload);
    expect(await sourceStatus(world, '1', upload.sourceUuid)).toMatchObject({ status: 'processing' });
  });

  it('is unknown for another user, as it is for nobody, and after its time', async () => {
    const { sourceUuid } = await world.accept();
    const unknown = { code: 'unknown-source' };
    await expect(sourceStatus(world, '2', sourceUuid)).rejects.toMatchObject(unknown);
    await expect(sourceStatus(world, '1', crypto.randomUUID())).rejects.toMatchObject(unknown);
    await world.clock.advance(SOURCE_TTL_MS + 1000);
    await expect(sourceStatus(world, '1', sourceUuid)).rejects.toMatchObject(unknown);
  });
});
