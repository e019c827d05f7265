import { afterAll, describe, expect, it } from 'vitest';
import { UsageError } from '../../ops/command.ts';
import { parseCostArguments } from '../../ops/cost/arguments.ts';
import { type Bill, billOf } from '../../ops/cost/bill.ts';
import { proposals, savings } from '../../ops/cost/choices.ts';
import { estimate, TARGETS } from '../../ops/cost/estimate.ts';
import { readFacts } from '../../ops/cost/facts.ts';
import { PRICES } from '../../ops/cost/prices.ts';
import { reportOf } from '../../ops/cost/report.ts';
import { FREE_TYPES, PRICED_TYPES } from '../../ops/cost/resource-types.ts';
import { unitsOf } from '../../ops/cost/table-units.ts';
import { DEFAULT_USAGE, subscriberSeconds, tracesOf } from '../../ops/cost/usage.ts';
import { synthesize } from '../lib/synthesized.ts';

const app = synthesize();
afterAll(() => app[Symbol.dispose]());
const FACTS = readFacts(app.stacks);
const MONTH = 2_628_000; // seconds of 730 hours

const dollarsOf = ({ items }: Bill, service: string, what: string) =>
  items.find((item) => item.service === service && item.what.startsWith(what))?.dollars ?? 0;

describe('the facts of the template', () => {
  it('are read from it', () => {
    expect(FACTS).toMatchObject({
      shards: 4,
      polledQueues: 2,
      sweepsPerMinute: 1, // what is called once a day is not one
      smallDashboards: 1,
      largeDashboards: 0,
      sourceDays: 7,
      networks: 1,
      natGateways: 0,
      tracedShare: 0.05,
      valkey: true,
      frontFunctions: 3,
    });
    expect(FACTS.functions.process).toEqual({ memoryMb: 2048, arm: true, traced: true });
    expect(FACTS.tables.sources!.indexes).toEqual([
      { keys: ['unfinished', 'deadline'], keysOnly: true },
      { keys: ['ws-uuid', 'opened-at'], keysOnly: false, includes: ['ended-at'] },
      { keys: ['under-way', 'opened-at'], keysOnly: true },
    ]);
    using other = synthesize({ shards: 9, natGateways: 1 });
    expect(readFacts(other.stacks)).toMatchObject({ shards: 9, natGateways: 1, publicAddresses: 1 });
  });

  const stackOf = (resources: object) => ({ Stack: { Resources: resources } });
  const dashboardOf = (metrics: unknown[]) => JSON.stringify({ widgets: [{ properties: { metrics } }] });

  it('are refused where a type is in it of which nobody knows what it costs', () => {
    const surprise = { ...app.stacks, Other: { Resources: { Db: { Type: 'AWS::RDS::DBInstance', Properties: {} } } } };
    expect(() => readFacts(surprise)).toThrow(/AWS::RDS::DBInstance/);
  });

  it.each([
    ['an interface endpoint', 'AWS::EC2::VPCEndpoint', { VpcEndpointType: 'Interface' }],
    ['provisioned capacity', 'AWS::DynamoDB::Table', { BillingMode: 'PROVISIONED', KeySchema: [] }],
    ['a cache of the API', 'AWS::ApiGateway::Stage', { CacheClusterEnabled: true }],
    ['another engine', 'AWS::ElastiCache::ServerlessCache', { Engine: 'memcached' }],
    ['cron', 'AWS::Events::Rule', { ScheduleExpression: 'cron(0 3 * * ? *)' }],
    ['a schedule of more than once a day', 'AWS::Events::Rule', { ScheduleExpression: 'rate(23 hours)' }],
  ])('are refused for %s, of which there is no item', (words, Type, Properties) => {
    expect(() => readFacts(stackOf({ X: { Type, Properties } }))).toThrow(words);
  });

  it('count an alarm by the metrics that it reads, and metrics of our own once', () => {
    const metric = (Namespace: string, MetricName: string) => ({ MetricStat: { Metric: { Namespace, MetricName } } });
    const facts = readFacts({
      ...app.stacks,
      SourceUploadObserve: {
        Resources: {
          A: { Type: 'AWS::CloudWatch::Alarm', Properties: { Namespace: 'SourceUpload', MetricName: 'Lost' } },
          B: {
            Type: 'AWS::CloudWatch::Alarm',
            Properties: {
              Metrics: [{ Expression: 'a + b' }, metric('AWS/Lambda', 'Errors'), metric('AWS/Lambda', 'Errors')],
            },
          },
          C: {
            Type: 'AWS::CloudWatch::Dashboard',
            Properties: {
              DashboardBody: dashboardOf([
                ['SourceUpload', 'Lost'],
                ['SourceUpload', 'Late'],
                ['AWS/SQS', 'Age'],
              ]),
            },
          },
        },
      },
    });
    expect(facts).toMatchObject({ alarmMetrics: 3, smallDashboards: 1, customMetrics: 2 });
  });

  it('count a dashboard among the free ones up to 50 metrics, where an expression is none', () => {
    const metrics = Array.from({ length: 50 }, (_, at) => ['AWS/SQS', 'Age', 'QueueName', `queue-${at}`]);
    const factsWith = (body: unknown) =>
      readFacts({
        ...app.stacks,
        SourceUploadObserve: {
          Resources: { D: { Type: 'AWS::CloudWatch::Dashboard', Properties: { DashboardBody: body } } },
        },
      });
    const small = factsWith(dashboardOf([...metrics, [{ expression: 'a + b' }]]));
    expect(small).toMatchObject({ smallDashboards: 1, largeDashboards: 0 });
    // The second statistic of one metric: nobody says that it is free.
    const large = factsWith(dashboardOf([...metrics, metrics[0]]));
    expect(large).toMatchObject({ smallDashboards: 0, largeDashboards: 1 });
    const dollars = (facts: typeof FACTS) => {
      const bill = billOf(facts, DEFAULT_USAGE, { freeTier: true });
      return dollarsOf(bill, 'CloudWatch', 'dashboard') + dollarsOf(bill, 'Free tier', 'of dashboards');
    };
    expect([dollars(small), dollars(large), dollars(FACTS)]).toEqual([0, 3, 0]);
    const search = [{ expression: `SEARCH('{AWS/Lambda,FunctionName} MetricName="Errors"', 'Sum')` }];
    expect(() => factsWith(dashboardOf([search]))).toThrow('a dashboard with a search');
  });

  it('are known of all that the context can bring into it', () => {
    using full = synthesize({
      natGateways: 1,
      alarmEmail: 'who@example.com',
      webAcl: 'managed',
      domainName: 'x.example.com',
      certificateArn: 'arn:aws:acm:us-east-1:123456789012:certificate/00000000-0000-4000-8000-000000000000',
    });
    const facts = readFacts(full.stacks);
    expect(facts).toMatchObject({ firewalls: 1, firewallRules: 4, natGateways: 1 });
    const idle = billOf(facts, { ...DEFAULT_USAGE, uploads: 0 });
    expect(dollarsOf(idle, 'WAF', 'web ACLs') + dollarsOf(idle, 'WAF', 'rules')).toBe(9);
  });

  it('has no type both free and with a price', () => {
    expect(FREE_TYPES.filter((type) => (PRICED_TYPES as readonly string[]).includes(type))).toEqual([]);
  });
});

