import { checkOneSlot } from './cluster.ts';
import type { Context, Outcome } from './command.ts';
import { findCommand } from './command-table.ts';
import { wrongArity } from './errors.ts';
import { type Bytes, CommandError } from './reply.ts';
import { fullName, mayPublish, mayRun, mayTouch } from './users.ts';

/** Runs one command of a connection. What it refuses comes back as an error reply; anything else thrown is a defect. */
export function execute(argv: readonly Bytes[], context: Context): Outcome {
  try {
    return run(argv, context);
  } catch (error) {
    if (error instanceof CommandError) return error;
    throw error;
  }
}

function run([name, ...args]: readonly Bytes[], context: Context): Outcome {
  const command = findCommand(name!);
  if (command === undefined) throw unknownCommand(name!, args);
  if (!matchesArity(command.arity, args.length + 1)) throw wrongArity(name!.toLowerCase());
  if (context.client.channels.size > 0 && !command.whileSubscribed) {
    throw new CommandError(
      `ERR Can't execute '${name!.toLowerCase()}': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / RESET are allowed in this context`,
    );
  }
  const keys = command.keys?.(args) ?? [];
  const refusal = refusalOf(fullName(name!, args), keys, args, context);
  if (refusal)
    throw new CommandError(`NOPERM this user has no permissions to ${REFUSALS[refusal].direct(fullName(name!, args))}`);
  checkOneSlot(keys);
  return command.run(args, context);
}

/** Runs one command of a script. Throws CommandError. */
export function executeInScript([name, ...args]: readonly Bytes[], context: Context): Outcome {
  const command = findCommand(name!);
  if (command === undefined) throw new CommandError('ERR Unknown Redis command called from script');
  if (!matchesArity(command.arity, args.length + 1)) {
    throw new CommandError('ERR Wrong number of args calling Redis command from script');
  }
  if (command.noScript) throw new CommandError('ERR This Redis command is not allowed from script');
  const keys = command.keys?.(args) ?? [];
  const refusal = refusalOf(fullName(name!, args), keys, args, context);
  if (refusal) throw new CommandError(`ERR The user executing the script can't ${REFUSALS[refusal].inScript}`);
  for (const key of keys) {
    // A single Redis would let it pass. ElastiCache Serverless, where this has to run, does not.
    if (!context.scriptKeys?.has(key)) {
      throw new CommandError(`ERR Script attempted to access the key '${key}', which is not in its KEYS`);
    }
  }
  return command.run(args, context);
}

type Refused = 'command' | 'key' | 'channel';

/** As Redis 7.0 says it. */
const REFUSALS: Readonly<Record<Refused, { readonly direct: (name: string) => string; readonly inScript: string }>> = {
  command: { direct: (name) => `run the '${name}' command`, inScript: 'run this command or subcommand' },
  key: {
    direct: () => 'access one of the keys used as arguments',
    inScript: 'access at least one of the keys mentioned in the command arguments',
  },
  channel: {
    direct: () => 'access one of the channels used as arguments',
    inScript: 'publish to the channel mentioned in the command',
  },
};

function refusalOf(
  name: string,
  keys: readonly Bytes[],
  args: readonly Bytes[],
  { client: { user } }: Context,
): Refused | undefined {
  if (user === undefined) return undefined;
  if (!mayRun(user, name)) return 'command';
  if (!mayTouch(user, keys)) return 'key';
  return name === 'publish' && !mayPublish(user, args[0]!) ? 'channel' : undefined;
}

function matchesArity(arity: number, length: number): boolean {
  return arity < 0 ? length >= -arity : length === arity;
}

function unknownCommand(name: Bytes, args: readonly Bytes[]): CommandError {
  // As C prints it: up to the first zero byte.
  const beginning = args
    .map((arg) => `'${arg.split('\0', 1)[0]!.slice(0, 128)}' `)
    .join('')
    .slice(0, 128);
  return new CommandError(`ERR unknown command '${name.slice(0, 128)}', with args beginning with: ${beginning}`);
}
