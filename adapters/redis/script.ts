import { createHash } from 'node:crypto';

/**
 * Lua that runs inside Redis. A script runs alone, so what it reads stays true until it has written. It MUST touch
 * only the keys that it is given, all of one shard, and it MUST be safe to run again when its answer was lost.
 */
export interface Script {
  readonly lua: string;
  readonly sha: string;
}

export function script(lua: string): Script {
  return { lua, sha: createHash('sha1').update(lua).digest('hex') };
}
