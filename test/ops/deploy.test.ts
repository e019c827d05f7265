import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { UsageError } from '../../ops/command.ts';
import type { Account, KeptResource } from '../../ops/deployment/account.ts';
import { parseDeployArguments, parseDestroyArguments } from '../../ops/deployment/arguments.ts';
import { createCdk, shown } from '../../ops/deployment/cdk.ts';
import { contextNames } from '../../ops/deployment/context.ts';
import { deploy, LEAST_BOOTSTRAP_VERSION } from '../../ops/deployment/deploy.ts';
import { destroy, KEPT_ROLE } from '../../ops/deployment/destroy.ts';
import { synthesize } from '../lib/synthesized.ts';

const root = mkdtempSync(join(tmpdir(), 'deploy-'));
const outputsFile = join(root, 'outputs.json');
const calls = join(root, 'calls.jsonl');
afterAll(() => rmSync(root, { recursive: true }));

const NAMES = contextNames();
const PLACE = { account: '123456789012', region: 'eu-central-1' };
const OUTPUTS = { SourceUploadFront: { Url: 'https://d1.cloudfront.net' } };

/** A program in place of the CDK's: notes how it was called, writes the outputs that it is told to, and ends as it is told to. */
const script = join(root, 'cdk.mjs');
writeFileSync(
  script,
  `import { appendFileSync, writeFileSync } from 'node:fs';
const args = process.argv.slice(2);
appendFileSync(${JSON.stringify(calls)}, JSON.stringify({ args, region: process.env.AWS_REGION }) + '\\n');
const at = args.indexOf('--outputs-file');
if (at >= 0 && process.env.FAKE_OUTPUTS) writeFileSync(args[at + 1], process.env.FAKE_OUTPUTS);
process.exit(args[0] === process.env.FAKE_FAILS ? 1 : 0);
`,
);

let printed: string[] = [];
const print = (line: string) => void printed.push(line);
beforeEach(() => {
  printed = [];
  writeFileSync(calls, '');
  rmSync(outputsFile, { force: true });
});
afterEach(() => void vi.unstubAllEnvs());

const called = () =>
  readFileSync(calls, 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as { args: string[]; region?: string });

function accountWith({
  version = LEAST_BOOTSTRAP_VERSION,
  kept = [],
}: {
  version?: number | undefined;
  kept?: KeptResource[];
} = {}): Account {
  return { place: async () => PLACE, bootstrapVersion: async () => version, keptResources: async () => kept };
}

async function run(args: string[], account: Account, { outputs = JSON.stringify(OUTPUTS), fails = '' } = {}) {
  const given = parseDeployArguments(args, NAMES)!;
  vi.stubEnv('FAKE_OUTPUTS', outputs);
  vi.stubEnv('FAKE_FAILS', fails);
  await deploy({ account, cdk: createCdk(given.target, script), print, outputsFile }, given);
}