describe('the units of a write', () => {
  const index = (keys: string[], keysOnly = true) => ({ keys, keysOnly });
  const tables = {
    sources: {
      keys: ['source-uuid'],
      backedUp: true,
      indexes: [
        index(['unfinished', 'deadline']),
        { ...index(['ws-uuid', 'opened-at'], false), includes: ['ended-at'] },
      ],
    },
    connections: {
      keys: ['ws-uuid'],
      backedUp: true,
      indexes: [index(['connection-id'], false), index(['unannounced'], false)],
    },
  };
  const call = { function: 'f', operation: 'UpdateItem', table: 'sources', times: 1, bytes: 600, why: '' } as const;

  it.each([
    [
      'a new record: itself and one entry in each of two indexes',
      { adds: ['unfinished', 'deadline', 'ws-uuid', 'opened-at'] },
      3,
    ],
    ['the same of 1,900 bytes: two for itself', { changes: ['deadline'], bytes: 1900 }, 4],
    ['what an index holds beside its keys: itself, and the entry of any size', { adds: ['ended-at'], bytes: 1900 }, 3],
    ['an entry that goes', { adds: ['unfinished'], bytes: 1900 }, 3],
    ['nothing of an index', {}, 1],
    ['twice', { changes: ['deadline'], times: 2 }, 6],
    [
      'a whole copy in one index, and none in one whose key it has not',
      { table: 'connections', operation: 'PutItem', adds: ['ws-uuid', 'connection-id'] },
      2,
    ],
  ] as const)('%s', (_, more, writes) => {
    expect(unitsOf([{ ...call, ...more }], tables)).toEqual({ reads: 0, writes });
  });

  it('a changed key: itself, the old entry and the new one', () => {
    expect(unitsOf([{ ...call, changes: ['deadline'] }], tables)).toEqual({ reads: 0, writes: 3 });
  });

  it('and of a read: one for 4 kB, half of it where it need not be the newest', () => {
    const read = { ...call, operation: 'GetItem' } as const;
    expect(unitsOf([read, { ...read, bytes: 4097 }, { ...read, eventually: true, times: 3 }], tables)).toEqual({
      reads: 4.5,
      writes: 0,
    });
  });
});

