import { BLOCKED, type CommandTable, type Context, type Outcome } from './command.ts';
import type { ConsumerGroup } from './consumer-group.ts';
import { notSupported, syntaxError } from './errors.ts';
import { findGroup } from './group-commands.ts';
import { toInteger } from './integers.ts';
import { type Bytes, CommandError, NULL_ARRAY, type Reply } from './reply.ts';
import { Stream } from './stream.ts';
import { entryReply } from './stream-commands.ts';
import { formatId, parseStrictId, type StreamId } from './stream-id.ts';

export const readGroupCommands: CommandTable = {
  xreadgroup: { arity: -7, keys: streamKeys, run: readGroup },
};

interface Read {
  readonly group: Bytes;
  readonly consumer: Bytes;
  readonly count: number;
  /** undefined: does not wait. */
  readonly blockMs: number | undefined;
  readonly streams: readonly { readonly key: Bytes; readonly id: Bytes }[];
}

function streamKeys(args: readonly Bytes[]): readonly Bytes[] {
  const first = args.findIndex((arg) => arg.toLowerCase() === 'streams') + 1;
  return first === 0 ? [] : args.slice(first, first + Math.floor((args.length - first) / 2));
}

function readGroup(args: readonly Bytes[], context: Context): Outcome {
  const read = parseRead(args, context.scriptKeys !== undefined);
  const targets = read.streams.map(({ key, id }) => {
    const found = findGroup(key, read.group, context);
    if (found === undefined) throw noGroup(key, read.group);
    return { key, ...found, after: id === '>' ? undefined : afterId(id) };
  });
  const { now } = context.database;
  const replies: Reply[] = [];
  for (const { key, stream, group, after } of targets) {
    const entries =
      after === undefined ? newEntries(stream, group, read, now) : ownPending(stream, group, read, after, now);
    if (entries !== undefined) replies.push([key, entries]);
  }
  if (replies.length > 0) return replies;
  if (read.blockMs === undefined) return NULL_ARRAY;
  block(read, read.blockMs, context);
  return BLOCKED;
}

function block(read: Read, timeoutMs: number, { blocked, client, database }: Context): void {
  blocked.add({
    client,
    keys: read.streams.map(({ key }) => key),
    timeoutMs,
    retry(key) {
      const stream = database.get(key);
      if (!(stream instanceof Stream)) return new CommandError('UNBLOCKED the stream key no longer exists');
      const group = stream.groups.get(read.group);
      if (group === undefined) {
        return new CommandError('NOGROUP the consumer group this client was blocked on no longer exists');
      }
      const entries = newEntries(stream, group, read, database.now);
      return entries && [[key, entries]];
    },
  });
}

function newEntries(stream: Stream, group: ConsumerGroup, read: Read, now: number): Reply | undefined {
  const { last } = stream.entries;
  if (last === undefined || last.id <= group.lastDeliveredId) return undefined;
  const consumer = group.consumer(read.consumer, now);
  consumer.seenAt = now;
  const entries = group.deliver(stream, consumer, read.count, now);
  return entries.map(entryReply);
}

/** What this consumer was given before and has not acknowledged; an entry that was deleted meanwhile has no fields. */
function ownPending(stream: Stream, group: ConsumerGroup, read: Read, after: StreamId, now: number): Reply {
  const { count } = read;
  const consumer = group.consumer(read.consumer, now);
  const found: Reply[] = [];
  for (const pending of group.pending.from(after)) {
    if (found.length >= count) break;
    if (pending.consumer !== consumer) continue;
    const entry = stream.entries.get(pending.id);
    if (entry === undefined) {
      found.push([formatId(pending.id), NULL_ARRAY]);
    } else {
      group.give(pending, consumer, now);
      found.push(entryReply(entry));
    }
  }
  return found;
}

function parseRead(args: readonly Bytes[], inScript: boolean): Read {
  if (args[0]!.toLowerCase() !== 'group') throw new CommandError('ERR Missing GROUP option for XREADGROUP');
  let count = Number.POSITIVE_INFINITY;
  let blockMs: number | undefined;
  let at = 3;
  for (; at < args.length; at += 2) {
    const option = args[at]!.toLowerCase();
    if (option === 'streams') break;
    if (option === 'block' && inScript) {
      throw new CommandError('ERR xreadgroup command is not allowed with BLOCK option from scripts');
    }
    if (option === 'noack') throw notSupported('xreadgroup', option);
    if (at + 1 >= args.length) throw syntaxError();
    if (option === 'count') count = toInteger(args[at + 1]);
    else if (option === 'block') blockMs = timeout(args[at + 1]!);
    else throw syntaxError();
  }
  const names = args.slice(at + 1);
  if (names.length === 0) throw syntaxError();
  if (names.length % 2 !== 0) throw unbalanced();
  const half = names.length / 2;
  const streams = names.slice(0, half).map((key, index) => ({ key, id: names[half + index]! }));
  return { group: args[1]!, consumer: args[2]!, count: count > 0 ? count : Number.POSITIVE_INFINITY, blockMs, streams };
}

function timeout(text: Bytes): number {
  const ms = toInteger(text, () => new CommandError('ERR timeout is not an integer or out of range'));
  if (ms < 0) throw new CommandError('ERR timeout is negative');
  return ms;
}

/** An explicit id is exclusive: entries after it. */
function afterId(id: Bytes): StreamId {
  if (id === '$') {
    throw new CommandError(
      'ERR The $ ID is meaningless in the context of XREADGROUP: you want to read the history of this consumer by specifying a proper ID, or use the > ID to get new messages. The $ ID would just return an empty result set.',
    );
  }
  return parseStrictId(id, 0n) + 1n;
}

function unbalanced(): CommandError {
  return new CommandError("ERR Unbalanced XREAD list of streams: for each stream key an ID or '$' must be specified.");
}

function noGroup(key: Bytes, group: Bytes): CommandError {
  return new CommandError(`NOGROUP No such key '${key}' or consumer group '${group}' in XREADGROUP with GROUP option`);
}
