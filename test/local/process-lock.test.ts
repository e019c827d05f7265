import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { cannotWrite } from '../../local/cannot-write.ts';
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

test.each([
  ['a file is in the way', 'state', /^Cannot write to .+\/state: a file of this name is in the way\./],
  ['a file is further up', '', /^Cannot write to .+\/state: a file is where a folder has to be\./],
])('where %s, it says so in a sentence', async (_, file, sentence) => {
  await rm(folder, { recursive: true });
  if (file !== '') await mkdir(folder);
  await writeFile(join(folder, file), '');
  const refusal = { code: 'CANNOT_WRITE', message: expect.stringMatching(sentence) };
  await expect(acquireLock(path)).rejects.toMatchObject(refusal);
  await expect(waitForLock(path, { now: () => 0, sleep: async () => {} })).rejects.toMatchObject(refusal);
});

test.each([
  ['EACCES', /: it, or the folder around it, is not yours/],
  ['EROFS', /: its file system is read-only/],
])('of a system that refuses with %s it tells the place and what to do', (code, reason) => {
  const error = Object.assign(new Error(code), { code, path: '/x/.local/logs' });
  expect(cannotWrite(error, '/x/.local')?.message).toMatch(/^Cannot write to \/x\/\.local: /);
  expect(cannotWrite(error)?.message).toMatch(/^Cannot write to \/x\/\.local\/logs: /);
  expect(cannotWrite(error)?.message).toMatch(reason);
  expect(cannotWrite(Object.assign(new Error('x'), { code: 'ENOENT', path: '/x' }))).toBeUndefined();
});

test('of many who ask for it at once in one process, one gets it and the others are told so', async () => {
  for (let round = 0; round < 50; round += 1) {
    const results = await Promise.allSettled(Array.from({ length: 4 }, () => acquireLock(path)));
    const [held, ...more] = results.filter((each) => each.status === 'fulfilled');
    expect(more).toEqual([]);
    for (const each of results) if (each.status === 'rejected') expect(each.reason).toBeInstanceOf(LockedError);
    await held!.value[Symbol.asyncDispose]();
    expect(await readdir(dirname(path))).toEqual([]);
  }
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
