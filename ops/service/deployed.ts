import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SQSClient } from '@aws-sdk/client-sqs';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { OperationError } from '../command.ts';
import { callAws } from './aws-errors.ts';
import { OUTPUTS, type Service, STATE_STACK } from './service.ts';
import { type AwsTarget, awsOptions } from './target.ts';

/** For the clients of the SDK; what is left out they take from the environment and the configuration, as all AWS tools do. */
export function clientConfig({ profile, region }: AwsTarget): { readonly profile?: string; readonly region?: string } {
  return { ...(profile === undefined ? {} : { profile }), ...(region === undefined ? {} : { region }) };
}

/** The outputs of a stack; undefined where there is no such stack. @throws OperationError of AWS */
export async function outputsOf(target: AwsTarget, stack: string): Promise<ReadonlyMap<string, string> | undefined> {
  const client = new CloudFormationClient(clientConfig(target));
  try {
    const { Stacks } = await callAws(target, () => client.send(new DescribeStacksCommand({ StackName: stack })));
    const outputs = Stacks?.[0]?.Outputs ?? [];
    return new Map(outputs.map(({ OutputKey, OutputValue }) => [OutputKey!, OutputValue!]));
  } catch (error) {
    // CloudFormation has no error of its own for it.
    const { name, message } = error as Error;
    if (name === 'ValidationError' && message.includes('does not exist')) return undefined;
    throw error;
  }
}

/** @throws OperationError `not-deployed` and those of AWS */
export async function findDeployed(target: AwsTarget): Promise<Service> {
  const outputs = await outputsOf(target, STATE_STACK);
  const config = clientConfig(target);
  const sqs = new SQSClient(config);
  const region = await sqs.config.region();
  const need = (name: string): string => {
    const value = outputs?.get(name);
    if (value !== undefined) return value;
    const what = outputs
      ? `The stack ${STATE_STACK} in ${region} is older than this command`
      : `Nothing is deployed in ${region}`;
    throw new OperationError('not-deployed', `${what}. Deploy it first: npm run deploy --${awsOptions(target)}`);
  };
  return {
    name: `the deployed service (${region})`,
    dynamodb: DynamoDBDocumentClient.from(new DynamoDBClient(config)),
    sqs,
    apiKeysTable: need(OUTPUTS.apiKeysTable),
    processQueueUrl: need(OUTPUTS.processQueueUrl),
    deadLetterQueueUrl: need(OUTPUTS.deadLetterQueueUrl),
  };
}
