import type { BlockedReaders } from './blocking.ts';
import type { ClusterNode } from './cluster.ts';
import type { Database } from './database.ts';
import type { PubSub, Subscriber } from './pubsub.ts';
import type { Bytes, Reply } from './reply.ts';
import type { User, Users } from './users.ts';

/** The reply comes later, by `Client.unblock`. */
export const BLOCKED = Symbol('blocked');
/** The command has written what there was to write. */
export const REPLIED = Symbol('replied');

export type Outcome = Reply | typeof BLOCKED | typeof REPLIED;

/** One connection, as commands see it. */
export interface Client extends Subscriber {
  readonly id: number;
  name: Bytes;
  /** Who has logged in; undefined: nobody, and everything is allowed. */
  user: User | undefined;
  /** Writes a reply out of turn, before the command's own. */
  push(reply: Reply): void;
  /** Answers the command that returned BLOCKED. */
  unblock(reply: Reply): void;
  /** Closes the connection after what was written. */
  quit(): void;
}

/** What a script engine does for the commands that call it. */
export interface Scripts {
  /** @returns the SHA-1 by which the script can be called from now on. Throws CommandError where it does not compile. */
  load(body: Bytes): string;
  has(sha: string): boolean;
  flush(): void;
  run(sha: string, keys: readonly Bytes[], args: readonly Bytes[], context: Context): Reply;
}

export interface Context {
  readonly database: Database;
  readonly blocked: BlockedReaders;
  readonly pubsub: PubSub;
  readonly cluster: ClusterNode;
  readonly scripts: Scripts;
  readonly client: Client;
  readonly users: Users;
  readonly info: () => ServerInfo;
  /** The keys that the running script declared; undefined outside of one. */
  readonly scriptKeys: ReadonlySet<Bytes> | undefined;
}

export interface ServerInfo {
  readonly port: number;
  readonly startedAt: number;
  readonly clients: number;
}

export interface Command {
  /** As Redis counts: the name included, and a negative number is a minimum. */
  readonly arity: number;
  /** Which of the arguments (without the name) are keys. */
  readonly keys?: (args: readonly Bytes[]) => readonly Bytes[];
  /** May not be called from a script. */
  readonly noScript?: boolean;
  /** May be called by a connection that has subscribed to something. */
  readonly whileSubscribed?: boolean;
  /** `args` has not the name, and is as long as `arity` says. */
  readonly run: (args: readonly Bytes[], context: Context) => Outcome;
}

export type CommandTable = Readonly<Record<string, Command>>;

export const firstIsKey = (args: readonly Bytes[]): readonly Bytes[] => args.slice(0, 1);
/** The first names a subcommand. */
export const secondIsKey = (args: readonly Bytes[]): readonly Bytes[] => args.slice(1, 2);
export const allAreKeys = (args: readonly Bytes[]): readonly Bytes[] => args;
