import { type CommandTable, type Context, secondIsKey } from './command.ts';
import type { ConsumerGroup } from './consumer-group.ts';
import { noSuchKey, notSupported, unknownSubcommand, wrongArity } from './errors.ts';
import { type Bytes, CommandError, type Reply } from './reply.ts';
import type { Stream } from './stream.ts';
import { entryReply } from './stream-commands.ts';
import { formatId, MIN_ID } from './stream-id.ts';

export const streamInfoCommands: CommandTable = {
  xinfo: { arity: -2, keys: secondIsKey, run: streamInfo },
};

/** How many arguments each takes. */
const SUBCOMMANDS: ReadonlyMap<string, number> = new Map([
  ['stream', 1],
  ['groups', 1],
  ['consumers', 2],
]);

function streamInfo([subcommand, ...args]: readonly Bytes[], { database }: Context): Reply {
  const name = subcommand!.toLowerCase();
  const length = SUBCOMMANDS.get(name);
  if (length === undefined) throw unknownSubcommand('xinfo', subcommand!);
  if (name === 'stream' && args.length > 1) throw notSupported('xinfo stream', args[1]!);
  if (args.length !== length) throw wrongArity(`xinfo|${name}`);
  const stream = database.stream(args[0]!);
  if (stream === undefined) throw noSuchKey();
  if (name === 'stream') return describeStream(stream);
  if (name === 'groups') return sorted(stream.groups.values()).map((group) => describeGroup(stream, group));
  const group = stream.groups.get(args[1]!);
  if (group === undefined) {
    throw new CommandError(`NOGROUP No such consumer group '${args[1]}' for key name '${args[0]}'`);
  }
  return sorted(group.consumers.values()).map((consumer) => [
    'name',
    consumer.name,
    'pending',
    consumer.pending,
    'idle',
    Math.max(0, database.now - consumer.seenAt),
  ]);
}

function describeStream(stream: Stream): Reply {
  const { first, last } = stream.entries;
  return [
    'length',
    stream.entries.length,
    // There is no radix tree here; a tool that prints these gets what an almost empty one has.
    'radix-tree-keys',
    first === undefined ? 0 : 1,
    'radix-tree-nodes',
    first === undefined ? 1 : 2,
    'last-generated-id',
    formatId(stream.lastId),
    'max-deleted-entry-id',
    formatId(stream.maxDeletedId),
    'entries-added',
    stream.entriesAdded,
    'recorded-first-entry-id',
    formatId(first?.id ?? MIN_ID),
    'groups',
    stream.groups.size,
    'first-entry',
    first === undefined ? null : entryReply(first),
    'last-entry',
    last === undefined ? null : entryReply(last),
  ];
}

function describeGroup(stream: Stream, group: ConsumerGroup): Reply {
  return [
    'name',
    group.name,
    'consumers',
    group.consumers.size,
    'pending',
    group.pending.length,
    'last-delivered-id',
    formatId(group.lastDeliveredId),
    'entries-read',
    group.entriesRead ?? null,
    'lag',
    group.lag(stream) ?? null,
  ];
}

function sorted<T extends { readonly name: Bytes }>(items: Iterable<T>): T[] {
  return [...items].sort((a, b) => (a.name < b.name ? -1 : 1));
}
