import { compileGlob } from './glob.ts';
import { type Bytes, CommandError } from './reply.ts';

/** Commands whose first argument is part of what is allowed. */
const WITH_SUBCOMMANDS = new Set(['acl', 'client', 'cluster', 'script', 'xgroup', 'xinfo']);

/** Anybody may log in and leave. */
const ALWAYS = new Set(['auth', 'hello', 'quit']);

export interface User {
  readonly on: boolean;
  /** Whatever the password: the runtime has no others. */
  readonly nopass: boolean;
  readonly commands: ReadonlySet<string>;
  readonly keys: readonly RegExp[];
  readonly channels: readonly RegExp[];
}

const NOBODY: User = { on: false, nopass: false, commands: new Set(), keys: [], channels: [] };

/** `xgroup|create`, `get`: the name by which a command is allowed, and refused. */
export function fullName(name: Bytes, [subcommand]: readonly Bytes[]): string {
  const command = name.toLowerCase();
  const divided = WITH_SUBCOMMANDS.has(command) && subcommand !== undefined;
  return divided ? `${command}|${subcommand.toLowerCase()}` : command;
}

export function mayRun(user: User, name: string): boolean {
  return ALWAYS.has(name) || user.commands.has(name) || user.commands.has(name.split('|')[0]!);
}

export function mayTouch(user: User, keys: readonly Bytes[]): boolean {
  return keys.every((key) => user.keys.some((pattern) => pattern.test(key)));
}

export function mayPublish(user: User, channel: Bytes): boolean {
  return user.channels.some((pattern) => pattern.test(channel));
}

/** Those that ACL SETUSER made. The one that a connection begins as, `default`, is not here: it may do everything. */
export class Users {
  readonly #users = new Map<Bytes, User>();
  readonly #isCommand: (name: string) => boolean;

  constructor(isCommand: (name: string) => boolean) {
    this.#isCommand = isCommand;
  }

  /** Rules are applied to what the user may do already. Throws CommandError, and then none was. */
  set(name: Bytes, rules: readonly Bytes[]): void {
    const changed = rules.reduce((user, rule) => this.#apply(user, rule), this.#users.get(name) ?? NOBODY);
    this.#users.set(name, changed);
  }

  /** @returns who it is; undefined for `default`, which has no password either. Throws CommandError. */
  logIn(name: Bytes): User | undefined {
    if (name === 'default') return undefined;
    const user = this.#users.get(name);
    if (!user?.on || !user.nopass) {
      throw new CommandError('WRONGPASS invalid username-password pair or user is disabled.');
    }
    return user;
  }

  #apply(user: User, rule: Bytes): User {
    if (rule === 'reset') return NOBODY;
    if (rule === 'on') return { ...user, on: true };
    if (rule === 'off') return { ...user, on: false };
    if (rule === 'nopass') return { ...user, nopass: true };
    if (rule === 'resetkeys') return { ...user, keys: [] };
    if (rule === 'resetchannels') return { ...user, channels: [] };
    if (rule === '-@all') return { ...user, commands: new Set() };
    if (rule.startsWith('~')) return { ...user, keys: [...user.keys, compileGlob(rule.slice(1))] };
    if (rule.startsWith('&')) return { ...user, channels: [...user.channels, compileGlob(rule.slice(1))] };
    if (rule.startsWith('+')) return { ...user, commands: new Set([...user.commands, this.#command(rule)]) };
    throw new CommandError(`ERR Error in ACL SETUSER modifier '${rule}': Syntax error`);
  }

  #command(rule: Bytes): string {
    const name = rule.slice(1).toLowerCase();
    if (this.#isCommand(name.split('|')[0]!)) return name;
    throw new CommandError(`ERR Error in ACL SETUSER modifier '${rule}': Unknown command or category name in ACL`);
  }
}
