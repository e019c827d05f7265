import { readdir, readFile, readlink } from 'node:fs/promises';
import type { Socket } from 'node:net';
import type { RunningEnvironment } from '../lambda/running-environments.ts';

/** Only Linux shows whose a connection is. */
export const CAN_FIND_CALLERS = process.platform === 'linux';

/** The environment whose process holds the other end of a connection on the loopback address: Redis is not told who calls. */
export async function callerOf(
  { remotePort, localPort }: Socket,
  environments: readonly RunningEnvironment[],
): Promise<RunningEnvironment | undefined> {
  const inode = await inodeOf(remotePort, localPort);
  if (inode === undefined) return undefined;
  const owners = await Promise.all(environments.map(async ({ pid }) => await holds(pid, inode)));
  return environments[owners.indexOf(true)];
}

/** Its side of the connection: from its port to ours. Each line: number, local address, remote address, … the tenth is the inode. */
async function inodeOf(from: number | undefined, to: number | undefined): Promise<string | undefined> {
  const table = await readFile('/proc/net/tcp', 'utf8').catch(() => '');
  const rows = table.split('\n').map((line) => line.trim().split(/\s+/));
  const row = rows.find(([, local, remote]) => portOf(local) === from && portOf(remote) === to);
  return row?.[9];
}

/** `0100007F:1F90` */
function portOf(address: string | undefined): number {
  return Number.parseInt(address?.split(':')[1] ?? '', 16);
}

async function holds(pid: number, inode: string): Promise<boolean> {
  const folder = `/proc/${pid}/fd`;
  const files = await readdir(folder).catch(() => []);
  const targets = await Promise.all(files.map((file) => readlink(`${folder}/${file}`).catch(() => '')));
  return targets.includes(`socket:[${inode}]`);
}