describe('npm run deploy', () => {
  it('deploys all stacks without asking, and says where they are and what to do next', async () => {
    await run(['--region', 'eu-central-1'], accountWith());
    expect(called()).toEqual([
      {
        args: ['deploy', '--all', '--require-approval', 'never', '--outputs-file', outputsFile],
        region: 'eu-central-1',
      },
    ]);
    const text = printed.join('\n');
    expect(text).toContain('Account 123456789012, region eu-central-1.');
    expect(text).toContain('https://d1.cloudfront.net');
    expect(text).toContain('npm run api-key -- create --user 1 --deployed --region eu-central-1\n');
  });

  it('names the DNS record to make where there is a domain name, which answers nobody before', async () => {
    const front = { Url: 'https://upload.example.com', DomainTarget: 'd1.cloudfront.net' };
    await run([], accountWith(), { outputs: JSON.stringify({ SourceUploadFront: front }) });
    expect(printed.join('\n')).toMatch(/^ {2}DNS .*upload\.example\.com → d1\.cloudfront\.net$/m);
    printed = [];
    await run([], accountWith());
    expect(printed.join('\n')).not.toContain('DNS');
  });

  it('deploys to the region that it was told, whatever the environment of the CDK would make of it', async () => {
    await run(['--profile', 'p', '--bootstrap'], { ...accountWith(), bootstrapVersion: async () => undefined });
    expect(called().map(({ region }) => region)).toEqual(['eu-central-1', 'eu-central-1']);
  });

  it.each([
    ['eu-south-1', []],
    ['us-gov-west-1', []],
    ['eu-central-1', ['-c', 'webAcl=', '-c', 'webAcl=managed']],
  ])('does not go to %s with %j, where it would fail half-way', async (region, args) => {
    const elsewhere = { ...accountWith(), place: async () => ({ ...PLACE, region }) };
    await expect(run(['--bootstrap', ...args], elsewhere)).rejects.toMatchObject({
      code: 'region-unsupported',
      message: expect.stringContaining(region),
    });
    expect(called()).toEqual([]);
  });

  it('goes to us-east-1 with a firewall', async () => {
    const place = async () => ({ ...PLACE, region: 'us-east-1' });
    await run(['-c', 'webAcl=managed'], { ...accountWith(), place });
    expect(called()).toHaveLength(1);
  });

  it('passes on profile, context and whether to ask', async () => {
    await run(['--profile', 'p', '-c', 'shards=8', '--context', 'allowFetchHosts=a,b', '--ask'], accountWith());
    expect(called()[0]!.args.slice(1)).toEqual([
      ...['--all', '--require-approval', 'broadening', '--outputs-file', outputsFile],
      ...['-c', 'shards=8', '-c', 'allowFetchHosts=a,b', '--profile', 'p'],
    ]);
  });

  it('goes nowhere where the account is not prepared, and says how to prepare it', async () => {
    const unprepared: Account = { ...accountWith(), bootstrapVersion: async () => undefined };
    await expect(run(['--region', 'eu-central-1'], unprepared)).rejects.toMatchObject({
      code: 'not-bootstrapped',
      message: expect.stringContaining('npm run deploy -- --bootstrap --region eu-central-1'),
    });
    await expect(run([], accountWith({ version: LEAST_BOOTSTRAP_VERSION - 1 }))).rejects.toMatchObject({
      code: 'bootstrap-too-old',
    });
    expect(called()).toEqual([]);
  });

  it('prepares it when it is told to, and only if that is needed', async () => {
    await run(['--bootstrap'], { ...accountWith(), bootstrapVersion: async () => undefined });
    await run(['--bootstrap'], accountWith());
    expect(called().map(({ args }) => args.slice(0, 2))).toEqual([
      ['bootstrap', 'aws://123456789012/eu-central-1'],
      ['deploy', '--all'],
      ['deploy', '--all'],
    ]);
  });

  it('does not deploy where preparing failed', async () => {
    const unprepared: Account = { ...accountWith(), bootstrapVersion: async () => undefined };
    await expect(run(['--bootstrap'], unprepared, { fails: 'bootstrap' })).rejects.toMatchObject({
      code: 'cdk-failed',
    });
    expect(called()).toHaveLength(1);
  });

  it('says what to do where the CDK fails, and does not show the URL of an earlier time', async () => {
    writeFileSync(outputsFile, JSON.stringify(OUTPUTS));
    await expect(run([], accountWith(), { outputs: '', fails: 'deploy' })).rejects.toMatchObject({
      code: 'cdk-failed',
      message: expect.stringContaining('run the same command again'),
    });
    await expect(run([], accountWith(), { outputs: '' })).rejects.toMatchObject({
      message: expect.stringContaining('does not tell the URL'),
    });
    expect(printed.join()).not.toContain('cloudfront.net');
  });

  it('only says what it would do', async () => {
    await run(['--dry-run', '--region', 'eu-central-1', '-c', 'shards=8'], {
      place: () => Promise.reject(new Error('asked')),
      bootstrapVersion: () => Promise.reject(new Error('asked')),
      keptResources: () => Promise.reject(new Error('asked')),
    });
    expect(called()).toEqual([]);
    expect(printed.join('\n')).toContain(
      `AWS_REGION=eu-central-1 npx cdk deploy --all --require-approval never --outputs-file ${outputsFile} -c shards=8`,
    );
  });

  it.each([['--dry-run'], ['--bootstrap']])(
    'judges the settings before it asks AWS anything, with %s',
    async (option) => {
      const asked = () => Promise.reject(new Error('asked'));
      const nobody: Account = { place: asked, bootstrapVersion: asked, keptResources: asked };
      const sentence = /^Context value "shards" has to be a whole number from 1 to 128, not "0"\.$/;
      const refused = run([option, '-c', 'shards=8', '-c', 'shards=0'], nobody);
      await expect(refused).rejects.toThrow(sentence);
      await expect(refused).rejects.toBeInstanceOf(UsageError); // which ends with 2
      // What belongs together is judged together.
      await expect(run([option, '-c', 'certificateArn=mine'], nobody)).rejects.toThrow('"certificateArn" has to be');
      expect(called()).toEqual([]);
    },
  );

  it('shows a command as it can be pasted', () => {
    expect(shown(['-c', "a=it's b"], { where: 'deployed' })).toBe(`npx cdk -c 'a=it'\\''s b'`);
  });

  it('asks for the version of the bootstrap stack that the templates need', () => {
    using app = synthesize();
    const { artifacts } = JSON.parse(readFileSync(join(app.dir, 'manifest.json'), 'utf8'));
    const needed = Object.values<{ properties?: { requiresBootstrapStackVersion?: number } }>(artifacts)
      .map(({ properties }) => properties?.requiresBootstrapStackVersion)
      .filter((version) => version !== undefined);
    expect(Math.max(...needed)).toBe(LEAST_BOOTSTRAP_VERSION);
  });

  it.each([
    [['everything']],
    [['--region', 'here']],
    [['-c', 'shards']],
    [['-c', 'shard=8']],
    [['-c', '@aws-cdk/core:checkSecretUsage=false']],
    [['--yes']],
  ])('refuses %j', (args) => {
    expect(() => parseDeployArguments(args, NAMES)).toThrow(UsageError);
  });

  it('knows the context values by cdk.json', () => {
    expect(NAMES).toEqual(expect.arrayContaining(['shards', 'natGateways', 'allowFetchHosts']));
    expect(NAMES.join()).not.toContain('@');
  });
});

