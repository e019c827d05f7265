import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { createApp } from '../../lib/app.ts';
import { emptyBundles, synthesize } from './synthesized.ts';

const root = mkdtempSync(join(tmpdir(), 'app-'));
afterAll(() => rmSync(root, { recursive: true }));

const create = (context: Record<string, unknown> = {}) =>
  createApp({ outdir: join(root, 'cdk.out'), context, bundles: emptyBundles(root) });

describe('the app', () => {
  it('is five stacks, each after those that it needs', () => {
    const stacks = create().synth().stacksRecursively;
    const needs = stacks.map((stack) => [
      stack.stackName,
      stack.dependencies
        .filter(({ manifest }) => manifest.type === 'aws:cloudformation:stack')
        .map(({ id }) => id)
        .sort(),
    ]);
    expect(Object.fromEntries(needs)).toEqual({
      SourceUploadState: [],
      SourceUploadNetwork: [],
      SourceUploadApi: ['SourceUploadNetwork', 'SourceUploadState'],
      SourceUploadFront: ['SourceUploadApi', 'SourceUploadState'],
      SourceUploadObserve: ['SourceUploadApi', 'SourceUploadState'],
    });
  });

  it('names no account and no region and looks nothing up, so that it needs no credentials', () => {
    const assembly = create().synth();
    expect(assembly.manifest.missing ?? []).toEqual([]);
    for (const { environment } of assembly.stacks) {
      expect([environment.account, environment.region]).toEqual(['unknown-account', 'unknown-region']);
    }
  });

  it('makes the same templates every time', () => {
    using first = synthesize();
    using second = synthesize();
    expect(second.stacks).toEqual(first.stacks);
  });

  it('replaces nothing when the number of shards changes', () => {
    using four = synthesize();
    using eight = synthesize({ shards: 8 });
    const told = JSON.stringify(eight.stacks).replaceAll('"SHARDS":"8"', '"SHARDS":"4"');
    expect(JSON.parse(told)).toEqual(four.stacks);
  });
});

