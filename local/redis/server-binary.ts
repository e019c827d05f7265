import { execFile } from 'node:child_process';
import { access, constants } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';

/** Streams' XAUTOCLAIM with deleted entries, CLUSTER ADDSLOTSRANGE and scripts' error shape are of version 7. */
export const MINIMUM_MAJOR_VERSION = 7;

const NAMES = ['valkey-server', 'redis-server'];
const VERSION_TIMEOUT_MS = 5000;

export interface ServerBinary {
  readonly path: string;
  readonly product: string;
  readonly version: string;
}

export function isNewEnough(version: string): boolean {
  return Number.parseInt(version, 10) >= MINIMUM_MAJOR_VERSION;
}

/** The first that is new enough; and, where there is none, the first that is not. */
export async function findRedisServer(searchPath: string): Promise<{ usable?: ServerBinary; tooOld?: ServerBinary }> {
  let tooOld: ServerBinary | undefined;
  for (const name of NAMES) {
    for (const folder of searchPath.split(path.delimiter).filter((entry) => path.isAbsolute(entry))) {
      const binary = await readBinary(path.join(folder, name));
      if (binary === undefined) continue;
      if (isNewEnough(binary.version)) return { usable: binary };
      tooOld ??= binary;
    }
  }
  return tooOld === undefined ? {} : { tooOld };
}

/** @returns undefined when it is not there, does not run or says something else than a version. */
async function readBinary(file: string): Promise<ServerBinary | undefined> {
  try {
    await access(file, constants.X_OK);
    const { stdout } = await promisify(execFile)(file, ['--version'], { timeout: VERSION_TIMEOUT_MS });
    const [, product, version] = /^(\w+) server v=(\S+)/.exec(stdout) ?? [];
    return product && version ? { path: file, product, version } : undefined;
  } catch {
    return undefined;
  }
}
