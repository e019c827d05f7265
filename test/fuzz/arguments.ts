import { parseArgs } from 'node:util';

/** The command was called in a way that makes no sense; the message says what is wrong with it. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
  readonly code = 'USAGE';
}

interface Cases {
  /** How many. */
  readonly count: number;
  readonly seed: number;
  /** This one alone, by its number. */
  readonly only?: number;
  /** Folder for the inputs that something was wrong with. */
  readonly out?: string;
}

export type FuzzArguments =
  | { readonly command: 'help' }
  | ({ readonly command: 'bodies' } & Cases)
  | ({ readonly command: 'documents'; readonly children: number } & Cases)
  | { readonly command: 'hostile'; readonly only?: string };

export const FUZZ_HELP = `npm run fuzz -- <command> [options]

  bodies     multipart bodies that were changed: each is accepted or refused at once, and what is accepted two other readers
             read the same
    --count <n>     default 1000000
  documents  documents of the corpus that were changed: each ends in text or in a failure with its code
    --count <n>     default 20000
    --children <n>  how many of them in a child process, as they are when they are uploaded (default 400)
  bodies and documents
    --seed <n>      default 1; the same seed makes the same cases
    --only <n>      one case by its number
    --out <folder>  for the inputs that something was wrong with (default: a new folder, where there are any)
  hostile    bombs and traps in a child process each, with its memory and its time; the heavy ones too
    --only <word>   those that have it in their name
  --help     this text
`;

const CASES = {
  count: { type: 'string' },
  seed: { type: 'string' },
  only: { type: 'string' },
  out: { type: 'string' },
} as const;

/** @throws UsageError */
export function parseFuzzArguments([command, ...rest]: readonly string[]): FuzzArguments {
  if (command === undefined) throw new UsageError('Say what to try.');
  if (command === '--help' || command === '-h' || rest.includes('--help')) return { command: 'help' };
  switch (command) {
    case 'bodies':
      return { command, ...cases(parse(rest, CASES), 1_000_000) };
    case 'documents': {
      const { children, ...given } = parse(rest, { ...CASES, children: { type: 'string' } });
      return { command, ...cases(given, 20_000), children: whole('children', children, 400, 0) };
    }
    case 'hostile': {
      const { only } = parse(rest, { only: { type: 'string' } });
      return { command, ...(only !== undefined && { only }) };
    }
    default:
      throw new UsageError(`There is no "${command}" to try.`);
  }
}

function cases({ count, seed, only, out }: Partial<Record<string, string>>, byDefault: number): Cases {
  return {
    count: whole('count', count, byDefault, 1),
    seed: whole('seed', seed, 1, 0),
    ...(only !== undefined && { only: whole('only', only, 0, 0) }),
    ...(out !== undefined && { out }),
  };
}

function parse(
  args: readonly string[],
  options: Readonly<Record<string, { readonly type: 'string' }>>,
): Partial<Record<string, string>> {
  try {
    return parseArgs({ args: [...args], options }).values;
  } catch (cause) {
    throw new UsageError(`${(cause as Error).message.split(/\.\s/)[0]}.`, { cause });
  }
}

function whole(name: string, text: string | undefined, byDefault: number, least: number): number {
  if (text === undefined) return byDefault;
  if (!/^\d{1,9}$/.test(text) || Number(text) < least) {
    throw new UsageError(`--${name} has to be a whole number from ${least} on, not "${text}".`);
  }
  return Number(text);
}
