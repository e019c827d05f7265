import { type CommandTable, type Context, firstIsKey, secondIsKey } from './command.ts';
import { ConsumerGroup } from './consumer-group.ts';
import { notSupported, unknownSubcommand, wrongArity } from './errors.ts';
import { type Bytes, CommandError, OK, type Reply } from './reply.ts';
import { Stream } from './stream.ts';
import { parseStrictId } from './stream-id.ts';

export const groupCommands: CommandTable = {
  xgroup: { arity: -2, keys: secondIsKey, run: manageGroup },
  xack: { arity: -4, keys: firstIsKey, run: acknowledge },
};

/** The group, or undefined where the key or the group is missing. */
export function findGroup(
  key: Bytes,
  name: Bytes,
  { database }: Pick<Context, 'database'>,
): { stream: Stream; group: ConsumerGroup } | undefined {
  const stream = database.stream(key);
  const group = stream?.groups.get(name);
  return stream && group && { stream, group };
}

const SUBCOMMANDS: Record<
  string,
  { minimum: number; maximum: number; run: (args: readonly Bytes[], context: Context) => Reply }
> = {
  create: { minimum: 3, maximum: 6, run: createGroup },
  destroy: { minimum: 2, maximum: 2, run: destroyGroup },
  delconsumer: { minimum: 3, maximum: 3, run: deleteConsumer },
};

function manageGroup([subcommand, ...args]: readonly Bytes[], context: Context): Reply {
  const name = subcommand!.toLowerCase();
  if (name === 'setid' || name === 'createconsumer') throw notSupported('xgroup', name);
  const found = Object.hasOwn(SUBCOMMANDS, name) ? SUBCOMMANDS[name] : undefined;
  if (found === undefined) throw unknownSubcommand('xgroup', subcommand!);
  if (args.length < found.minimum || args.length > found.maximum) throw wrongArity(`xgroup|${name}`);
  return found.run(args, context);
}

function createGroup([key, name, id, ...options]: readonly Bytes[], { database }: Context): Reply {
  let create = false;
  for (const option of options) {
    if (option.toLowerCase() !== 'mkstream') throw notSupported('xgroup create', option);
    create = true;
  }
  let stream = database.stream(key!);
  if (stream === undefined && !create) throw keyMustExist();
  const lastDeliveredId = id === '$' ? (stream?.lastId ?? 0n) : parseStrictId(id!, 0n);
  if (stream === undefined) {
    stream = new Stream();
    database.set(key!, stream);
  }
  if (stream.groups.has(name!)) throw new CommandError('BUSYGROUP Consumer Group name already exists');
  stream.groups.set(name!, new ConsumerGroup(name!, lastDeliveredId));
  return OK;
}

function destroyGroup([key, name]: readonly Bytes[], { database }: Context): Reply {
  const stream = database.stream(key!);
  if (stream === undefined) throw keyMustExist();
  if (!stream.groups.delete(name!)) return 0;
  // Whoever waits in it must hear that it is gone.
  database.touched.add(key!);
  return 1;
}

function deleteConsumer([key, name, consumer]: readonly Bytes[], { database }: Context): Reply {
  const stream = database.stream(key!);
  if (stream === undefined) throw keyMustExist();
  const group = stream.groups.get(name!);
  if (group === undefined) throw new CommandError(`NOGROUP No such consumer group '${name}' for key name '${key}'`);
  return group.removeConsumer(consumer!);
}

function keyMustExist(): CommandError {
  return new CommandError(
    'ERR The XGROUP subcommand requires the key to exist. Note that for CREATE you may want to use the MKSTREAM option to create an empty stream automatically.',
  );
}

function acknowledge([key, name, ...texts]: readonly Bytes[], context: Context): Reply {
  const found = findGroup(key!, name!, context);
  if (found === undefined) return 0;
  const ids = texts.map((text) => parseStrictId(text, 0n));
  return ids.filter((id) => found.group.acknowledge(id)).length;
}
