import { describe, expect, it } from 'vitest';
import { createManualClock } from '../../adapters/memory/clock.ts';
import { createMemorySourceFiles } from '../../adapters/memory/source-files.ts';
import { type Download, fetchSource, StartOver } from '../../app/fetch-source.ts';
import type { FetchProgress } from '../../app/ports.ts';
import { SourceFailure } from '../../domain/errors.ts';
import { PROGRESS_INTERVAL_MS } from '../../domain/limits.ts';

const SOURCE = {
  owner: '1',
  sourceUuid: '6f1c7a4e-8d0b-4d53-9f43-1b6f0a1f2c3d',
  generation: 1,
  url: 'https://example.com/a.txt',
};
const signal = new AbortController().signal;

function setUp(chunks: () => AsyncGenerator<Uint8Array>, totalBytes?: number) {
  const files = createMemorySourceFiles();
  const clock = createManualClock();
  const seen: FetchProgress[] = [];
  let disposed = 0;
  const download: Download = {
    body: chunks(),
    finalUrl: SOURCE.url,
    ...(totalBytes !== undefined && { totalBytes }),
    async [Symbol.asyncDispose]() {
      disposed += 1;
    },
  };
  const run = (open = async (_url: string, _signal: AbortSignal) => download) =>
    fetchSource({ open, files, clock }, SOURCE, (progress) => seen.push(progress), signal);
  return { files, clock, seen, run, disposals: () => disposed };
}

async function* chunksOf(...texts: string[]): AsyncGenerator<Uint8Array> {
  for (const text of texts) yield Buffer.from(text);
}

describe('fetching a source', () => {
  it('stores what the URL leads to and gives its size', async () => {
    const test = setUp(async function* () {
      yield Buffer.from('hel');
      yield Buffer.from('lo');
    }, 5);
    expect(await test.run()).toEqual({ bytes: 5, totalBytes: 5 });
    expect(Buffer.from(test.files.stored(SOURCE, 'original')!).toString()).toBe('hello');
    expect(test.disposals()).toBe(1);
  });

  it('reports the answer, then at most once per interval, and the last value always', async () => {
    const test = setUp(async function* () {
      for (let index = 0; index < 10; index += 1) {
        yield Buffer.from('x');
        await test.clock.advance(PROGRESS_INTERVAL_MS / 2 - 1);
      }
    });
    await test.run();
    expect(test.seen.map((progress) => progress.bytes)).toEqual([0, 3, 5, 7, 9, 10]);
    expect(test.seen.every((progress) => progress.totalBytes === undefined)).toBe(true);
  });

  it('shows how far a server came that stalls right after a burst', async () => {
    const stall = Promise.withResolvers<void>();
    const test = setUp(async function* () {
      yield Buffer.from('four');
      await stall.promise;
      yield Buffer.from('more');
    }, 8);
    const running = test.run();
    await test.clock.advance(PROGRESS_INTERVAL_MS);
    expect(test.seen.map((progress) => progress.bytes)).toEqual([0, 4]);
    stall.resolve();
    await running;
    expect(test.seen.at(-1)).toEqual({ bytes: 8, totalBytes: 8 });
    expect(test.clock.sleepers).toBe(0);
  });

  it('gives the failure of the download, not what the store made of it, and stores nothing', async () => {
    const failure = new SourceFailure('fetch-too-large', 'Too large.');
    const test = setUp(async function* () {
      yield Buffer.from('x');
      throw failure;
    });
    const put = test.files.putOriginalStream;
    test.files.putOriginalStream = async (...args) => {
      await put(...args).catch((cause) => {
        throw new Error('the store failed', { cause });
      });
    };
    await expect(test.run()).rejects.toBe(failure);
    expect(test.files.stored(SOURCE, 'original')).toBeUndefined();
    expect(test.disposals()).toBe(1);
  });

  it('stores what comes after it started over, and nothing of what came before', async () => {
    const next: Download = {
      body: chunksOf('anew', 'more'),
      totalBytes: 8,
      name: 'b.txt',
      finalUrl: SOURCE.url,
      async [Symbol.asyncDispose]() {},
    };
    const test = setUp(async function* () {
      yield Buffer.from('old');
      throw new StartOver(next);
    }, 10);
    expect(await test.run()).toEqual({ bytes: 8, totalBytes: 8 });
    expect(Buffer.from(test.files.stored(SOURCE, 'original')!).toString()).toBe('anewmore');
    expect(await test.files.readOriginal(SOURCE)).toMatchObject({ name: 'b.txt' });
    expect(test.disposals()).toBe(1);
  });

  it('never reports less than it did, in bytes or as a part of the whole, while it catches up', async () => {
    const step = () => test.clock.advance(PROGRESS_INTERVAL_MS);
    const again = (async function* () {
      for (const chunk of ['abcd', 'efgh', 'ijkl', 'mnop', 'qrst']) {
        yield Buffer.from(chunk);
        await step();
      }
    })();
    const test = setUp(async function* () {
      yield Buffer.from('abcdef');
      await step();
      throw new StartOver({
        body: again,
        totalBytes: 20,
        finalUrl: SOURCE.url,
        async [Symbol.asyncDispose]() {},
      });
    }, 10);
    await test.run();
    // 6 of 10 is 12 of 20.
    expect(test.seen.map(({ bytes, totalBytes }) => `${bytes}/${totalBytes}`)).toEqual([
      '0/10',
      '6/10',
      '12/20',
      '16/20',
      '20/20',
      '20/20',
    ]);
  });

  it('never reports less than it did at its end either, where there is less than before', async () => {
    const next: Download = {
      body: chunksOf('anew'),
      finalUrl: SOURCE.url,
      async [Symbol.asyncDispose]() {},
    };
    const test = setUp(async function* () {
      yield Buffer.from('abcdef');
      await test.clock.advance(PROGRESS_INTERVAL_MS);
      throw new StartOver(next);
    }, 10);
    expect(await test.run()).toEqual({ bytes: 4 });
    expect(test.seen.map(({ bytes }) => bytes)).toEqual([0, 6]);
  });

  it('fails as what started over fails', async () => {
    const failure = new SourceFailure('fetch-incomplete', 'Broke off.');
    const failing = (async function* (): AsyncGenerator<Uint8Array> {
      yield Buffer.from('x');
      throw failure;
    })();
    const test = setUp(async function* () {
      yield Buffer.from('old');
      throw new StartOver({ body: failing, finalUrl: SOURCE.url, async [Symbol.asyncDispose]() {} });
    });
    await expect(test.run()).rejects.toBe(failure);
    expect(test.files.stored(SOURCE, 'original')).toBeUndefined();
  });

  it('lets the download go when the store fails', async () => {
    const test = setUp(async function* () {
      yield Buffer.from('x');
    });
    test.files.putOriginalStream = async () => {
      throw new Error('the store failed');
    };
    await expect(test.run()).rejects.toThrow('the store failed');
    expect(test.disposals()).toBe(1);
  });

  it('fails as the URL fails to open', async () => {
    const failure = new SourceFailure('address-refused', 'Refused.');
    const test = setUp(async function* () {});
    await expect(
      test.run(async () => {
        throw failure;
      }),
    ).rejects.toBe(failure);
  });
});
