import { readFile, rm } from 'node:fs/promises';
import { OperationError } from '../command.ts';
import { awsOptions } from '../service/target.ts';
import type { Account, Place } from './account.ts';
import type { DeployArguments } from './arguments.ts';
import { bootstrapCommand, type Cdk, deployCommand, shown } from './cdk.ts';
import { contextValue } from './context.ts';
import { requireSettings } from './settings.ts';

export interface DeployParts {
  readonly account: Account;
  readonly cdk: Cdk;
  readonly print: (line: string) => void;
  /** Written by the CDK. */
  readonly outputsFile: string;
}

/** What the CDK asks of an account for templates like ours; a test holds it to what they say. */
export const LEAST_BOOTSTRAP_VERSION = 6;

/** @throws OperationError, whose message says what to do. @throws UsageError for a context value that makes no sense */
export async function deploy(parts: DeployParts, given: DeployArguments): Promise<void> {
  const { account, cdk, print, outputsFile } = parts;
  const command = deployCommand({ ...given, outputsFile });
  await requireSettings(given.context);
  if (given.dryRun) return explainDryRun(given, command, print);
  const place = await account.place();
  requireRegion(place.region, given.context);
  print(`Account ${place.account}, region ${place.region}.`);
  await bootstrap(parts, given, place);
  // What an earlier run wrote must not be taken for what this one did.
  await rm(outputsFile, { force: true });
  const code = await cdk.run(command, place.region);
  if (code !== 0) {
    throw new OperationError(
      'cdk-failed',
      `The deployment failed (exit code ${code}); the reason is above. Stacks that were done before stay as they are: when the reason is mended, run the same command again.`,
    );
  }
  print(await nextStep(outputsFile, given));
}

/**
 * Those that every account has from the start. Into a bucket in one that has to be switched on, CloudFront writes no access log,
 * and in other partitions there is no CloudFront, or under other names: the stack in front would fail after all others were made.
 * docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/standard-logging-legacy-s3.html
 */
const REGIONS: readonly string[] = [
  'ap-northeast-1',
  'ap-northeast-2',
  'ap-northeast-3',
  'ap-south-1',
  'ap-southeast-1',
  'ap-southeast-2',
  'ca-central-1',
  'eu-central-1',
  'eu-north-1',
  'eu-west-1',
  'eu-west-2',
  'eu-west-3',
  'sa-east-1',
  'us-east-1',
  'us-east-2',
  'us-west-1',
  'us-west-2',
];

function requireRegion(region: string, context: readonly string[]): void {
  if (!REGIONS.includes(region)) {
    throw new OperationError(
      'region-unsupported',
      `The service cannot be deployed to ${region}: CloudFront writes no access log into a bucket there. Choose one of ${REGIONS.join(', ')}; pages and calls come through CloudFront from everywhere.`,
    );
  }
  if (contextValue('webAcl', context) === 'managed' && region !== 'us-east-1') {
    throw new OperationError(
      'region-unsupported',
      `With webAcl=managed the service can be deployed to us-east-1 alone, not to ${region}: CloudFront takes a firewall from nowhere else. Make one there, and give its ARN as webAcl.`,
    );
  }
}

async function bootstrap({ account, cdk, print }: DeployParts, { target, ...given }: DeployArguments, place: Place) {
  const version = await account.bootstrapVersion();
  if (version !== undefined && version >= LEAST_BOOTSTRAP_VERSION) return print(`Bootstrapped, version ${version}.`);
  const { account: id, region } = place;
  const again = `npm run deploy -- --bootstrap${awsOptions(target)}`;
  if (!given.bootstrap) {
    if (version === undefined) {
      throw new OperationError(
        'not-bootstrapped',
        `Account ${id} is not prepared for the CDK in ${region}. Prepare it and deploy: ${again}`,
      );
    }
    throw new OperationError(
      'bootstrap-too-old',
      `Account ${id} is prepared for the CDK in ${region} with version ${version}; ${LEAST_BOOTSTRAP_VERSION} is needed. Renew it and deploy: ${again}`,
    );
  }
  const code = await cdk.run(bootstrapCommand(id, region), region);
  if (code !== 0) {
    throw new OperationError(
      'cdk-failed',
      `Preparing the account failed (exit code ${code}); the reason is above. It takes the right to make roles, a bucket and a repository: use credentials that have it.`,
    );
  }
}

function explainDryRun({ target, bootstrap }: DeployArguments, command: string[], print: DeployParts['print']): void {
  print('Would ask AWS whose the credentials are, and whether account and region are prepared for the CDK;');
  if (bootstrap) print(`would prepare them if not: ${shown(bootstrapCommand('<account>', '<region>'), target)}`);
  print(`then run: ${shown(command, target)}`);
}

async function nextStep(outputsFile: string, { target }: DeployArguments): Promise<string> {
  const { Url: url, DomainTarget: leadsTo } = await outputsIn(outputsFile);
  const options = ` --deployed${awsOptions(target)}`;
  if (url === undefined) {
    throw new OperationError(
      'cdk-failed',
      `The stacks are deployed, but ${outputsFile} does not tell the URL: it is the output Url of the stack SourceUploadFront in the CloudFormation console.`,
    );
  }
  return `
Deployed.

  URL   ${url}
${leadsTo === undefined ? '' : dnsLine(url, leadsTo)}  next  npm run api-key -- create --user 1${options}
  then  open the URL and paste the key, or follow "Use it" in README.md with it
`;
}

/** A name of one's own leads nowhere before somebody makes its record, which is outside of the stacks. */
function dnsLine(url: string, leadsTo: string): string {
  return `  DNS   the URL answers once there is this record, as CNAME or as alias: ${new URL(url).hostname} → ${leadsTo}\n`;
}

interface FrontOutputs {
  readonly Url?: string;
  /** Only with a domain name. */
  readonly DomainTarget?: string;
}

async function outputsIn(outputsFile: string): Promise<FrontOutputs> {
  try {
    return JSON.parse(await readFile(outputsFile, 'utf8')).SourceUploadFront ?? {};
  } catch {
    return {};
  }
}