describe('the bill', () => {
  it('of a month without use is what stands there all the time', () => {
    const { items, total } = billOf(FACTS, { ...DEFAULT_USAGE, uploads: 0 });
    const bill = { items, total };
    expect(dollarsOf(bill, 'ElastiCache', 'data')).toBeCloseTo(0.1 * 730 * 0.084, 6); // 6.13
    // Two queues, fifteen polls a minute, 43,800 minutes, 0.40 for a million.
    expect(dollarsOf(bill, 'SQS', 'asking')).toBeCloseTo(0.5256, 6);
    // 43,800 runs of 0.2 s with half a GB.
    expect(dollarsOf(bill, 'Lambda', 'compute, sweeper')).toBeCloseTo(4380 * 0.0000133334, 6);
    expect(dollarsOf(bill, 'CloudWatch', 'dashboard')).toBe(3);
    expect(dollarsOf(bill, 'Lambda', 'compute, process')).toBe(0);
    expect(dollarsOf(bill, 'CloudWatch', 'the service')).toBe(0);
    expect(total).toBeCloseTo(
      items.reduce((sum, { dollars }) => sum + dollars, 0),
      9,
    );
    expect(total).toBeLessThanOrEqual(TARGETS.idleDollars);
  });

  it('of a million uploads of 2 MB adds what they ask for', () => {
    const bill = billOf(FACTS, DEFAULT_USAGE);
    expect(dollarsOf(bill, 'API Gateway', 'REST')).toBeCloseTo(7, 9); // two requests, 3.50 for a million
    expect(dollarsOf(bill, 'API Gateway', 'open sockets')).toBeCloseTo(0.25, 9); // a minute each
    expect(dollarsOf(bill, 'CloudFront', 'files')).toBeCloseTo(40, 9); // 2,000 GB at 0.02
    expect(dollarsOf(bill, 'S3', 'writes')).toBeCloseTo(15, 9); // three files each
    expect(dollarsOf(bill, 'Lambda', 'compute, process')).toBeCloseTo(2 * 0.31 * 13.3334, 6); // 2 GB for 310 ms
    // 2.5 GB of file and text for a thousand, for 7 of 30.417 days.
    expect(dollarsOf(bill, 'S3', 'files')).toBeCloseTo(((2.5 * 1e6 * 7) / (730 / 24) / 1000) * 0.023, 6);
  });

  it('counts what is written of each record and its indexes', () => {
    const tables = {
      apikeys: { keys: ['key-hash'], backedUp: true, indexes: [] },
      channels: { keys: ['ws-uuid'], backedUp: true, indexes: [] },
      connections: { keys: ['ws-uuid'], backedUp: true, indexes: [{ keys: ['connection-id'], keysOnly: false }] },
      sources: {
        keys: ['source-uuid'],
        backedUp: true,
        indexes: [
          { keys: ['unfinished', 'deadline'], keysOnly: true },
          { keys: ['ws-uuid', 'opened-at'], keysOnly: true },
        ],
      },
    };
    const writes = (facts: typeof FACTS) => dollarsOf(billOf(facts, DEFAULT_USAGE), 'DynamoDB', 'writes');
    // Channels 1 + 2 + 1, connections 2 + 2, the source 3 accepted, 3 queued, 3 claimed, 4 ended, 4 published, 3 swept.
    expect(writes({ ...FACTS, tables })).toBeCloseTo(28 * 0.625, 9);
    expect(writes(FACTS)).toBeGreaterThanOrEqual(28 * 0.625 - 1e-9);
  });

  it('follows the template: memory, architecture, retention and tracing', () => {
    const base = billOf(FACTS, DEFAULT_USAGE);
    const functions = { ...FACTS.functions, process: { memoryMb: 1024, arm: false, traced: false } };
    const other = billOf({ ...FACTS, functions, sourceDays: 14, logDays: 60 }, DEFAULT_USAGE);
    expect(dollarsOf(other, 'Lambda', 'compute, process')).toBeCloseTo(310_000 * 0.0000166667, 6);
    expect(dollarsOf(other, 'S3', 'files')).toBeCloseTo(2 * dollarsOf(base, 'S3', 'files'), 6);
    expect(dollarsOf(other, 'CloudWatch', 'log, kept')).toBeCloseTo(2 * dollarsOf(base, 'CloudWatch', 'log, kept'), 6);
    // One in twenty of two million calls, 5.00 for a million.
    expect(dollarsOf(other, 'X-Ray', 'traces')).toBeCloseTo(0.5, 9);
    const all = billOf({ ...FACTS, tracedShare: undefined }, DEFAULT_USAGE);
    expect(dollarsOf(all, 'X-Ray', 'traces')).toBeGreaterThan(dollarsOf(base, 'X-Ray', 'traces') + 5);
  });

  it('is less by what is free, once for each price and never more than was used', () => {
    const usage = { ...DEFAULT_USAGE, uploads: 120_000 };
    const free = billOf(FACTS, usage, { freeTier: true });
    const saved = (what: string) =>
      free.items.filter((item) => item.service === 'Free tier' && item.what.endsWith(` ${what}`));
    expect(saved('lambdaRequest').map(({ quantity }) => quantity)).toEqual([-883_800]); // seven each, and the sweeper: all of it
    expect(saved('lambdaArmGbSecond').map(({ quantity }) => quantity)).toEqual([-400_000]); // of several functions
    expect(saved('restRequest')).toEqual([]);
    expect(free.total).toBeLessThan(billOf(FACTS, usage).total);
    for (const { price } of free.items) {
      const paid = free.items.filter((item) => item.price === price).reduce((sum, { dollars }) => sum + dollars, 0);
      expect.soft(paid, price).toBeGreaterThanOrEqual(-1e-9);
    }
  });

  it('has a secret where addresses of sockets are signed, and no cache where a Redis of yours is named', () => {
    using channels = synthesize({ socketAuth: 'channel' });
    const idle = { ...DEFAULT_USAGE, uploads: 0 };
    expect(billOf(FACTS, idle).total - billOf(readFacts(channels.stacks), idle).total).toBeCloseTo(0.4, 9);
    expect(dollarsOf(billOf({ ...FACTS, caches: 0 }, DEFAULT_USAGE), 'ElastiCache', '')).toBe(0);
  });

  it('refuses a template without what an upload needs', () => {
    const { process: _, ...functions } = FACTS.functions;
    expect(() => billOf({ ...FACTS, functions }, DEFAULT_USAGE)).toThrow('no function process');
    const { sources: __, ...tables } = FACTS.tables;
    expect(() => billOf({ ...FACTS, tables }, DEFAULT_USAGE)).toThrow('no table sources');
  });
});