describe('the context', () => {
  it('takes text from the command line as well as values from cdk.json', () => {
    using app = synthesize({ shards: '8', natGateways: '1' });
    expect(app.resource('AWS::Lambda::Function', 'wsaddress').properties.Environment.Variables.SHARDS).toBe('8');
    expect(app.resources('AWS::EC2::NatGateway')).toHaveLength(1);
  });

  it('tells the fetch function how to fetch, gives it time for that, and its caller too', () => {
    using app = synthesize({
      fetchUserAgent: 'Reader/2.0 (+https://example.com/bot)',
      fetchDeadlineSeconds: '120',
      fetchConnectSeconds: 2,
      fetchIdleSeconds: 10,
      fetchRetries: 0,
      fetchPorts: '80, 443, 8080',
    });
    const { properties } = app.resource('AWS::Lambda::Function', 'FunctionsfetchFunction');
    expect(properties.Timeout).toBe(135);
    expect(properties.Environment.Variables).toMatchObject({
      FETCH_USER_AGENT: 'Reader/2.0 (+https://example.com/bot)',
      FETCH_DEADLINE_SECONDS: '120',
      FETCH_CONNECT_SECONDS: '2',
      FETCH_IDLE_SECONDS: '10',
      FETCH_RETRIES: '0',
      FETCH_PORTS: '80,443,8080',
    });
    const caller = app.resource('AWS::Lambda::Function', 'FunctionsprocessFunction').properties;
    expect(caller.Environment.Variables.FETCH_DEADLINE_SECONDS).toBe('120');
  });

  it('has its defaults in cdk.json: no NAT gateway, no host that fetch may reach in spite of its address', () => {
    const { context } = JSON.parse(readFileSync(new URL('../../cdk.json', import.meta.url), 'utf8'));
    expect(context).toMatchObject({ natGateways: 0, shards: 4, allowFetchHosts: '', socketAuth: 'token' });
  });

  it.each([
    ['shards', 0],
    ['shards', 129],
    ['shards', 'many'],
    ['shards', ''],
    ['shards', 2.5],
    ['natGateways', -1],
    ['natGateways', 3],
    ['allowFetchHosts', 7],
    ['fetchUserAgent', ''],
    ['fetchUserAgent', 'two\r\nx-lines: 1'],
    ['fetchUserAgent', 'Grüße'],
    ['fetchDeadlineSeconds', 4],
    ['fetchDeadlineSeconds', 181],
    ['fetchConnectSeconds', 0],
    ['fetchIdleSeconds', 'long'],
    ['fetchRetries', -1],
    ['fetchRetries', 11],
    ['fetchPorts', ''],
    ['fetchPorts', '80,'],
    ['fetchPorts', '0'],
    ['fetchPorts', '80,65536'],
    ['fetchPorts', 'http'],
    ['alarmEmail', 'nobody'],
    ['alarmEmail', 7],
    ['runbookUrl', ''],
    ['runbookUrl', 'https://example.com/#page'],
    ['socketAuth', 'none'],
    ['allowOrigins', 'example.com'],
    ['allowOrigins', 'https://example.com/'],
    ['allowOrigins', '*'],
    ['maxChannels', -1],
    ['maxSockets', 'many'],
    ['maxUploads', ''],
    ['certificateArn', 'arn:aws:acm:eu-central-1:123456789012:certificate/1f0c'],
    ['webAcl', 'yes'],
    ['webAcl', 'arn:aws:wafv2:eu-central-1:123456789012:regional/webacl/mine/1f0c'],
    ['webAcl', true],
    ['vpcId', 'default'],
    ['redisUrl', 'redis.example.com:6379'],
    ['redisUrl', 'https://redis.example.com'],
    ['redisUrl', 'rediss://me:secret@redis.example.com'],
    ['redisUrl', 'rediss://redis.example.com/0'],
    ['redisUrl', 'rediss://redis.example.com:0'],
  ])('refuses %s = %j, by its name', (name, value) => {
    expect(() => create({ [name]: value })).toThrow(`"${name}" has to be`);
  });

  const hosts = (bytes: number, before = '') => {
    const each = `${before}${'h'.repeat(49 - before.length)}`;
    const all = Array.from({ length: Math.ceil(bytes / 50) }, () => each).join(',');
    return `${all}${'h'.repeat(bytes - all.length)}`;
  };

  const LONGEST = {
    allowFetchHosts: hosts(2500),
    allowOrigins: hosts(2500, 'https://'),
    fetchPorts: Array.from({ length: 83 }, () => '65535').join(','),
    fetchUserAgent: 'a'.repeat(200),
    upstreamUrl: `https://sources.example.com/${'p'.repeat(2000 - 28)}`,
    runbookUrl: `https://wiki.example.com/${'p'.repeat(800 - 25)}`,
  };

  it('leaves each function below the 4 KB of variables that Lambda takes, with the longest of all lists', () => {
    using app = synthesize({ ...LONGEST, redisUrl: `rediss://${'r'.repeat(253)}:65535`, redisSecret: 's'.repeat(100) });
    // A name or an ARN that AWS makes; none of ours comes to so much.
    const made = 'n'.repeat(128);
    const measured = app.resources('AWS::Lambda::Function').map(({ properties: { FunctionName, Environment } }) => {
      const variables = Object.entries(Environment?.Variables ?? {});
      const known = variables.map(([name, value]) => [
        name,
        app.render(value).replaceAll(/\$\{[^}]+\}|AWS::\w+/g, made),
      ]);
      return [FunctionName, JSON.stringify(Object.fromEntries(known)).length] as const;
    });
    expect(measured.filter(([, length]) => length > 4096)).toEqual([]);
    // As long as this says, or the lists were not in it.
    for (const name of ['connect', 'fetch', 'process'])
      expect.soft(Object.fromEntries(measured)[`SourceUploadApi-${name}`], name).toBeGreaterThan(2800);
  });

  it('leaves the description of each alarm within the 1,024 characters of CloudWatch', () => {
    using app = synthesize(LONGEST);
    const described = app.resources('AWS::CloudWatch::Alarm').map(({ properties }) => properties.AlarmDescription);
    expect(described.filter((text) => text.length > 1024)).toEqual([]);
    expect(described.every((text) => text.includes(LONGEST.runbookUrl))).toBe(true);
  });

  it.each(['allowFetchHosts', 'allowOrigins', 'fetchPorts', 'upstreamUrl', 'runbookUrl'] as const)(
    'refuses more of %s than that, in one sentence',
    (name) => {
      const longer = `${LONGEST[name]}${{ fetchPorts: ',443' }[name as string] ?? 'x'}`;
      expect(() => create({ [name]: longer })).toThrow(
        new RegExp(`^Context value "${name}" has to be [\\d,]+ bytes at the most, not [\\d,]+: [^.]+\\.$`),
      );
    },
  );

  it('refuses what of a VPC and a Redis does not go together, and repeats no password', () => {
    const redisUrl = 'redis://redis.example.com';
    expect(() => create({ subnetIds: 'subnet-01' })).toThrow('"vpcId" has to be');
    expect(() => create({ vpcId: 'vpc-01' })).toThrow('"subnetIds" has to be');
    for (const subnetIds of ['subnet-01', 'subnet-01,subnet-01'])
      expect(() => create({ vpcId: 'vpc-01', subnetIds })).toThrow('"subnetIds" has to name two subnets or more');
    expect(() => create({ vpcId: 'vpc-01', subnetIds: 'subnet-01,subnet-02', natGateways: 1 })).toThrow(
      '"natGateways" has to be',
    );
    expect(() => create({ redisSecret: 'redis/login' })).toThrow('"redisUrl" has to be');
    expect(() => create({ redisUrl, redisSecret: 'redis/login' })).toThrow('a password needs TLS');
    expect(() => create({ redisUrl: 'rediss://host', redisSecret: 'a b' })).toThrow('"redisSecret" has to be');
    expect(() => create({ redisUrl: 'rediss://:secret@host' })).toThrow(/^(?!.*secret@).*"redisSecret"/);
  });

  it('refuses a certificate without a domain, a domain without a certificate, and what is no domain', () => {
    const certificateArn = 'arn:aws:acm:us-east-1:123456789012:certificate/1f0c';
    expect(() => create({ certificateArn })).toThrow('"domainName" has to be');
    expect(() => create({ domainName: 'upload.example.com' })).toThrow('"certificateArn" has to be');
    for (const domainName of ['https://upload.example.com', 'localhost', 'Upload.example.com', 7]) {
      expect(() => create({ domainName, certificateArn })).toThrow('"domainName" has to be');
    }
  });
});
