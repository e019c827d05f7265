import { readFileSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { METRIC_UNITS, NAMESPACE, SERVICE } from '../../adapters/metrics.ts';
import { FUNCTION_NAMES } from '../../lib/bundle.ts';
import { type Json, synthesize } from './synthesized.ts';

const app = synthesize({ alarmEmail: 'on-call@example.com', runbookUrl: 'https://wiki.example.com/runbook' });
const plain = synthesize();
afterAll(() => {
  app[Symbol.dispose]();
  plain[Symbol.dispose]();
});

interface Stat {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: Readonly<Record<string, string>>;
  readonly statistic: string;
}

function statOf({ Metric, Stat }: Json): Stat {
  const dimensions = (Metric.Dimensions ?? []).map(({ Name, Value }: Json) => [Name, app.render(Value)]);
  return {
    namespace: Metric.Namespace,
    name: Metric.MetricName,
    dimensions: Object.fromEntries(dimensions),
    statistic: Stat,
  };
}

/** Every metric that an alarm is made of, whether it has one or a formula. */
function statsOf(properties: Json): Stat[] {
  if (properties.Metrics)
    return properties.Metrics.filter(({ MetricStat }: Json) => MetricStat).map((each: Json) => statOf(each.MetricStat));
  const { Statistic, ExtendedStatistic } = properties;
  return [statOf({ Metric: properties, Stat: Statistic ?? ExtendedStatistic })];
}

interface AlarmOfTemplate {
  readonly name: string;
  readonly stats: readonly Stat[];
  readonly expression: string | undefined;
  readonly [property: string]: Json;
}

const alarms = app.resources('AWS::CloudWatch::Alarm').map(
  ({ properties }): AlarmOfTemplate => ({
    ...properties,
    name: String(properties.AlarmName).replace('SourceUploadObserve-', ''),
    stats: statsOf(properties),
    expression: properties.Metrics?.find(({ Expression }: Json) => Expression)?.Expression,
  }),
);

const alarm = (name: string): AlarmOfTemplate => alarms.find((each) => each.name === name)!;

describe('the alarms', () => {
  it('are those of the runbook, and cost no more than $2 a month', () => {
    expect(alarms.map(({ name }) => name).sort()).toEqual([
      'api-errors',
      'dead-letters',
      'delivery-lag',
      'dynamodb-throttled',
      'function-errors',
      'lambda-throttled',
      'queue-age',
      'redis-limits',
      'redis-throttled',
      'sources-given-up',
      'sweep-failing',
      'sweeper-not-running',
    ]);
    // $0.10 for each metric of five minutes, wherever it stands.
    expect(alarms.flatMap(({ stats }) => stats).length).toBeLessThanOrEqual(20);
    for (const { stats, Period, Metrics } of alarms) {
      expect(stats.length).toBeGreaterThan(0);
      const periods = Metrics ? Metrics.flatMap(({ MetricStat }: Json) => MetricStat?.Period ?? []) : [Period];
      expect(new Set(periods)).toEqual(new Set([300]));
    }
  });

  it.each(alarms.map(({ name, AlarmDescription }) => [name, AlarmDescription]))(
    '%s says what is wrong, and ends with the link to its section of the runbook',
    (name, description) => {
      expect(description).toMatch(/^[A-Z].{20,}\. https:\/\/wiki\.example\.com\/runbook#[a-z-]+$/);
      expect(description.endsWith(`#${name}`)).toBe(true);
      // A line of the heading's own, as the link that is made of it: lower case, dashes for blanks.
      const headings = [
        ...readFileSync(new URL('../../docs/runbook.md', import.meta.url), 'utf8').matchAll(/^#+ (.+)$/gm),
      ];
      const links = headings.map(([, heading]) =>
        heading!
          .toLowerCase()
          .replaceAll(/[^\w -]/g, '')
          .replaceAll(' ', '-'),
      );
      expect(links.filter((link) => link === name)).toHaveLength(1);
    },
  );

  it('without an address of the runbook name the file', () => {
    for (const { properties } of plain.resources('AWS::CloudWatch::Alarm')) {
      expect(properties.AlarmDescription).toMatch(/ docs\/runbook\.md#[a-z-]+$/);
    }
  });

  it('tell the topic when they begin and when they are over', () => {
    const topic = [`\${AlarmsTopic}`];
    for (const { AlarmActions, OKActions } of alarms) {
      expect(AlarmActions.map(app.render)).toEqual(topic);
      expect(OKActions.map(app.render)).toEqual(topic);
    }
  });

  it('take silence for good, but of the sweeper', () => {
    const silent = alarms.filter(({ TreatMissingData }) => TreatMissingData !== 'notBreaching');
    expect(silent.map(({ name, TreatMissingData }) => [name, TreatMissingData])).toEqual([
      ['sweeper-not-running', 'breaching'],
    ]);
  });

  it.each([
    ['dead-letters', 'AWS/SQS', ['NumberOfMessagesReceived'], 'Sum', 'GreaterThanThreshold', 0],
    ['sources-given-up', NAMESPACE, ['SourcesGivenUp'], 'Sum', 'GreaterThanThreshold', 0],
    ['sweeper-not-running', 'AWS/Lambda', ['Invocations', 'Errors'], 'Sum', 'LessThanThreshold', 3],
    ['sweep-failing', NAMESPACE, ['SweepPartsFailed'], 'Sum', 'GreaterThanThreshold', 3],
    ['queue-age', 'AWS/SQS', ['ApproximateAgeOfOldestMessage'], 'Maximum', 'GreaterThanThreshold', 900],
    ['delivery-lag', NAMESPACE, ['DeliveryLag'], 'p99', 'GreaterThanThreshold', 10_000],
    ['api-errors', 'AWS/ApiGateway', ['5XXError'], 'Average', 'GreaterThanThreshold', 0.05],
    ['function-errors', 'AWS/Lambda', ['Errors'], 'Sum', 'GreaterThanThreshold', 2],
    ['lambda-throttled', 'AWS/Lambda', ['Throttles'], 'Sum', 'GreaterThanThreshold', 0],
    ['redis-throttled', 'AWS/ElastiCache', ['ThrottledCmds'], 'Sum', 'GreaterThanThreshold', 0],
    [
      'dynamodb-throttled',
      'AWS/DynamoDB',
      ['ReadThrottleEvents', 'WriteThrottleEvents'],
      'Sum',
      'GreaterThanThreshold',
      0,
    ],
  ] as const)('%s looks at %s %j', (name, namespace, metrics, statistic, operator, threshold) => {
    const { stats, ComparisonOperator, Threshold } = alarm(name);
    expect([ComparisonOperator, Threshold]).toEqual([operator, threshold]);
    for (const stat of stats) expect(stat).toMatchObject({ namespace, statistic });
    expect(new Set(stats.map((stat) => stat.name))).toEqual(new Set(metrics));
  });

  it('look at what is there: functions, queue, tables, API and cache by the names that they are deployed under', () => {
    const value = (name: string) => alarm(name).stats.map(({ dimensions }) => Object.values(dimensions).join(' '));
    const deployed = app.resources('AWS::Lambda::Function').map(({ properties }) => properties.FunctionName);
    for (const name of ['sweeper-not-running', 'function-errors']) {
      for (const functionName of value(name)) expect(deployed).toContain(functionName);
    }
    expect(value('function-errors').sort()).toEqual(
      ['connect', 'process', 'subscriber'].map((name) => `SourceUploadApi-${name}`),
    );
    expect(alarm('queue-age').stats[0]!.dimensions).toEqual({ QueueName: `\${ProcessQueue.QueueName}` });
    const deadLetters = { QueueName: `\${ProcessQueueDeadLetters.QueueName}` };
    expect(alarm('dead-letters').stats[0]!.dimensions).toEqual(deadLetters);
    expect(value('dynamodb-throttled').sort()).toEqual([
      `\${ConnectionsTable}`,
      `\${SourcesTable}`,
      `\${SourcesTable}`,
    ]);
    const { Name } = app.resource('AWS::ApiGateway::RestApi').properties;
    expect(alarm('api-errors').stats[0]!.dimensions).toEqual({ ApiName: Name, Stage: 'live' });
    const { ServerlessCacheName } = app.resource('AWS::ElastiCache::ServerlessCache').properties;
    for (const name of ['redis-throttled', 'redis-limits']) {
      for (const { dimensions } of alarm(name).stats) expect(dimensions).toEqual({ clusterId: ServerlessCacheName });
    }
    expect(alarm('lambda-throttled').stats[0]!.dimensions).toEqual({});
  });

  it('hold Redis against the limits that it was given', () => {
    const { DataStorage, ECPUPerSecond } = app.resource('AWS::ElastiCache::ServerlessCache').properties
      .CacheUsageLimits;
    const { expression, Threshold } = alarm('redis-limits');
    expect(expression).toBe(
      `MAX([100 * FILL(bytes, 0) / ${DataStorage.Maximum * 1e9}, 100 * FILL(ecpu, 0) / ${ECPUPerSecond.Maximum * 300}])`,
    );
    expect(Threshold).toBe(80);
  });

  it('add up what has no value as 0', () => {
    expect(alarm('function-errors').expression).toBe('FILL(process, 0) + FILL(subscriber, 0) + FILL(connect, 0)');
    expect(alarm('sweeper-not-running').expression).toBe('FILL(runs, 0) - FILL(failed, 0)');
  });
});

describe('the topic', () => {
  it('mails to the address that is given, and to nobody where none is', () => {
    expect(app.resource('AWS::SNS::Subscription').properties).toMatchObject({
      Protocol: 'email',
      Endpoint: 'on-call@example.com',
    });
    expect(plain.resources('AWS::SNS::Subscription')).toEqual([]);
  });

  it('lets CloudWatch publish, of this account only, and nobody without TLS', () => {
    const { Statement } = app.resource('AWS::SNS::TopicPolicy').properties.PolicyDocument;
    const [allowed, ...others] = Statement.filter(({ Effect }: Json) => Effect === 'Allow');
    expect(others).toEqual([]);
    expect(allowed).toMatchObject({
      Action: 'sns:Publish',
      Principal: { Service: 'cloudwatch.amazonaws.com' },
      Condition: { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } },
    });
    expect(Statement).toContainEqual(
      expect.objectContaining({ Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } }),
    );
  });
});

describe('the dashboard', () => {
  const { DashboardBody } = app.resource('AWS::CloudWatch::Dashboard').properties;
  const { widgets } = JSON.parse(
    DashboardBody['Fn::Join'][1].map((part: Json) => (typeof part === 'string' ? part : app.render(part))).join(''),
  );
  const metrics: Json[] = widgets.flatMap(({ properties }: Json) => properties.metrics ?? []);

  it('is one, since more than three are paid for, and refers to no more metrics than a free one may', () => {
    expect(app.resources('AWS::CloudWatch::Dashboard')).toHaveLength(1);
    expect(metrics.filter(([namespace]) => typeof namespace === 'string').length).toBeLessThanOrEqual(50);
    // Nobody says how many a search counts for.
    expect(JSON.stringify(widgets)).not.toMatch(/SEARCH|SELECT/);
  });

  it('shows every metric that the service writes, under its one dimension, and no other', () => {
    const own = metrics.filter(([namespace]) => namespace === NAMESPACE);
    expect(new Set(own.map(([, name]) => name))).toEqual(new Set(Object.keys(METRIC_UNITS)));
    for (const [, , dimension, value] of own) expect([dimension, value]).toEqual(['service', SERVICE]);
  });

  const ofFunctions = (name: string) =>
    metrics
      .filter((metric) => metric[0] === 'AWS/Lambda' && metric[1] === name && metric[2] === 'FunctionName')
      .map((metric) => metric[3].replace('SourceUploadApi-', ''));

  it('shows the errors of every function, and the time of those of which nothing else tells it', () => {
    expect(ofFunctions('Errors')).toEqual(FUNCTION_NAMES);
    expect(ofFunctions('Duration')).toEqual(['connect', 'process', 'fetch']);
  });

  it('shows every metric that an alarm looks at, so that what woke somebody can be seen', () => {
    const shown = new Set(metrics.map(([namespace, name]) => `${namespace} ${name}`));
    const judged = alarms
      // Beside its own: whether the sweeper ran is in the console of Lambda; how many dead letters wait is what is shown of them.
      .filter(({ name }) => !['sweeper-not-running', 'dead-letters'].includes(name))
      .flatMap(({ stats }) => stats.map(({ namespace, name }) => `${namespace} ${name}`));
    expect(judged.filter((each) => !shown.has(each))).toEqual([]);
  });

  it('shows how every alarm stands', () => {
    const { properties } = widgets.find(({ type }: Json) => type === 'alarm');
    expect(properties.alarms).toHaveLength(alarms.length);
  });

  it('has nothing over something else', () => {
    const cells = widgets.flatMap(({ x, y, width, height }: Json) =>
      Array.from({ length: width * height }, (_, cell) => `${x + (cell % width)} ${y + Math.floor(cell / width)}`),
    );
    expect(new Set(cells).size).toBe(cells.length);
    for (const { x, width } of widgets) expect(x + width).toBeLessThanOrEqual(24);
  });
});

it('nothing else depends on who looks', () => {
  const templates = Object.entries(app.stacks).filter(([name]) => name !== 'SourceUploadObserve');
  for (const [, template] of templates) expect(JSON.stringify(template)).not.toContain('SourceUploadObserve');
});

/** Nothing that is traced calls them. */
const UNTRACED = ['connect', 'disconnect', 'message', 'rotate-socket-key', 'sweeper'];

describe('a trace', () => {
  it('is begun by one HTTP call in twenty', () => {
    const { StageName, TracingEnabled } = app.resource('AWS::ApiGateway::Stage').properties;
    expect(TracingEnabled).toBe(true);
    const { SamplingRule } = app.resource('AWS::XRay::SamplingRule').properties;
    const { Name } = app.resource('AWS::ApiGateway::RestApi').properties;
    expect(SamplingRule).toMatchObject({
      FixedRate: 0.05,
      ReservoirSize: 0,
      ServiceName: `${Name}/${StageName}`,
      ServiceType: 'AWS::ApiGateway::Stage',
    });
    expect(SamplingRule.RuleName.length).toBeLessThanOrEqual(32);
  });

  it('is kept up by all that a call leads to, and begun by nobody else', () => {
    const functions = app.resources('AWS::Lambda::Function').filter(({ stack }) => stack === 'SourceUploadApi');
    expect(functions).toHaveLength(FUNCTION_NAMES.length);
    const untraced = functions.filter(({ properties }) => properties.TracingConfig?.Mode !== 'Active');
    const names = untraced.map(({ properties }) => properties.FunctionName.replace('SourceUploadApi-', ''));
    expect(names.sort()).toEqual(UNTRACED);
  });
});
