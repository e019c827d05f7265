import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { createManualClock } from '../../../adapters/memory/clock.ts';
import { SourceFailure } from '../../../domain/errors.ts';
import { extraction, MISBEHAVING_WORKER } from './harness.ts';

/** A bound for a hang, never the way a test waits. */
const WAIT = { timeout: 15_000, interval: 5 };

/** Workers of this test process that are there now, zombies left out: every run must leave none. */
function workersLeft(): string[] {
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .filter((pid) => {
      try {
        const status = readFileSync(`/proc/${pid}/status`, 'latin1');
        const isChild = status.includes(`PPid:\t${process.pid}\n`);
        return isChild && readFileSync(`/proc/${pid}/cmdline`, 'latin1').includes('misbehaving-worker.mjs');
      } catch {
        return false; // it ended meanwhile
      }
    });
}

async function outcomeOf(deed: string, limits: object = {}, signal?: AbortSignal) {
  const test = await extraction(deed, 'the document', { ...MISBEHAVING_WORKER, limits });
  const outcome = await test.run(signal).catch((reason: unknown) => reason);
  expect(workersLeft()).toEqual([]);
  return { outcome, test };
}

/** The shell that sets the limits adds some of its own. */
function variablesIn(text: string): string[] {
  const { environment } = JSON.parse(text) as { environment: string[] };
  return environment.filter((name) => !['PWD', 'SHLVL', '_', 'OLDPWD'].includes(name));
}

async function failureOf(deed: string, limits: object = {}) {
  const { outcome, test } = await outcomeOf(deed, limits);
  expect(outcome).toBeInstanceOf(SourceFailure);
  expect(test.files.keys.map((key) => key.split('/').at(-1))).toEqual(['original']);
  return { code: (outcome as SourceFailure).code, test };
}

describe('a worker that the document brings down', () => {
  it.each(['exits', 'throws', 'aborts', 'says-nothing', 'exits-after-done'])(
    '%s: the document is broken, and what it said last is in the log',
    async (deed) => {
      if (deed === 'exits-after-done') {
        // Its answer was complete: how it ended does not matter any more.
        const { outcome } = await outcomeOf(deed);
        expect(outcome).toMatchObject({ 'media-type': 'text/plain' });
        return;
      }
      const { code, test } = await failureOf(deed);
      expect(code).toBe('document-broken');
      expect(test.log.of('extract-worker-crashed')).toHaveLength(1);
    },
  );

  it('runs out of heap: document-memory', async () => {
    expect((await failureOf('eats-heap', { heapMb: 32 })).code).toBe('document-memory');
  });

  it('takes memory outside the heap: document-memory, before it has much more than its limit', async () => {
    const { code, test } = await failureOf('eats-memory', { rssBytes: 200_000_000, rssPollMs: 5 });
    expect(code).toBe('document-memory');
    expect(test.log.entries).toEqual([]);
  });

  it('is killed by the kernel: document-memory', async () => {
    expect((await failureOf('is-killed')).code).toBe('document-memory');
  });

  it.each(['loops', 'loops-after-text', 'waits'])('%s for ever: document-timeout', async (deed) => {
    const clock = createManualClock();
    const test = await extraction(deed, 'the document', { ...MISBEHAVING_WORKER, clock, limits: { rssPollMs: 1e9 } });
    const run = test.run().catch((reason: unknown) => reason);
    await expect.poll(() => clock.sleepers, WAIT).toBe(2);
    if (deed === 'loops') await expect.poll(() => test.progress, WAIT).toHaveLength(1);
    // A child that was just forked goes by its parent's command until it has begun its own.
    await expect.poll(workersLeft, WAIT).toHaveLength(1);
    await clock.advance(29_999);
    expect(workersLeft()).toHaveLength(1);
    await clock.advance(1);
    expect(await run).toMatchObject({ code: 'document-timeout' });
    expect(workersLeft()).toEqual([]);
    expect(clock.sleepers).toBe(0);
    expect(test.files.stored(test.source, 'text.txt')).toBeUndefined();
  });

  it('is stopped by the kernel when nobody watches it any more', async () => {
    const { code } = await failureOf('loops', { cpuSeconds: 1 });
    expect(code).toMatch(/^document-/);
  });

  it('writes without end: document-too-large', async () => {
    expect((await failureOf('writes-for-ever', { textBytes: 1_000_000 })).code).toBe('document-too-large');
  });
});

