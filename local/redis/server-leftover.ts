import { readFile, realpath, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Clock } from '../clock.ts';
import { askRedis } from './ask-redis.ts';

const POLL_MS = 20;
const GONE_WITHIN_MS = 5000;

/** Writes down where the server of this folder listens, for a next run to find should this one be killed. */
export async function noteServer(dir: string, port: number): Promise<void> {
  await writeFile(noteFile(dir), String(port));
}

/**
 * Two servers on one folder spoil it, so one that outlived its run, whatever was killed there, is stopped before. The
 * note says only a port, which may be anybody's by now: it is ours if it works in this folder.
 */
export async function stopLeftover(dir: string, clock: Clock): Promise<void> {
  const port = Number(await readFile(noteFile(dir), 'utf8').catch(() => ''));
  if (!Number.isInteger(port) || port <= 0) return;
  const url = `redis://127.0.0.1:${port}`;
  if (!(await worksIn(url, dir))) return;
  // The answer to SHUTDOWN is the end of the connection.
  await askRedis(url, [['SHUTDOWN', 'NOSAVE']]).catch(() => {});
  for (let waitedMs = 0; waitedMs < GONE_WITHIN_MS && (await worksIn(url, dir)); waitedMs += POLL_MS) {
    await clock.sleep(POLL_MS);
  }
}

async function worksIn(url: string, dir: string): Promise<boolean> {
  try {
    const [reply] = await askRedis(url, [['CONFIG', 'GET', 'dir']]);
    return Array.isArray(reply) && reply[1] === (await realpath(dir));
  } catch {
    return false;
  }
}

function noteFile(dir: string): string {
  return path.join(dir, 'port');
}
