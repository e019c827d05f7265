import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { memoryLog } from '../../../local/log.ts';
import { askRedis } from '../../../local/redis/ask-redis.ts';
import { findRedisServer } from '../../../local/redis/server-binary.ts';
import {
  type RedisChoice,
  type RedisOptions,
  type RunningRedis,
  startRedis,
} from '../../../local/redis/start-redis.ts';

const PATH = process.env.PATH ?? '';
const { usable } = await findRedisServer(PATH);

const KEY = '{shard-0}:history:of-a-channel';
const OF_ANOTHER_SHARD = '{shard-3}:doorbell';

/**
 * An upload ended while the embedded Redis ran, with nobody listening. The next start took the server of the one before,
 * whose data looked whole: nothing counted as lost, and the end never came to anybody.
 */
describe('a folder that was used with another Redis since', () => {
  let folder: string;
  const running: RunningRedis[] = [];

  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'another-redis-'));
  });
  afterEach(async () => {
    for (const redis of running.splice(0).reverse()) await redis[Symbol.asyncDispose]();
    await rm(folder, { recursive: true });
  });

  const started = async (options: Partial<RedisOptions>): Promise<RunningRedis> => {
    const stateDir = path.join(folder, 'state');
    await mkdir(options.stateDir ?? stateDir, { recursive: true });
    const redis = await startRedis({ stateDir, log: memoryLog(), env: { PATH }, ...options });
    running.push(redis);
    return redis;
  };
  const stop = async (): Promise<void> => await running.pop()![Symbol.asyncDispose]();
  const visit = async (prefer: RedisChoice): Promise<void> => {
    await started({ prefer });
    await stop();
  };
  const get = async (redis: RunningRedis, key = KEY) => (await askRedis(redis.url, [['GET', key]]))[0];

  test.skipIf(!usable)('finds its server empty, and keeps what it holds from then on', async () => {
    await askRedis((await started({ prefer: 'server' })).url, [['SET', KEY, 'of an earlier time']]);
    await stop();
    await visit('embedded');
    const again = await started({ prefer: 'server' });
    expect(await get(again)).toBeNull();
    await askRedis(again.url, [['SET', KEY, 'of now']]);
    await stop();
    expect(await get(await started({ prefer: 'server' }))).toBe('of now');
  });

  describe('and whose REDIS_URL leads to one that somebody else started', () => {
    const useIt = (url: string, name = 'state') =>
      started({ env: { REDIS_URL: url }, stateDir: path.join(folder, name) });
    let url: string;

    beforeEach(async () => {
      url = (await started({ prefer: 'embedded', stateDir: await newFolder('elsewhere') })).url;
      await askRedis((await useIt(url)).url, [
        ['SET', KEY, 'of an earlier time'],
        ['SET', OF_ANOTHER_SHARD, 'of an earlier time'],
        ['SET', 'shard', 'theirs'],
      ]);
      await stop();
    });

    const newFolder = async (name: string): Promise<string> => {
      await mkdir(path.join(folder, name), { recursive: true });
      return path.join(folder, name);
    };

    test('goes on with it where nothing else was used since', async () => {
      expect(await get(await useIt(url))).toBe('of an earlier time');
    });

    test('drops there what is its own, and nothing else', async () => {
      await visit('embedded');
      const again = await useIt(url);
      expect(await Promise.all([get(again), get(again, OF_ANOTHER_SHARD)])).toEqual([null, null]);
      expect(await get(again, 'shard')).toBe('theirs');
    });

    test('goes on there after a loss that took the name of its folder too', async () => {
      await askRedis(url, [['FLUSHALL'], ['SET', KEY, 'of now']]);
      expect(await get(await useIt(url))).toBe('of now');
    });

    test('is refused what another folder keeps there, which stays', async () => {
      await expect(useIt(url, 'second')).rejects.toMatchObject({
        code: 'in-use',
        message: expect.stringMatching(
          /holds events of \S+:.+\/state: .* delete the keys there that begin with "\{shard-"/,
        ),
      });
      expect((await askRedis(url, [['GET', KEY]]))[0]).toBe('of an earlier time');
      await askRedis(url, [['DEL', '{shard-0}:state-folder']]);
      await expect(useIt(url, 'second')).rejects.toThrow('of a run that is not known here');
      await askRedis(url, [
        ['DEL', KEY],
        ['DEL', OF_ANOTHER_SHARD],
      ]);
      await useIt(url, 'second');
    });

    test('loses there what is its own, and stays its owner', async () => {
      await (await useIt(url)).lose();
      expect(
        await askRedis(url, [
          ['GET', KEY],
          ['GET', 'shard'],
          ['GET', '{shard-0}:state-folder'],
        ]),
      ).toEqual([null, 'theirs', expect.stringMatching(/:.+\/state$/)]);
    });
  });
});
