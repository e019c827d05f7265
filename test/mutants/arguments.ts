import { parseArgs } from 'node:util';

/** The command was called in a way that makes no sense; the message says what is wrong with it. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
  readonly code = 'USAGE';
}

export type MutantsArguments =
  | { readonly command: 'help' }
  | { readonly command: 'list' }
  | { readonly command: 'run'; readonly only: readonly string[] };

export const MUTANTS_HELP = `npm run mutants -- [options]

Plants known bugs, one after another, in a copy of the sources, and sees that the tests named for each of them fail.
Exits with 1 where one survives.

  --only <name>  this mutant; may be given several times
  --list         the mutants, and what each of them is
  --help         this text
`;

const OPTIONS = {
  only: { type: 'string', multiple: true },
  list: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const;

/** @param names all that there are. @throws UsageError */
export function parseMutantsArguments(args: readonly string[], names: readonly string[]): MutantsArguments {
  const { only = [], list, help } = parse(args);
  if (help) return { command: 'help' };
  if (list) return { command: 'list' };
  const unknown = only.find((name) => !names.includes(name));
  if (unknown !== undefined) throw new UsageError(`There is no mutant "${unknown}": see --list.`);
  return { command: 'run', only };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: OPTIONS }).values;
  } catch (cause) {
    throw new UsageError(`${(cause as Error).message.split(/\.\s/)[0]}.`, { cause });
  }
}
