import { clusterCommands } from './cluster.ts';
import type { Command } from './command.ts';
import { connectionCommands } from './connection-commands.ts';
import { groupCommands } from './group-commands.ts';
import { hashCommands } from './hash-commands.ts';
import { keyCommands } from './key-commands.ts';
import { pendingCommands } from './pending-commands.ts';
import { pubsubCommands } from './pubsub-commands.ts';
import { readGroupCommands } from './read-group-command.ts';
import { type Bytes, type Reply, Status } from './reply.ts';
import { scriptCommands } from './script-commands.ts';
import { streamCommands } from './stream-commands.ts';
import { streamInfoCommands } from './stream-info-command.ts';
import { stringCommands } from './string-commands.ts';
import { userCommands } from './user-commands.ts';

const COMMANDS: ReadonlyMap<string, Command> = new Map(
  Object.entries<Command>({
    ...connectionCommands,
    ...clusterCommands,
    ...keyCommands,
    ...stringCommands,
    ...hashCommands,
    ...streamCommands,
    ...groupCommands,
    ...readGroupCommands,
    ...pendingCommands,
    ...streamInfoCommands,
    ...pubsubCommands,
    ...scriptCommands,
    ...userCommands,
    command: { arity: -1, run: listCommands },
  }),
);

export function findCommand(name: Bytes): Command | undefined {
  return COMMANDS.get(name.toLowerCase());
}

/** Enough for clients that only count or list; nobody here reads the flags or the documentation. */
function listCommands([subcommand]: readonly Bytes[]): Reply {
  if (subcommand?.toLowerCase() === 'count') return COMMANDS.size;
  if (subcommand !== undefined) return [];
  return [...COMMANDS].map(([name, { arity, keys, noScript }]) => {
    const position = keys === undefined ? 0 : 1;
    return [name, arity, noScript ? [new Status('noscript')] : [], position, position, position];
  });
}
