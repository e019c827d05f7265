import { type CommandTable, type Context, firstIsKey } from './command.ts';
import { notSupported, syntaxError, wrongArity } from './errors.ts';
import { toInteger } from './integers.ts';
import { type Bytes, CommandError, NULL_ARRAY, type Reply } from './reply.ts';
import { Stream, type StreamEntry, type WantedId } from './stream.ts';
import { formatId, MIN_ID, parsePart, parseRangeEnd, parseRangeStart, parseStrictId } from './stream-id.ts';

export const streamCommands: CommandTable = {
  xadd: { arity: -5, keys: firstIsKey, run: add },
  xrange: {
    arity: -4,
    keys: firstIsKey,
    run: ([key, start, end, ...rest], context) => range('xrange', key!, start!, end!, rest, context),
  },
  xrevrange: {
    arity: -4,
    keys: firstIsKey,
    run: ([key, end, start, ...rest], context) => range('xrevrange', key!, start!, end!, rest, context),
  },
  xlen: { arity: 2, keys: firstIsKey, run: ([key], { database }) => database.stream(key!)?.entries.length ?? 0 },
  xdel: { arity: -3, keys: firstIsKey, run: remove },
  xtrim: { arity: -4, keys: firstIsKey, run: trim },
};

export function entryReply({ id, fields }: StreamEntry): Reply {
  return [formatId(id), fields];
}

interface AddOptions {
  create: boolean;
  maxLength: number | undefined;
  /** Where the id stands. */
  idAt: number;
}

function add([key, ...args]: readonly Bytes[], { database }: Context): Reply {
  const { create, maxLength, idAt } = addOptions(args);
  const wanted = wantedId(args[idAt]!);
  const fields = args.slice(idAt + 1);
  if (fields.length < 2 || fields.length % 2 !== 0) throw wrongArity('xadd');
  if (wanted !== undefined && 'id' in wanted && wanted.id === MIN_ID) {
    throw new CommandError('ERR The ID specified in XADD must be greater than 0-0');
  }
  let stream = database.stream(key!);
  if (stream === undefined && !create) return null;
  const id = (stream ?? new Stream()).nextId(wanted, database.now);
  if (stream === undefined) {
    stream = new Stream();
    database.set(key!, stream);
  }
  stream.add(id, fields);
  if (maxLength !== undefined) stream.trim(maxLength);
  database.touched.add(key!);
  return formatId(id);
}

function addOptions(args: readonly Bytes[]): AddOptions {
  const found: AddOptions = { create: true, maxLength: undefined, idAt: 0 };
  for (;;) {
    const option = args[found.idAt]?.toLowerCase();
    if (option === undefined) throw syntaxError();
    if (option === 'nomkstream') {
      found.create = false;
      found.idAt += 1;
    } else if (option === 'maxlen') {
      const threshold = lengthThreshold(args, found.idAt + 1);
      found.maxLength = threshold.maxLength;
      found.idAt = threshold.next;
    } else if (option === 'minid' || option === 'limit') {
      throw notSupported('xadd', option);
    } else {
      return found;
    }
  }
}

/** `[=|~] n`, as it stands after MAXLEN. */
function lengthThreshold(args: readonly Bytes[], at: number): { maxLength: number; next: number } {
  const modified = args[at] === '~' || args[at] === '=';
  const index = modified ? at + 1 : at;
  if (args[index] === undefined) throw syntaxError();
  const maxLength = toInteger(args[index]);
  if (maxLength < 0) throw new CommandError('ERR The MAXLEN argument must be >= 0.');
  return { maxLength, next: index + 1 };
}

function wantedId(text: Bytes): WantedId {
  if (text === '*') return undefined;
  return text.endsWith('-*') ? { ms: parsePart(text.slice(0, -2)) } : { id: parseStrictId(text, 0n) };
}

function range(
  command: 'xrange' | 'xrevrange',
  key: Bytes,
  start: Bytes,
  end: Bytes,
  options: readonly Bytes[],
  { database }: Context,
): Reply {
  const from = parseRangeStart(start);
  const to = parseRangeEnd(end);
  const count = rangeCount(options);
  const stream = database.stream(key);
  if (stream === undefined) return [];
  if (count === 0) return NULL_ARRAY;
  const found = command === 'xrange' ? stream.range(from, to, count) : stream.reverseRange(from, to, count);
  return found.map(entryReply);
}

function rangeCount(options: readonly Bytes[]): number {
  let count = Number.POSITIVE_INFINITY;
  for (let at = 0; at < options.length; at += 2) {
    if (options[at]!.toLowerCase() !== 'count' || options[at + 1] === undefined) throw syntaxError();
    count = Math.max(0, toInteger(options[at + 1]));
  }
  return count;
}

function remove([key, ...texts]: readonly Bytes[], { database }: Context): Reply {
  const stream = database.stream(key!);
  if (stream === undefined) return 0;
  // All ids are read before the first entry goes: a bad one leaves the stream as it was.
  const ids = texts.map((text) => parseStrictId(text, 0n));
  return ids.filter((id) => stream.delete(id)).length;
}

function trim([key, strategy, ...args]: readonly Bytes[], { database }: Context): Reply {
  if (strategy!.toLowerCase() === 'minid') throw notSupported('xtrim', 'minid');
  if (strategy!.toLowerCase() !== 'maxlen') throw syntaxError();
  const { maxLength, next } = lengthThreshold(args, 0);
  if (args[next] !== undefined) throw notSupported('xtrim', args[next]);
  return database.stream(key!)?.trim(maxLength) ?? 0;
}