describe('the time of the subscribers', () => {
  it('is that of each upload where they are far apart', () => {
    const usage = { ...DEFAULT_USAGE, uploads: 100, processMs: 700 };
    // 2.3 s after the connect, 0.7 + 1 + 2.3 s after the upload.
    expect(subscriberSeconds(usage, 4) / 100).toBeCloseTo(6.3, 1);
  });

  it('is never more than all of the month, for each shard', () => {
    expect(subscriberSeconds({ ...DEFAULT_USAGE, uploads: 1e9 }, 4)).toBeCloseTo(4 * MONTH, 0);
    const one = subscriberSeconds(DEFAULT_USAGE, 1);
    expect(one).toBeLessThan(MONTH);
    expect(subscriberSeconds(DEFAULT_USAGE, 4)).toBeGreaterThan(one);
  });
});

it('traces one call of a second, and a twentieth of the others', () => {
  expect(tracesOf(1000) / 1000).toBeCloseTo(1, 2);
  expect(tracesOf(1e9)).toBeCloseTo(MONTH + 0.05 * (1e9 - MONTH), -3);
});

describe('the choices', () => {
  it('say what the design saves', () => {
    const saved = Object.fromEntries(
      savings(FACTS, DEFAULT_USAGE).map(({ what, dollars }) => [what.split(',')[0], dollars]),
    );
    expect(saved['no NAT gateway']).toBeCloseTo(2 * 730 * (0.045 + 0.005), 6);
    const held = (1e6 * 6000) / (730 / 24) / 1e9;
    expect(saved.Valkey).toBeCloseTo(730 * (0.125 - Math.max(0.1, held) * 0.084), 4);
  });

  it('say so of nothing that the stacks do not have', () => {
    const said = (facts: typeof FACTS) => savings(facts, DEFAULT_USAGE).map(({ what }) => what);
    const without = (facts: typeof FACTS) =>
      said(FACTS)
        .filter((each) => !said(facts).includes(each))
        .map((each) => each.split(',')[0]);
    using gateways = synthesize({ natGateways: 2, redisUrl: 'rediss://redis.example.com:6379' });
    expect(without(readFacts(gateways.stacks))).toEqual(['no NAT gateway', 'Valkey']);
    using theirs = synthesize({ vpcId: 'vpc-0a1b2c3d', subnetIds: 'subnet-0a1b2c3d,subnet-1a2b3c4d' });
    expect(without(readFacts(theirs.stacks))).toEqual([
      'no NAT gateway',
      'S3 and DynamoDB through gateways of the VPC',
    ]);
    expect(without({ ...FACTS, valkey: false, tracedShare: undefined })).toEqual([
      'Valkey',
      'traces of a twentieth of the HTTP calls and what they lead to',
    ]);
    const functions = Object.entries(FACTS.functions).map(([name, fn]) => [name, { ...fn, arm: false }]);
    expect(without({ ...FACTS, functions: Object.fromEntries(functions) })).toEqual(['arm64 instead of x86']);
    expect(said(FACTS)).toHaveLength(7);
  });

  it('and what would be cheaper: each by itself, and all, which is less than their sum', () => {
    const { each, all } = proposals(FACTS, DEFAULT_USAGE);
    expect(each[0]).toMatchObject({ dollars: expect.closeTo(40, 6), what: expect.stringContaining('parts') });
    expect(all).toBeLessThan(each.reduce((sum, { dollars }) => sum + dollars, 0));
    expect(all).toBeGreaterThan(40);
  });
});

