import { CloudFormationClient, DescribeStackResourcesCommand } from '@aws-sdk/client-cloudformation';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { callAws } from '../service/aws-errors.ts';
import { clientConfig, outputsOf } from '../service/deployed.ts';
import { STATE_STACK } from '../service/service.ts';
import type { AwsTarget } from '../service/target.ts';

/** Where a deployment goes. */
export interface Place {
  readonly account: string;
  readonly region: string;
}

/** What has to be known of an account before and after something is deployed to it. */
export interface Account {
  /** @throws OperationError `no-credentials`, `no-region` and others of AWS */
  place(): Promise<Place>;
  /** Of the stack that the CDK puts its files through; undefined where there is none. */
  bootstrapVersion(): Promise<number | undefined>;
  /** The names of the tables and buckets of the service that deleting its stacks leaves. */
  keptResources(): Promise<readonly KeptResource[]>;
}

export interface KeptResource {
  readonly type: 'table' | 'bucket';
  readonly name: string;
}

/** The CDK's own name for it. */
const BOOTSTRAP_STACK = 'CDKToolkit';

export const KEPT_TYPES: Readonly<Record<string, KeptResource['type']>> = {
  'AWS::DynamoDB::Table': 'table',
  'AWS::DynamoDB::GlobalTable': 'table',
  'AWS::S3::Bucket': 'bucket',
};

export function createAccount(target: AwsTarget): Account {
  const config = clientConfig(target);
  return {
    async place() {
      const sts = new STSClient(config);
      return await callAws(target, async () => {
        const region = await sts.config.region();
        const { Account: account } = await sts.send(new GetCallerIdentityCommand());
        return { account: account!, region };
      });
    },
    async bootstrapVersion() {
      const version = (await outputsOf(target, BOOTSTRAP_STACK))?.get('BootstrapVersion');
      return version === undefined ? undefined : Number(version);
    },
    async keptResources() {
      if ((await outputsOf(target, STATE_STACK)) === undefined) return [];
      const client = new CloudFormationClient(config);
      const command = new DescribeStackResourcesCommand({ StackName: STATE_STACK });
      const { StackResources = [] } = await callAws(target, () => client.send(command));
      return StackResources.flatMap(({ ResourceType, PhysicalResourceId: name }) => {
        const type = KEPT_TYPES[ResourceType ?? ''];
        return type === undefined || name === undefined ? [] : [{ type, name }];
      });
    },
  };
}
