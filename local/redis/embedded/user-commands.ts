import type { CommandTable, Context } from './command.ts';
import { syntaxError, unknownSubcommand, wrongArity } from './errors.ts';
import { type Bytes, CommandError, OK, type Reply } from './reply.ts';

export const userCommands: CommandTable = {
  auth: { arity: -2, noScript: true, run: authenticate },
  acl: { arity: -2, noScript: true, run: manageUsers },
};

function authenticate(args: readonly Bytes[], { client, users }: Context): Reply {
  if (args.length > 2) throw syntaxError();
  if (args.length === 1) {
    throw new CommandError(
      'ERR AUTH <password> called without any password configured for the default user. Are you sure your configuration is correct?',
    );
  }
  client.user = users.logIn(args[0]!);
  return OK;
}

function manageUsers([subcommand, name, ...rules]: readonly Bytes[], { users }: Context): Reply {
  if (subcommand!.toLowerCase() !== 'setuser') throw unknownSubcommand('acl', subcommand!);
  if (name === undefined) throw wrongArity('acl|setuser');
  users.set(name, rules);
  return OK;
}
