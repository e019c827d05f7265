import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { mockClient } from 'aws-sdk-client-mock';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { acquireLock } from '../../local/process-lock.ts';
import { writeRunning } from '../../local/running-file.ts';
import { findDeployed } from '../../ops/service/deployed.ts';
import { withService } from '../../ops/service/find-service.ts';
import { findLocal } from '../../ops/service/local.ts';
import { OUTPUTS, STATE_STACK } from '../../ops/service/service.ts';
import { targetOptions } from '../../ops/service/target.ts';
import { synthesize } from '../lib/synthesized.ts';

const TARGET = { where: 'deployed', region: 'eu-central-1' } as const;

describe('the deployed service', () => {
  const cloudFormation = mockClient(CloudFormationClient);
  afterEach(() => void cloudFormation.reset());
  afterAll(() => cloudFormation.restore());

  const error = (name: string, message: string, more: object = {}) => Object.assign(new Error(message), { name }, more);

  it('is found by the outputs of its stack', async () => {
    const Outputs = [
      { OutputKey: OUTPUTS.apiKeysTable, OutputValue: 'the-table' },
      { OutputKey: OUTPUTS.processQueueUrl, OutputValue: 'https://sqs/queue' },
      { OutputKey: OUTPUTS.deadLetterQueueUrl, OutputValue: 'https://sqs/dead' },
    ];
    cloudFormation.on(DescribeStacksCommand, { StackName: STATE_STACK }).resolves({
      Stacks: [{ StackName: STATE_STACK, CreationTime: new Date(), StackStatus: 'CREATE_COMPLETE', Outputs }],
    });
    expect(await findDeployed(TARGET)).toMatchObject({
      name: 'the deployed service (eu-central-1)',
      apiKeysTable: 'the-table',
      processQueueUrl: 'https://sqs/queue',
      deadLetterQueueUrl: 'https://sqs/dead',
    });
  });

  it('has these outputs in its template', () => {
    using app = synthesize();
    expect(Object.keys(app.stacks[STATE_STACK].Outputs)).toEqual(expect.arrayContaining(Object.values(OUTPUTS)));
  });

  it.each([
    ['not-deployed', error('ValidationError', 'Stack with id SourceUploadState does not exist'), 'npm run deploy'],
    ['no-credentials', error('CredentialsProviderError', 'Could not load credentials'), 'aws sso login'],
    ['no-credentials', error('ExpiredToken', 'The security token is expired'), 'have expired'],
    ['no-credentials', error('InvalidClientTokenId', 'The token is invalid'), 'does not know these credentials'],
    ['no-region', new Error('Region is missing'), '--region'],
    ['refused-by-aws', error('AccessDenied', 'User x may not do y'), 'User x may not do y'],
    ['aws-unreachable', error('Error', 'getaddrinfo', { code: 'ENOTFOUND' }), 'network'],
  ])('says what to do: %s', async (code, cause, hint) => {
    cloudFormation.on(DescribeStacksCommand).rejects(cause);
    await expect(findDeployed(TARGET)).rejects.toMatchObject({ code, message: expect.stringContaining(hint) });
  });

  it('is too old where it lacks an output', async () => {
    cloudFormation.on(DescribeStacksCommand).resolves({
      Stacks: [{ StackName: STATE_STACK, CreationTime: new Date(), StackStatus: 'CREATE_COMPLETE' }],
    });
    await expect(findDeployed(TARGET)).rejects.toMatchObject({
      code: 'not-deployed',
      message: expect.stringContaining('older than this command'),
    });
  });

  it('says so as well where AWS refuses what is done with the service', async () => {
    const Outputs = Object.values(OUTPUTS).map((OutputKey) => ({ OutputKey, OutputValue: 'value' }));
    cloudFormation.on(DescribeStacksCommand).resolves({
      Stacks: [{ StackName: STATE_STACK, CreationTime: new Date(), StackStatus: 'CREATE_COMPLETE', Outputs }],
    });
    const refused = () => Promise.reject(error('AccessDeniedException', 'User x may not dynamodb:Scan'));
    await expect(withService(TARGET, refused)).rejects.toMatchObject({
      code: 'refused-by-aws',
      message: expect.stringContaining('dynamodb:Scan'),
    });
  });

  it('throws what nobody foresaw as it is', async () => {
    cloudFormation.on(DescribeStacksCommand).rejects(error('Surprise', 'nobody knows'));
    await expect(findDeployed(TARGET)).rejects.toThrow('nobody knows');
  });

  it('is named in the command that is shown next', () => {
    expect(targetOptions({ where: 'deployed', profile: 'p', region: 'eu-central-1' })).toBe(
      ' --deployed --profile p --region eu-central-1',
    );
    expect(targetOptions({ where: 'local' })).toBe('');
  });
});

describe('the service on this machine', () => {
  const outputs = {
    [STATE_STACK]: {
      [OUTPUTS.apiKeysTable]: 'table',
      [OUTPUTS.processQueueUrl]: 'https://sqs.us-east-1.amazonaws.com/000000000000/queue',
      [OUTPUTS.deadLetterQueueUrl]: 'https://sqs.us-east-1.amazonaws.com/000000000000/dead',
    },
  };
  const facts = {
    pid: process.pid,
    url: 'http://localhost:1',
    lambdaUrl: 'http://127.0.0.1:2',
    faultsUrl: 'http://127.0.0.1:3',
    dynamodbUrl: 'http://127.0.0.1:4',
    sqsUrl: 'http://127.0.0.1:5',
    outputs,
    functions: {},
  };

  it('is found where it listens', async () => {
    await using running = await runningIn();
    await using _file = await writeRunning(running.dir, facts);
    expect(await findLocal(running.dir)).toMatchObject({
      apiKeysTable: 'table',
      processQueueUrl: 'http://127.0.0.1:5/000000000000/queue',
      deadLetterQueueUrl: 'http://127.0.0.1:5/000000000000/dead',
    });
  });

  it('is not there before it is ready, nor when it was killed', async () => {
    const left = mkdtempSync(join(tmpdir(), 'state-'));
    await writeRunning(left, facts); // as a killed service leaves it
    await expect(findLocal(left)).rejects.toMatchObject({
      code: 'not-running',
      message: expect.stringMatching(/Start it with npm start/),
    });
    rmSync(left, { recursive: true });
    await using running = await runningIn();
    await expect(findLocal(running.dir)).rejects.toMatchObject({
      code: 'not-running',
      message: expect.stringMatching(/just starting/),
    });
  });
});

async function runningIn() {
  const dir = mkdtempSync(join(tmpdir(), 'state-'));
  const lock = await acquireLock(join(dir, 'lock'));
  return {
    dir,
    async [Symbol.asyncDispose]() {
      await lock[Symbol.asyncDispose]();
      rmSync(dir, { recursive: true });
    },
  };
}
