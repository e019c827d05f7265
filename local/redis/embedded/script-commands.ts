import type { CommandTable, Context } from './command.ts';
import { syntaxError, unknownSubcommand, wrongArity } from './errors.ts';
import { parseInt64, toInteger } from './integers.ts';
import { type Bytes, CommandError, OK, type Reply } from './reply.ts';

export const scriptCommands: CommandTable = {
  eval: { arity: -3, keys: scriptKeys, noScript: true, run: evaluate },
  evalsha: { arity: -3, keys: scriptKeys, noScript: true, run: evaluateKnown },
  script: { arity: -2, noScript: true, run: manageScripts },
};

function scriptKeys([, count, ...rest]: readonly Bytes[]): readonly Bytes[] {
  const keys = parseInt64(count!);
  return keys === undefined || keys < 0 || keys > rest.length ? [] : rest.slice(0, Number(keys));
}

function evaluate(args: readonly Bytes[], context: Context): Reply {
  checkKeyCount(args);
  return runScript(context.scripts.load(args[0]!), args, context);
}

function evaluateKnown(args: readonly Bytes[], context: Context): Reply {
  checkKeyCount(args);
  const sha = args[0]!.toLowerCase();
  if (!context.scripts.has(sha)) throw new CommandError('NOSCRIPT No matching script. Please use EVAL.');
  return runScript(sha, args, context);
}

function runScript(sha: string, [, count, ...rest]: readonly Bytes[], context: Context): Reply {
  const keys = rest.slice(0, Number(count));
  return context.scripts.run(sha, keys, rest.slice(keys.length), { ...context, scriptKeys: new Set(keys) });
}

function checkKeyCount([, count, ...rest]: readonly Bytes[]): void {
  const keys = toInteger(count);
  if (keys > rest.length) throw new CommandError("ERR Number of keys can't be greater than number of args");
  if (keys < 0) throw new CommandError("ERR Number of keys can't be negative");
}

function manageScripts([subcommand, ...args]: readonly Bytes[], { scripts }: Context): Reply {
  switch (subcommand!.toLowerCase()) {
    case 'load':
      if (args.length !== 1) throw wrongArity('script|load');
      return scripts.load(args[0]!);
    case 'exists':
      if (args.length === 0) throw wrongArity('script|exists');
      return args.map((sha) => (scripts.has(sha.toLowerCase()) ? 1 : 0));
    case 'flush':
      if (args.length > 1) throw syntaxError();
      scripts.flush();
      return OK;
    default:
      throw unknownSubcommand('script', subcommand!);
  }
}