describe('npm run cost', () => {
  it('tells which target is missed, by what, and how old its prices are', () => {
    const text = reportOf(estimate(FACTS, DEFAULT_USAGE));
    expect(text).toMatch(/a million uploads beside it +\$\d+\.\d\d +target \$50\.00: (met|MISSED)/);
    expect(text).toMatch(/CloudFront +files on their way to the API +2,000 +GB +\$40\.00 +\$0\.00/);
    expect(text).toContain('check them there');
    for (const line of text.split('\n')) expect.soft(line.length).toBeLessThan(150);
  });

  it('says that a target is met only where it is', () => {
    const small = { ...FACTS, alarmMetrics: 0, smallDashboards: 0 };
    expect(estimate(small, DEFAULT_USAGE).met).toEqual({ idle: true, million: false });
    expect(estimate({ ...FACTS, natGateways: 1 }, DEFAULT_USAGE).met.idle).toBe(false);
    expect(reportOf(estimate(small, DEFAULT_USAGE))).toMatch(
      /Most of a million uploads:\n +\$40\.00 {2}CloudFront, files/,
    );
  });

  it('judges a million uploads, however many the month has', () => {
    expect(estimate(FACTS, { ...DEFAULT_USAGE, uploads: 10 }).million).toBe(estimate(FACTS, DEFAULT_USAGE).million);
  });

  it('takes what it is given, and a million uploads of 2 MB where it is given nothing', () => {
    expect(parseCostArguments([], ['shards'])!.usage).toEqual(DEFAULT_USAGE);
    expect(
      parseCostArguments(
        [
          ...['--uploads', '5', '--avg-mb', '0.5', '--inline-share', '0', '--socket-seconds', '1', '--process-ms', '9'],
          ...['-c', 'shards=1', '--json', '--check', '--free-tier'],
        ],
        ['shards'],
      ),
    ).toEqual({
      usage: { uploads: 5, averageMb: 0.5, inlineShare: 0, socketSeconds: 1, processMs: 9 },
      freeTier: true,
      json: true,
      check: true,
      context: { shards: '1' },
    });
    expect(parseCostArguments(['--help'], [])).toBeUndefined();
  });

  it.each([
    [['--uploads', '-1']],
    [['--uploads', '1.5']],
    [['--avg-mb', 'two']],
    [['--inline-share', '2']],
    [['--process-ms', '300001']],
    [['-c', 'shard=1']],
    [['all']],
  ])('refuses %j', (args) => {
    expect(() => parseCostArguments(args, ['shards'])).toThrow(UsageError);
  });

  it('has for every price a page to check it on', () => {
    for (const { page, dollars } of Object.values(PRICES)) {
      expect.soft(page).toMatch(/^aws\.amazon\.com\//);
      expect.soft(dollars).toBeGreaterThan(0);
    }
  });
});
