import { type CommandTable, type Context, firstIsKey } from './command.ts';
import type { ConsumerGroup, PendingEntry } from './consumer-group.ts';
import { notSupported, syntaxError } from './errors.ts';
import { findGroup } from './group-commands.ts';
import { toInteger } from './integers.ts';
import { type Bytes, CommandError, NULL_ARRAY, type Reply } from './reply.ts';
import { entryReply } from './stream-commands.ts';
import { formatId, MIN_ID, parseRangeEnd, parseRangeStart } from './stream-id.ts';

/** XAUTOCLAIM looks at this many pending entries for each one that it may return. */
const CLAIM_ATTEMPTS_PER_ENTRY = 10;
const DEFAULT_CLAIM_COUNT = 100;

export const pendingCommands: CommandTable = {
  xpending: { arity: -3, keys: firstIsKey, run: pending },
  xautoclaim: { arity: -6, keys: firstIsKey, run: autoClaim },
};

function groupOf(key: Bytes, name: Bytes, context: Context): NonNullable<ReturnType<typeof findGroup>> {
  const found = findGroup(key, name, context);
  if (found === undefined) throw new CommandError(`NOGROUP No such key '${key}' or consumer group '${name}'`);
  return found;
}

function pending([key, name, ...args]: readonly Bytes[], context: Context): Reply {
  if (args.length === 0) return pendingSummary(groupOf(key!, name!, context).group);
  if (args.length < 3 || args.length > 6) throw syntaxError();
  let minIdleMs = 0;
  let rest = args;
  if (args[0]!.toLowerCase() === 'idle') {
    minIdleMs = toInteger(args[1]);
    if (args.length < 5) throw syntaxError();
    rest = args.slice(2);
  }
  const [start, end, countText, consumerName] = rest;
  const count = Math.max(0, toInteger(countText));
  const from = parseRangeStart(start!);
  const to = parseRangeEnd(end!);
  const { group } = groupOf(key!, name!, context);
  const consumer = consumerName === undefined ? undefined : group.consumers.get(consumerName);
  if (consumerName !== undefined && consumer === undefined) return [];
  const found: Reply[] = [];
  for (const entry of group.pending.from(from)) {
    if (entry.id > to || found.length >= count) break;
    const idleMs = context.database.now - entry.deliveredAt;
    if ((consumer !== undefined && entry.consumer !== consumer) || idleMs < minIdleMs) continue;
    found.push([formatId(entry.id), entry.consumer.name, Math.max(0, idleMs), entry.deliveries]);
  }
  return found;
}

function pendingSummary(group: ConsumerGroup): Reply {
  const { first, last, length } = group.pending;
  if (first === undefined || last === undefined) return [0, null, null, NULL_ARRAY];
  const perConsumer = [...group.consumers.values()]
    .filter((consumer) => consumer.pending > 0)
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map((consumer) => [consumer.name, String(consumer.pending)]);
  return [length, formatId(first.id), formatId(last.id), perConsumer];
}

function autoClaim([key, name, consumerName, minIdle, start, ...options]: readonly Bytes[], context: Context): Reply {
  const minIdleMs = Math.max(
    0,
    toInteger(minIdle, () => new CommandError('ERR Invalid min-idle-time argument for XAUTOCLAIM')),
  );
  const from = parseRangeStart(start!);
  const count = claimCount(options);
  const { stream, group } = groupOf(key!, name!, context);
  const { now } = context.database;
  const known = group.consumers.get(consumerName!);
  if (known !== undefined) known.seenAt = now;
  const claimed: Reply[] = [];
  const deleted: PendingEntry[] = [];
  let attempts = count * CLAIM_ATTEMPTS_PER_ENTRY;
  let next: PendingEntry | undefined;
  for (const pendingEntry of group.pending.from(from)) {
    if (attempts === 0 || claimed.length + deleted.length >= count) {
      next = pendingEntry;
      break;
    }
    attempts -= 1;
    const entry = stream.entries.get(pendingEntry.id);
    if (entry === undefined) {
      deleted.push(pendingEntry);
    } else if (now - pendingEntry.deliveredAt >= minIdleMs) {
      group.give(pendingEntry, group.consumer(consumerName!, now), now);
      claimed.push(entryReply(entry));
    }
  }
  // What was deleted from the stream can never be served: it leaves the pending list here, and the caller is told.
  for (const { id } of deleted) group.acknowledge(id);
  return [formatId(next?.id ?? MIN_ID), claimed, deleted.map(({ id }) => formatId(id))];
}

function claimCount(options: readonly Bytes[]): number {
  let count = DEFAULT_CLAIM_COUNT;
  for (let at = 0; at < options.length; at += 2) {
    const option = options[at]!.toLowerCase();
    if (option === 'justid') throw notSupported('xautoclaim', option);
    if (option !== 'count' || options[at + 1] === undefined) throw syntaxError();
    count = toInteger(options[at + 1], countMustBePositive);
    if (count < 1) throw countMustBePositive();
  }
  return count;
}

function countMustBePositive(): CommandError {
  return new CommandError('ERR COUNT must be > 0');
}
