import { asksForHelp, parseOptions, UsageError } from '../command.ts';
import { TARGET_HELP, TARGET_OPTIONS, type Target, targetOf } from '../service/target.ts';

export type RedriveArguments =
  | { readonly command: 'help' }
  | { readonly command: 'redrive'; readonly target: Target; readonly most: number; readonly dryRun: boolean };

export const REDRIVE_HELP = `npm run redrive -- [options]

Moves the messages of the dead-letter queue back to the queue of accepted sources, for another ten deliveries each.
A source that has ended by now is not begun again: its message is read and done with.

  --most <n>         moves no more than so many (default: all that are there)
  --dry-run          only says how many there are

${TARGET_HELP}
  --help             this text
`;

/** @throws UsageError */
export function parseRedriveArguments(args: readonly string[]): RedriveArguments {
  if (asksForHelp(args)) return { command: 'help' };
  const { values } = parseOptions(args, {
    ...TARGET_OPTIONS,
    most: { type: 'string' },
    'dry-run': { type: 'boolean' },
  });
  return {
    command: 'redrive',
    target: targetOf(values),
    most: mostOf(values.most),
    dryRun: values['dry-run'] ?? false,
  };
}

function mostOf(text: string | undefined): number {
  if (text === undefined) return Number.POSITIVE_INFINITY;
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new UsageError(`--most has to be a whole number from 1 on, not "${text}".`);
}
