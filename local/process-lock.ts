import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { rmSync } from 'node:fs';
import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import { cannotWrite } from './cannot-write.ts';
import type { Clock } from './clock.ts';

/** Another live process holds the lock. */
export class LockedError extends Error {
  override readonly name = 'LockedError';
  readonly code = 'LOCKED';
  readonly pid: number;

  constructor(path: string, pid: number) {
    super(`${path} is held by process ${pid}.`);
    this.pid = pid;
  }
}

/** The number is given to another process some time after this one has ended: only the two together name one. */
interface Holder {
  readonly pid: number;
  readonly startedAt: string;
}

/** Takes the lock file, also from a holder that was killed. @throws LockedError where the holder lives, CannotWriteError */
export async function acquireLock(path: string): Promise<AsyncDisposable> {
  try {
    return await take(path);
  } catch (error) {
    throw cannotWrite(error, dirname(path)) ?? error;
  }
}

async function take(path: string): Promise<AsyncDisposable> {
  await mkdir(dirname(path), { recursive: true });
  const self: Holder = { pid: process.pid, startedAt: await startOf(process.pid) };
  while (!(await create(path, self))) {
    const holder = await readHolder(path);
    if (holder && (await isAlive(holder))) throw new LockedError(path, holder.pid);
    await rm(path, { force: true });
  }
  const removeAtExit = (): void => rmSync(path, { force: true });
  process.once('exit', removeAtExit);
  return {
    [Symbol.asyncDispose]: async () => {
      process.off('exit', removeAtExit);
      await rm(path, { force: true });
    },
  };
}

/** As `acquireLock`, but waits until a living holder lets go. */
export async function waitForLock(path: string, clock: Clock, signal?: AbortSignal): Promise<AsyncDisposable> {
  for (;;) {
    signal?.throwIfAborted();
    try {
      return await acquireLock(path);
    } catch (error) {
      if (!(error instanceof LockedError)) throw error;
      await clock.sleep(100, signal);
    }
  }
}

async function create(path: string, holder: Holder): Promise<boolean> {
  // Written first and linked whole: who finds the lock finds its holder's name in it. Under a name of its own, also within a process.
  const written = `${path}.${randomUUID()}`;
  await writeFile(written, JSON.stringify(holder));
  try {
    await link(written, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    await rm(written, { force: true });
  }
}

async function readHolder(path: string): Promise<Holder | undefined> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as Holder;
  } catch {
    // Gone in between, or not ours at all: nobody's.
    return undefined;
  }
}

async function isAlive({ pid, startedAt }: Holder): Promise<boolean> {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
  return (await startOf(pid)) === startedAt;
}

/** When a process started, in words that stay the same as long as it lives; empty where there is none. */
export async function startOf(pid: number): Promise<string> {
  try {
    // Linux: ticks since the start of the machine, which `ps` turns into a time of day that moves with the clock.
    const [stat, boot] = await Promise.all([
      readFile(`/proc/${pid}/stat`, 'utf8'),
      readFile('/proc/sys/kernel/random/boot_id', 'utf8'),
    ]);
    const fieldsAfterName = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return `${boot.trim()} ${fieldsAfterName[19]}`;
  } catch {
    return await startByPs(pid);
  }
}

async function startByPs(pid: number): Promise<string> {
  const environment = { ...process.env, LC_ALL: 'C' };
  try {
    const { stdout } = await promisify(execFile)('ps', ['-o', 'lstart=', '-p', String(pid)], { env: environment });
    return stdout.trim();
  } catch {
    return '';
  }
}