describe('a worker that fails by itself', () => {
  it.each(['fails-to-load', 'is-terminated', 'talks-nonsense', 'talks-for-ever'])(
    '%s: that is no failure of the source, and worth another attempt',
    async (deed) => {
      const { outcome } = await outcomeOf(deed);
      expect(outcome).toBeInstanceOf(Error);
      expect(outcome).not.toBeInstanceOf(SourceFailure);
    },
  );

  it('cannot be found: the same', async () => {
    const test = await extraction('a.txt', 'text', {
      workerPath: '/nowhere/extract-worker.mjs',
      readable: ['/nowhere'],
    });
    const error = await test.run().catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(Error);
    expect(error).not.toBeInstanceOf(SourceFailure);
  });
});

describe('the world of a worker', () => {
  it('has of its environment where node finds what it is linked with, and nothing else', async () => {
    const test = await extraction('tells-its-world', 'the document', {
      ...MISBEHAVING_WORKER,
      libraryPath: '/opt/lib',
    });
    await test.run();
    expect(variablesIn(test.text())).toEqual(['LD_LIBRARY_PATH']);
  });

  it('has no environment, no file but its program, and can write and start nothing', async () => {
    const { outcome, test } = await outcomeOf('tells-its-world');
    expect(outcome).toMatchObject({ 'media-type': 'text/plain' });
    const { tried } = JSON.parse(test.text());
    expect(tried).toEqual({
      read: 'ERR_ACCESS_DENIED',
      write: 'ERR_ACCESS_DENIED',
      spawn: 'ERR_ACCESS_DENIED',
      thread: 'ERR_ACCESS_DENIED',
    });
    expect(variablesIn(test.text())).toEqual([]);
  });

  it('leaves no file behind', async () => {
    // A folder of its own: in the shared one lies what other processes were killed over.
    const folder = mkdtempSync(join(tmpdir(), 'worker-run-'));
    vi.stubEnv('TMPDIR', folder);
    onTestFinished(() => {
      vi.unstubAllEnvs();
      rmSync(folder, { recursive: true });
    });
    await outcomeOf('exits');
    await outcomeOf('tells-its-world');
    expect(readdirSync(folder)).toEqual([]);
  });
});

describe('an abort', () => {
  it('kills the worker at once, with the reason of the abort', async () => {
    const abort = new AbortController();
    const reason = new Error('taken over');
    const test = await extraction('loops', 'the document', MISBEHAVING_WORKER);
    const run = test.run(abort.signal).catch((error: unknown) => error);
    await expect.poll(() => test.progress, WAIT).toHaveLength(1);
    abort.abort(reason);
    expect(await run).toBe(reason);
    expect(workersLeft()).toEqual([]);
  });

  it('that came before starts nothing', async () => {
    const reason = new Error('taken over');
    const { outcome } = await outcomeOf('loops', {}, AbortSignal.abort(reason));
    expect(outcome).toBe(reason);
  });
});

describe('a store that fails', () => {
  it('ends the worker, and its error is the one that is thrown', async () => {
    const test = await extraction('loops-after-text', 'the document', MISBEHAVING_WORKER);
    test.files.putText = async () => {
      throw new Error('S3 is away');
    };
    await expect(test.run()).rejects.toThrow('S3 is away');
    expect(workersLeft()).toEqual([]);
  });

  it('whose original is gone, or shorter than it says, is worth another attempt', async () => {
    const test = await extraction('a.txt', 'text', MISBEHAVING_WORKER);
    test.files.readOriginal = async () => undefined;
    await expect(test.run()).rejects.toThrow('the original is not there');
    test.files.readOriginal = async () => ({
      bytes: 10,
      body: (async function* () {
        yield Buffer.from('short');
      })(),
    });
    await expect(test.run()).rejects.toThrow('the original has 10 bytes, and 5 came');
  });
});
