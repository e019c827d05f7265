import { checkOneSlot } from './cluster.ts';
import type { Context, Outcome } from './command.ts';
import { findCommand } from './command-table.ts';
import { wrongArity } from './errors.ts';
import { type Bytes, CommandError } from './reply.ts';

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
  checkOneSlot(command.keys?.(args) ?? []);
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
  for (const key of command.keys?.(args) ?? []) {
    // A single Redis would let it pass. ElastiCache Serverless, where this has to run, does not.
    if (!context.scriptKeys?.has(key)) {
      throw new CommandError(`ERR Script attempted to access the key '${key}', which is not in its KEYS`);
    }
  }
  return command.run(args, context);
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