describe('npm run destroy', () => {
  const KEPT: KeptResource[] = [
    { type: 'table', name: 'sources-1' },
    { type: 'bucket', name: 'files-1' },
  ];

  async function undo(args: string[], { answer, fails = '' }: { answer?: string; fails?: string } = {}) {
    const given = parseDestroyArguments(args, NAMES)!;
    vi.stubEnv('FAKE_FAILS', fails);
    const parts = { account: accountWith({ kept: KEPT }), cdk: createCdk(given.target, script), print };
    await destroy({ ...parts, ask: async () => answer }, given);
  }

  it('deletes the stacks once account and region were typed, and names what it keeps', async () => {
    await undo(['--region', 'eu-central-1'], { answer: '123456789012/eu-central-1\n' });
    expect(called()).toEqual([{ args: ['destroy', '--all', '--force'], region: 'eu-central-1' }]);
    const text = printed.join('\n');
    expect(text).toContain('table sources-1');
    expect(text).toContain('aws s3 rb --force s3://files-1 --region eu-central-1');
    expect(text).toMatch(/role SourceUploadApi-GatewayLogsRole/);
    // A protected table refuses to be deleted.
    expect(text).toMatch(/update-table --no-deletion-protection-enabled .*sources-1.* && .*delete-table .*sources-1/);
  });

  it.each([['y'], [''], ['123456789012'], ['123456789012/us-east-1'], [undefined]])(
    'deletes nothing on the answer %j',
    async (answer) => {
      await expect(undo([], answer === undefined ? {} : { answer })).rejects.toMatchObject({ code: 'not-confirmed' });
      expect(called()).toEqual([]);
    },
  );

  it('does not ask where it is told yes, and says what to do where the CDK fails', async () => {
    await undo(['--yes']);
    expect(called()).toHaveLength(1);
    printed = [];
    await expect(undo(['--yes'], { fails: 'destroy' })).rejects.toMatchObject({
      code: 'cdk-failed',
      message: expect.stringContaining('run the same command again'),
    });
    // Their stack may be gone by then, and with it the names.
    expect(printed.join('\n')).toContain('aws s3 rb --force s3://files-1');
  });

  it('judges the settings before it asks anything', async () => {
    await expect(undo(['--yes', '-c', 'zones=0'])).rejects.toThrow('"zones" has to be');
    expect(called()).toEqual([]);
    expect(printed).toEqual([]);
  });

  it('only says what it would do', async () => {
    await undo(['--dry-run']);
    expect(called()).toEqual([]);
    expect(printed.join()).toContain('npx cdk destroy --all --force');
  });
});

describe('what the deletion of the stacks leaves', () => {
  it('is what npm run destroy names: the tables and buckets of the state, and nothing else', async () => {
    const { KEPT_TYPES } = await import('../../ops/deployment/account.ts');
    using app = synthesize();
    const kept = Object.entries(app.stacks).flatMap(([stack, { Resources }]) =>
      Object.entries<{ Type: string; DeletionPolicy?: string }>(Resources)
        .map(([id, resource]) => ({ id, ...resource }))
        .filter(({ DeletionPolicy, Type }) =>
          stack === 'SourceUploadState'
            ? Type in KEPT_TYPES || DeletionPolicy?.startsWith('Retain')
            : DeletionPolicy?.startsWith('Retain'),
        )
        .map(({ id, Type, DeletionPolicy }) => ({ stack, id, Type, DeletionPolicy })),
    );
    expect(kept.length).toBeGreaterThanOrEqual(5);
    // With them API Gateway writes the logs of all APIs of the account, those of others too; they cost nothing.
    const ofAccount = ['AWS::IAM::Role', 'AWS::ApiGateway::Account'];
    const roles = kept.filter(({ Type }) => Type === 'AWS::IAM::Role').map(({ stack, id }) => `${stack}-${id}`);
    expect(roles).toEqual([expect.stringMatching(new RegExp(`^${KEPT_ROLE}[0-9A-F]{8}$`))]);
    for (const { stack, Type, DeletionPolicy } of kept.filter((each) => !ofAccount.includes(each.Type))) {
      expect.soft(stack).toBe('SourceUploadState');
      expect.soft(Object.keys(KEPT_TYPES)).toContain(Type);
      expect.soft(DeletionPolicy).toMatch(/^Retain/);
    }
  });
});
