import { asksForHelp, parseOptions, UsageError } from '../command.ts';
import { requireKnown } from '../deployment/arguments.ts';
import { DEFAULT_USAGE, type Usage } from './usage.ts';

export interface CostArguments {
  readonly usage: Usage;
  readonly freeTier: boolean;
  readonly json: boolean;
  readonly check: boolean;
  readonly context: Readonly<Record<string, string>>;
}

export const COST_HELP = `npm run cost -- [options]

The monthly bill of the service in us-east-1, item by item: quantities from the synthesized templates and from what one
upload was counted to ask for, prices from a table with its date (ops/cost/prices.ts), which has to be checked.

  --uploads <n>            in the month, spread evenly over it (default 1000000)
  --avg-mb <n>             of a file, in MB (default 2)
  --inline-share <0..1>    of the files that are sent in the request; URLs and parts to S3 are not (default 1)
  --socket-seconds <n>     that a socket is open for one upload (default 60)
  --process-ms <n>         that the text of one file takes (default ${DEFAULT_USAGE.processMs}, of 2 MB of plain text)
  --free-tier              less what AWS gives every account each month for nothing
  -c, --context <name=value>  as for npm run deploy: another number of shards, NAT gateways …
  --check                  ends with 1 where a target is missed
  --json                   for programs
  --help                   this text
`;

/** @returns undefined for `--help`. @throws UsageError */
export function parseCostArguments(args: readonly string[], known: readonly string[]): CostArguments | undefined {
  if (asksForHelp(args)) return undefined;
  const { values } = parseOptions(args, {
    uploads: { type: 'string' },
    'avg-mb': { type: 'string' },
    'inline-share': { type: 'string' },
    'socket-seconds': { type: 'string' },
    'process-ms': { type: 'string' },
    'free-tier': { type: 'boolean' },
    context: { type: 'string', short: 'c', multiple: true },
    check: { type: 'boolean' },
    json: { type: 'boolean' },
  });
  const number = (name: 'avg-mb' | 'inline-share' | 'socket-seconds' | 'process-ms', byDefault: number, most: number) =>
    numberOf(name, values[name], byDefault, most);
  return {
    usage: {
      uploads: uploadsOf(values.uploads),
      averageMb: number('avg-mb', DEFAULT_USAGE.averageMb, 5_000_000), // 5 TB, the largest object of S3
      inlineShare: number('inline-share', DEFAULT_USAGE.inlineShare, 1),
      socketSeconds: number('socket-seconds', DEFAULT_USAGE.socketSeconds, 7200), // the longest life of a socket
      processMs: number('process-ms', DEFAULT_USAGE.processMs, 300_000), // the time limit of the function
    },
    freeTier: values['free-tier'] ?? false,
    json: values.json ?? false,
    check: values.check ?? false,
    context: contextOf(values.context ?? [], known),
  };
}

function uploadsOf(text: string | undefined): number {
  if (text === undefined) return DEFAULT_USAGE.uploads;
  if (/^\d{1,12}$/.test(text)) return Number(text);
  throw new UsageError(`--uploads has to be a whole number from 0 on, not "${text}".`);
}

function numberOf(name: string, text: string | undefined, byDefault: number, most: number): number {
  if (text === undefined) return byDefault;
  if (/^\d+(\.\d+)?$/.test(text) && Number(text) <= most) return Number(text);
  throw new UsageError(`--${name} has to be a number from 0 to ${most}, not "${text}".`);
}

function contextOf(assignments: readonly string[], known: readonly string[]): Record<string, string> {
  for (const each of assignments) requireKnown(each, known);
  return Object.fromEntries(
    assignments.map((each) => [each.slice(0, each.indexOf('=')), each.slice(each.indexOf('=') + 1)]),
  );
}
