import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';

/**
 * Which Redis the records of a state folder were last used with. What any other holds of them is of an earlier time, and
 * looks whole: ends that were published to the last one are missing in it, and nothing would ever bring them.
 */
export interface LastRedis {
  isStill(name: string): Promise<boolean>;
  /** Only when what that Redis holds is of now: the next start goes on with it. */
  note(name: string): Promise<void>;
}

export function lastRedis(stateDir: string): LastRedis {
  const file = path.join(stateDir, 'last-redis');
  return {
    isStill: async (name) => (await readFile(file, 'utf8').catch(() => undefined)) === name,
    note: (name) => writeFile(file, name),
  };
}
