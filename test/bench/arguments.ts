import { parseArgs } from 'node:util';

/** The command was called in a way that makes no sense; the message says what is wrong with it. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
  readonly code = 'USAGE';
}

export type BenchArguments =
  | { readonly command: 'help' }
  | {
      readonly command: 'latency';
      readonly uploads: number;
      readonly rounds: number;
      readonly redis?: 'embedded' | 'server';
    }
  | { readonly command: 'startup'; readonly rounds: number }
  | { readonly command: 'sizes' }
  | { readonly command: 'extract'; readonly rounds: number; readonly megabytes: number }
  | { readonly command: 'fetch'; readonly megabytes: number };

export const BENCH_HELP = `npm run bench -- <command> [options]

  latency    from the POST of a 1 kB text file to its first message and to success, one at a time and many at once
    --uploads <n>              how many at once (default 50)
    --rounds <n>               how often so many (default 3)
    --redis <embedded|server>  default: as npm start chooses
  startup    from npm start to Ready, with templates to make and without
    --rounds <n>               how often each (default 3)
  extract    text of each format: MB/s and memory, beside a native tool where the machine has one
    --rounds <n>               how often each (default 3)
    --megabytes <n>            of text in each document, a fifth of it in the PDF (default 10)
  fetch      the memory of a fetch from its first 100 MB to its last
    --megabytes <n>            of the body (default 1000)
  sizes      of each function's bundle, and lines of code per folder
  --help     this text
`;

const OPTIONS = {
  latency: { uploads: { type: 'string' }, rounds: { type: 'string' }, redis: { type: 'string' } },
  startup: { rounds: { type: 'string' } },
  extract: { rounds: { type: 'string' }, megabytes: { type: 'string' } },
  fetch: { megabytes: { type: 'string' } },
  sizes: {},
} as const;

/** @throws UsageError */
export function parseBenchArguments([command, ...rest]: readonly string[]): BenchArguments {
  if (command === undefined) throw new UsageError('Say what to measure.');
  if (command === '--help' || command === '-h' || rest.includes('--help')) return { command: 'help' };
  switch (command) {
    case 'latency': {
      const { uploads, rounds, redis } = parse(rest, OPTIONS.latency);
      return {
        command,
        uploads: count('uploads', uploads, 50),
        rounds: count('rounds', rounds, 3),
        redis: redisOf(redis),
      };
    }
    case 'startup':
      return { command, rounds: count('rounds', parse(rest, OPTIONS.startup).rounds, 3) };
    case 'extract': {
      const { rounds, megabytes } = parse(rest, OPTIONS.extract);
      return { command, rounds: count('rounds', rounds, 3), megabytes: count('megabytes', megabytes, 10) };
    }
    case 'fetch':
      return { command, megabytes: count('megabytes', parse(rest, OPTIONS.fetch).megabytes, 1000) };
    case 'sizes':
      parse(rest, OPTIONS.sizes);
      return { command };
    default:
      throw new UsageError(`There is no "${command}" to measure.`);
  }
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

function count(name: string, text: string | undefined, byDefault: number): number {
  if (text === undefined) return byDefault;
  if (!/^[1-9]\d{0,3}$/.test(text)) throw new UsageError(`--${name} has to be a number from 1 to 9999, not "${text}".`);
  return Number(text);
}

function redisOf(text: string | undefined): 'embedded' | 'server' | undefined {
  if (text === undefined || text === 'embedded' || text === 'server') return text;
  throw new UsageError(`--redis has to be "embedded" or "server", not "${text}".`);
}
