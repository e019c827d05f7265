import { type CommandTable, type Context, firstIsKey } from './command.ts';
import type { Database, Hash } from './database.ts';
import { notAnInteger, wrongArity } from './errors.ts';
import { fitsInt64, fromInt64, parseInt64 } from './integers.ts';
import { type Bytes, CommandError, type Reply } from './reply.ts';

export const hashCommands: CommandTable = {
  hset: { arity: -4, keys: firstIsKey, run: setFields },
  hsetnx: { arity: 4, keys: firstIsKey, run: setIfMissing },
  hget: { arity: 3, keys: firstIsKey, run: ([key, field], { database }) => database.hash(key!)?.get(field!) ?? null },
  hmget: { arity: -3, keys: firstIsKey, run: getFields },
  hgetall: { arity: 2, keys: firstIsKey, run: ([key], { database }) => [...(database.hash(key!) ?? [])].flat() },
  hdel: { arity: -3, keys: firstIsKey, run: deleteFields },
  hexists: {
    arity: 3,
    keys: firstIsKey,
    run: ([key, field], { database }) => (database.hash(key!)?.has(field!) ? 1 : 0),
  },
  hlen: { arity: 2, keys: firstIsKey, run: ([key], { database }) => database.hash(key!)?.size ?? 0 },
  hincrby: { arity: 4, keys: firstIsKey, run: increment },
};

function hashToWrite(database: Database, key: Bytes): Hash {
  const hash = database.hash(key);
  if (hash !== undefined) return hash;
  const created: Hash = new Map();
  database.set(key, created);
  return created;
}

function setFields([key, ...pairs]: readonly Bytes[], { database }: Context): Reply {
  if (pairs.length % 2 !== 0) throw wrongArity('hset');
  const hash = hashToWrite(database, key!);
  const before = hash.size;
  for (let at = 0; at < pairs.length; at += 2) hash.set(pairs[at]!, pairs[at + 1]!);
  return hash.size - before;
}

function setIfMissing([key, field, value]: readonly Bytes[], { database }: Context): Reply {
  const hash = hashToWrite(database, key!);
  if (hash.has(field!)) return 0;
  hash.set(field!, value!);
  return 1;
}

function getFields([key, ...fields]: readonly Bytes[], { database }: Context): Reply {
  const hash = database.hash(key!);
  return fields.map((field) => hash?.get(field) ?? null);
}

function deleteFields([key, ...fields]: readonly Bytes[], { database }: Context): Reply {
  const hash = database.hash(key!);
  if (hash === undefined) return 0;
  let deleted = 0;
  for (const field of fields) if (hash.delete(field)) deleted += 1;
  if (hash.size === 0) database.delete(key!);
  return deleted;
}

function increment([key, field, by]: readonly Bytes[], { database }: Context): Reply {
  const amount = parseInt64(by!);
  if (amount === undefined) throw notAnInteger();
  const stored = database.hash(key!)?.get(field!);
  const before = stored === undefined ? 0n : parseInt64(stored);
  if (before === undefined) throw new CommandError('ERR hash value is not an integer');
  const after = before + amount;
  if (!fitsInt64(after)) throw new CommandError('ERR increment or decrement would overflow');
  hashToWrite(database, key!).set(field!, String(after));
  return fromInt64(after);
}
