import { asksForHelp, parseOptions, UsageError } from '../command.ts';
import { AWS_HELP, AWS_OPTIONS, type AwsTarget, awsTargetOf } from '../service/target.ts';

interface Common {
  readonly target: AwsTarget;
  /** `name=value`, as the command line of the CDK takes them. */
  readonly context: readonly string[];
  readonly dryRun: boolean;
}

export interface DeployArguments extends Common {
  /** Before rights are widened. */
  readonly ask: boolean;
  readonly bootstrap: boolean;
}

export interface DestroyArguments extends Common {
  readonly yes: boolean;
}

const COMMON_HELP = `  -c, --context <name=value>  over a value of cdk.json; for this run only, so write down there what is to last
  --dry-run          only says what would be run

${AWS_HELP}
  --help             this text
`;

export const DEPLOY_HELP = `npm run deploy -- [options]

Deploys all stacks to the AWS account that the credentials are of, each after those that it needs, and prints the URL.
Again, it changes what has changed since.

  --bootstrap        prepares the account and region for the CDK first; needed once
  --ask              before rights are widened (default: never)
${COMMON_HELP}`;

export const DESTROY_HELP = `npm run destroy -- [options]

Deletes all stacks. The tables and the bucket with the sources are kept, and named, so that no data is lost by it.

  --yes              without asking first
${COMMON_HELP}`;

const COMMON = {
  ...AWS_OPTIONS,
  context: { type: 'string', short: 'c', multiple: true },
  'dry-run': { type: 'boolean' },
} as const;

/** @param known the names that context values may have. @returns undefined for `--help`. @throws UsageError */
export function parseDeployArguments(args: readonly string[], known: readonly string[]): DeployArguments | undefined {
  if (asksForHelp(args)) return undefined;
  const { values } = parseOptions(args, { ...COMMON, ask: { type: 'boolean' }, bootstrap: { type: 'boolean' } });
  return { ...commonOf(values, known), ask: values.ask ?? false, bootstrap: values.bootstrap ?? false };
}

/** @returns undefined for `--help`. @throws UsageError */
export function parseDestroyArguments(args: readonly string[], known: readonly string[]): DestroyArguments | undefined {
  if (asksForHelp(args)) return undefined;
  const { values } = parseOptions(args, { ...COMMON, yes: { type: 'boolean' } });
  return { ...commonOf(values, known), yes: values.yes ?? false };
}

interface Given {
  readonly profile?: string | undefined;
  readonly region?: string | undefined;
  readonly context?: readonly string[] | undefined;
  readonly 'dry-run'?: boolean | undefined;
}

function commonOf(given: Given, known: readonly string[]): Common {
  const context = given.context ?? [];
  for (const each of context) requireKnown(each, known);
  return { target: awsTargetOf(given), context, dryRun: given['dry-run'] ?? false };
}

/** The CDK takes any name, and a value under a wrong one would be for nobody. */
export function requireKnown(assignment: string, known: readonly string[]): void {
  const name = assignment.split('=', 1)[0]!;
  if (!assignment.includes('=')) throw new UsageError(`--context has to be <name>=<value>, not "${assignment}".`);
  if (known.includes(name)) return;
  throw new UsageError(`There is no context value "${name}": there are ${known.join(', ')}.`);
}
