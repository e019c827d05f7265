import { allAreKeys, type CommandTable, type Context, firstIsKey } from './command.ts';
import type { Value } from './database.ts';
import { invalidExpireTime, notSupported, syntaxError } from './errors.ts';
import { matchesGlob } from './glob.ts';
import { toInteger } from './integers.ts';
import { type Bytes, CommandError, OK, type Reply, Status } from './reply.ts';

/** Times beyond this are refused: Redis counts milliseconds in 64 bits. */
const MAX_TIME_MS = 2 ** 63;

export const keyCommands: CommandTable = {
  del: {
    arity: -2,
    keys: allAreKeys,
    run: (keys, { database }) => count(keys, (key) => exists(key, database) && database.delete(key)),
  },
  exists: { arity: -2, keys: allAreKeys, run: (keys, { database }) => count(keys, (key) => exists(key, database)) },
  type: {
    arity: 2,
    keys: firstIsKey,
    run: ([key], { database }) => new Status(typeName(database.get(key!))),
  },
  expire: { arity: -3, keys: firstIsKey, run: (args, context) => expire('expire', args, 1000, true, context) },
  pexpire: { arity: -3, keys: firstIsKey, run: (args, context) => expire('pexpire', args, 1, true, context) },
  pexpireat: { arity: -3, keys: firstIsKey, run: (args, context) => expire('pexpireat', args, 1, false, context) },
  ttl: { arity: 2, keys: firstIsKey, run: ([key], context) => timeToLive(key!, 1000, context) },
  pttl: { arity: 2, keys: firstIsKey, run: ([key], context) => timeToLive(key!, 1, context) },
  dbsize: { arity: 1, run: (_, { database }) => database.size },
  flushall: { arity: -1, run: flushAll },
  scan: { arity: -2, run: scan },
};

function count(keys: readonly Bytes[], counts: (key: Bytes) => boolean): number {
  return keys.reduce((sum, key) => sum + (counts(key) ? 1 : 0), 0);
}

function exists(key: Bytes, database: Context['database']): boolean {
  return database.get(key) !== undefined;
}

function typeName(value: Value | undefined): string {
  if (value === undefined) return 'none';
  if (typeof value === 'string') return 'string';
  return value instanceof Map ? 'hash' : 'stream';
}

function expire(
  command: string,
  [key, time, option]: readonly Bytes[],
  unitMs: number,
  relative: boolean,
  { database }: Context,
): Reply {
  if (option !== undefined) throw notSupported(command, option);
  const amount = toInteger(time) * unitMs;
  const at = relative ? database.now + amount : amount;
  if (Math.abs(at) >= MAX_TIME_MS) throw invalidExpireTime(command);
  if (database.get(key!) === undefined) return 0;
  database.expireAt(key!, at);
  return 1;
}

function timeToLive(key: Bytes, unitMs: number, { database }: Context): number {
  if (database.get(key) === undefined) return -2;
  const at = database.expiresAt(key);
  return at === undefined ? -1 : Math.floor((at - database.now + unitMs / 2) / unitMs);
}

function flushAll([mode, ...rest]: readonly Bytes[], { database }: Context): Reply {
  if (rest.length > 0 || (mode !== undefined && !/^a?sync$/i.test(mode))) throw syntaxError();
  database.clear();
  return OK;
}

/** Always the whole of it in one answer, which SCAN may give: COUNT is a hint. */
function scan([cursor, ...options]: readonly Bytes[], { database }: Context): Reply {
  if (!/^\d{1,20}$/.test(cursor!)) throw new CommandError('ERR invalid cursor');
  let keys = database.keys();
  for (let at = 0; at < options.length; at += 2) {
    const option = options[at]!.toLowerCase();
    const value = options[at + 1];
    if (value === undefined) throw syntaxError();
    if (option === 'count') {
      if (toInteger(value) < 1) throw syntaxError();
    } else if (option === 'match') {
      keys = keys.filter((key) => matchesGlob(value, key));
    } else if (option === 'type') {
      keys = keys.filter((key) => typeName(database.get(key)) === value.toLowerCase());
    } else {
      throw syntaxError();
    }
  }
  return ['0', keys];
}
