import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SQSClient } from '@aws-sdk/client-sqs';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { openCredentialStore } from '../../local/iam/credentials.ts';
import { acquireLock, LockedError } from '../../local/process-lock.ts';
import { readRunning } from '../../local/running-file.ts';
import { OperationError } from '../command.ts';
import { OUTPUTS, type Service, STATE_STACK } from './service.ts';

/** Overridden by the tests, which start several at once. */
export const STATE_DIR = process.env.LOCAL_STATE_DIR ?? fileURLToPath(new URL('../../.local', import.meta.url));

/** @throws OperationError `not-running` */
export async function findLocal(stateDir = STATE_DIR): Promise<Service> {
  if (!(await isRunning(stateDir))) {
    throw new OperationError(
      'not-running',
      'The service is not running on this machine. Start it with npm start, or add --deployed for the one in the AWS account.',
    );
  }
  const running = await readRunning(stateDir);
  const outputs = running?.outputs?.[STATE_STACK];
  if (!running || !outputs) {
    throw new OperationError('not-running', 'The service is just starting. Try again when it says that it is ready.');
  }
  const { root } = await openCredentialStore(stateDir);
  const client = { region: 'us-east-1', credentials: root };
  const queueUrl = (output: string) => `${running.sqsUrl}${new URL(outputs[output]!).pathname}`;
  return {
    name: `the service on this machine (${running.url})`,
    dynamodb: DynamoDBDocumentClient.from(new DynamoDBClient({ ...client, endpoint: running.dynamodbUrl })),
    sqs: new SQSClient({ ...client, endpoint: running.sqsUrl, useQueueUrlAsEndpoint: false }),
    apiKeysTable: outputs[OUTPUTS.apiKeysTable]!,
    processQueueUrl: queueUrl(OUTPUTS.processQueueUrl),
    deadLetterQueueUrl: queueUrl(OUTPUTS.deadLetterQueueUrl),
  };
}

async function isRunning(stateDir: string): Promise<boolean> {
  try {
    await using _lock = await acquireLock(join(stateDir, 'lock'));
    return false;
  } catch (error) {
    if (error instanceof LockedError) return true;
    throw error;
  }
}
