import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { acquireLock, LockedError, startOf, waitForLock } from '../../local/process-lock.ts';

let folder: string;
let path: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lock-'));
  path = join(folder, 'state', 'lock');
});

afterEach(() => rm(folder, { recursive: true, force: true }));

test('a lock that is held is refused, and free again when it is let go', async () => {
  {
    await using _held = await acquireLock(path);
    await expect(acquireLock(path)).rejects.toMatchObject({ code: 'LOCKED', pid: process.pid });
  }
  await expect(access(path)).rejects.toThrow();
  await using _again = await acquireLock(path);
});

test('the lock of a process that was killed is taken over', async () => {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1e6)']);
  await once(child, 'spawn');
  const holder = { pid: child.pid!, startedAt: await startOf(child.pid!) };
  await (await acquireLock(path))[Symbol.asyncDispose]();
  await writeFile(path, JSON.stringify(holder));
  await expect(acquireLock(path)).rejects.toBeInstanceOf(LockedError);
  child.kill('SIGKILL');
  await once(child, 'exit');
  await using _taken = await acquireLock(path);
});

test('another process that has got the number of the dead holder does not count as it', async () => {
  await (await acquireLock(path))[Symbol.asyncDispose]();
  await writeFile(path, JSON.stringify({ pid: process.ppid, startedAt: 'another time' }));
  await using _taken = await acquireLock(path);
});

test.each(['', '{"pid":'])('a lock file that was cut off in writing (%j) is taken over', async (content) => {
  await (await acquireLock(path))[Symbol.asyncDispose]();
  await writeFile(path, content);
  await using _taken = await acquireLock(path);
});

test('who waits gets the lock once it is let go, or gives up when told to', async () => {
  const held = await acquireLock(path);
  let rounds = 0;
  const clock = {
    now: () => 0,
    sleep: async () => {
      rounds += 1;
      if (rounds === 2) await held[Symbol.asyncDispose]();
    },
  };
  await using _taken = await waitForLock(path, clock);
  expect(rounds).toBe(2);
  const giveUp = AbortSignal.abort(new Error('stop'));
  await expect(waitForLock(path, clock, giveUp)).rejects.toThrow('stop');
});
