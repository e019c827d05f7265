import { UsageError } from '../command.ts';

/** Which of the services a command is for. */
export type Target = { readonly where: 'local' } | AwsTarget;

/** Undefined: as the environment and the configuration of the AWS tools say. */
export interface AwsTarget {
  readonly where: 'deployed';
  readonly profile?: string | undefined;
  readonly region?: string | undefined;
}

export const AWS_OPTIONS = { profile: { type: 'string' }, region: { type: 'string' } } as const;
export const TARGET_OPTIONS = { deployed: { type: 'boolean' }, ...AWS_OPTIONS } as const;

export const AWS_HELP = `  --profile <name>   of the AWS configuration (default: AWS_PROFILE, or credentials in the environment)
  --region <name>    default: AWS_REGION, or that of the profile`;

export const TARGET_HELP = `  --deployed         the service in the AWS account; without it the one that runs on this machine
${AWS_HELP}`;

interface Given {
  readonly deployed?: boolean | undefined;
  readonly profile?: string | undefined;
  readonly region?: string | undefined;
}

/** @throws UsageError */
export function targetOf({ deployed = false, profile, region }: Given): Target {
  if (deployed) return awsTargetOf({ profile, region });
  if (profile === undefined && region === undefined) return { where: 'local' };
  throw new UsageError(`--${profile === undefined ? 'region' : 'profile'} is of the deployed service: add --deployed.`);
}

/** @throws UsageError */
export function awsTargetOf({ profile, region }: Pick<Given, 'profile' | 'region'>): AwsTarget {
  if (profile === '') throw new UsageError('--profile has to be the name of a profile.');
  if (region !== undefined && !/^[a-z]{2,3}(-[a-z]+)+-\d$/.test(region)) {
    throw new UsageError(`--region has to be the name of a region, such as eu-central-1, not "${region}".`);
  }
  return { where: 'deployed', profile, region };
}

/** The options that name the same service again, in a command that is shown. */
export function targetOptions(target: Target): string {
  if (target.where === 'local') return '';
  return ` --deployed${awsOptions(target)}`;
}

export function awsOptions({ profile, region }: AwsTarget): string {
  return `${profile === undefined ? '' : ` --profile ${profile}`}${region === undefined ? '' : ` --region ${region}`}`;
}
