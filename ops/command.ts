import { parseArgs } from 'node:util';

/** The command was called in a way that makes no sense; the message says what is wrong with it. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
  readonly code = 'USAGE';
}

export type OperationErrorCode =
  | 'not-running'
  | 'not-deployed'
  | 'no-credentials'
  | 'no-region'
  | 'refused-by-aws'
  | 'aws-unreachable'
  | 'not-bootstrapped'
  | 'bootstrap-too-old'
  | 'cdk-failed'
  | 'region-unsupported'
  | 'not-confirmed'
  | 'unknown-key'
  | 'ambiguous-key'
  | 'unpriced'
  | 'over-target';

/** The operation cannot be done as things are; the message says so, and what to do about it. */
export class OperationError extends Error {
  override readonly name = 'OperationError';
  readonly code: OperationErrorCode;

  constructor(code: OperationErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

type Options = NonNullable<NonNullable<Parameters<typeof parseArgs>[0]>['options']>;

/** @throws UsageError with the first sentence of Node's message: the rest is about passing arguments that look like options. */
export function parseOptions<T extends Options>(args: readonly string[], options: T, positionals = 0) {
  const parsed = tryParse(args, options);
  const surplus = parsed.positionals[positionals];
  if (surplus !== undefined) throw new UsageError(`Nothing is known to do with "${surplus}".`);
  return parsed;
}

function tryParse<T extends Options>(args: readonly string[], options: T) {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true });
  } catch (cause) {
    throw new UsageError(`${(cause as Error).message.split(/\.\s/)[0]}.`, { cause });
  }
}

export function asksForHelp(args: readonly string[]): boolean {
  return args.some((each) => each === '--help' || each === '-h');
}

/** Runs a command to its exit code: 0, 1 where it could not be done, 2 where it was called wrongly. */
export async function runCommand(name: string, main: () => Promise<void>): Promise<void> {
  try {
    await main();
  } catch (error) {
    console.error(explain(name, error));
    process.exitCode = error instanceof UsageError ? 2 : 1;
  }
}

/** One sentence where it is the caller's to solve, the whole error where it is ours. */
export function explain(name: string, error: unknown): string {
  if (error instanceof UsageError) return `${error.message} Try: npm run ${name} -- --help`;
  if (error instanceof OperationError) return error.message;
  const { code } = error as { code?: unknown };
  // The codes of the local runtime's errors; those of Node begin so, and nobody wrote their messages for this place.
  if (typeof code === 'string' && !/^(E[A-Z]+$|ERR_)/.test(code)) return (error as Error).message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
