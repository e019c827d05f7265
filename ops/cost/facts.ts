import { OperationError } from '../command.ts';
import { hasSearch, isSmall } from './dashboards.ts';
import { requireKnownTypes } from './resource-types.ts';

// biome-ignore lint/suspicious/noExplicitAny: a template is JSON of every shape
type Json = any;

/** Stacks by their names, as synthesized. */
export type Templates = Readonly<Record<string, Json>>;

export interface FunctionFacts {
  readonly memoryMb: number;
  readonly arm: boolean;
  readonly traced: boolean;
}

export interface IndexFacts {
  readonly keys: readonly string[];
  readonly keysOnly: boolean;
  /** Beside the keys. */
  readonly includes?: readonly string[];
}

export interface TableFacts {
  readonly keys: readonly string[];
  readonly indexes: readonly IndexFacts[];
  readonly backedUp: boolean;
}

/** All that the bill is made of. What a template says otherwise is refused rather than guessed at. */
export interface Facts {
  /** By the names of the files in `lambdas/`. */
  readonly functions: Readonly<Record<string, FunctionFacts>>;
  /** By what they hold: `channels`, `connections`, `sources`, `apikeys`. */
  readonly tables: Readonly<Record<string, TableFacts>>;
  readonly shards: number;
  /** Queues that Lambda asks for messages all the time. */
  readonly polledQueues: number;
  /** How often a minute the sweeper is started. */
  readonly sweepsPerMinute: number;
  readonly alarmMetrics: number;
  /** Of so few metrics that they may be among those that an account has free; the others are paid for from the first on. */
  readonly smallDashboards: number;
  readonly largeDashboards: number;
  /** Metrics of the service's own that the alarms and the dashboard look at. */
  readonly customMetrics: number;
  /** Of the HTTP calls, 0 to 1. Undefined: what X-Ray takes where nobody says. */
  readonly tracedShare: number | undefined;
  readonly logDays: number;
  readonly sourceDays: number;
  /** VPCs that the service has of its own; none where it is given one. */
  readonly networks: number;
  readonly natGateways: number;
  readonly publicAddresses: number;
  readonly encryptionKeys: number;
  readonly secrets: number;
  /** That the service has of its own; none where it is given the address of a Redis. */
  readonly caches: number;
  readonly valkey: boolean;
  readonly snapshots: number;
  readonly frontFunctions: number;
  readonly firewalls: number;
  /** Of all of them; a group that AWS keeps is one. */
  readonly firewallRules: number;
}

const MINUTES_OF_DAY = 1440;

interface Resource {
  readonly id: string;
  readonly type: string;
  readonly properties: Json;
}

/** @throws OperationError `unpriced` */
export function readFacts(templates: Templates): Facts {
  const all: Resource[] = Object.values<Json>(templates).flatMap(({ Resources }) =>
    Object.entries<Json>(Resources).map(([id, { Type, Properties }]) => ({
      id,
      type: Type,
      properties: Properties ?? {},
    })),
  );
  requireKnownTypes(all.map(({ type }) => type));
  const of = (type: string) => all.filter((resource) => resource.type === type);
  refuse(of('AWS::EC2::VPCEndpoint'), ({ VpcEndpointType }) => VpcEndpointType === 'Gateway', 'an interface endpoint');
  refuse(of('AWS::ApiGateway::Stage'), ({ CacheClusterEnabled }) => CacheClusterEnabled !== true, 'a cache of the API');
  refuse(of('AWS::DynamoDB::Table'), ({ BillingMode }) => BillingMode === 'PAY_PER_REQUEST', 'provisioned capacity');
  refuse(of('AWS::ElastiCache::ServerlessCache'), ({ Engine }) => /^(valkey|redis)$/.test(Engine), 'another engine');
  refuse(of('AWS::CloudWatch::Dashboard'), (properties) => !hasSearch(properties), 'a dashboard with a search in it');
  const functions = functionsOf(of('AWS::Lambda::Function'));
  const dashboards = of('AWS::CloudWatch::Dashboard').map(({ properties }) => properties);
  const rules = of('AWS::Events::Rule');
  // A function that is called once a day costs less than a tenth of a cent a month.
  const isPriced = (rule: Json) => isOfSweeper(rule) || perMinute(rule) <= 1 / MINUTES_OF_DAY;
  refuse(rules, isPriced, 'a schedule of more than once a day');
  return {
    functions,
    tables: tablesOf(of('AWS::DynamoDB::Table')),
    shards: shardsOf(of('AWS::Lambda::Function')),
    polledQueues: of('AWS::Lambda::EventSourceMapping').length,
    sweepsPerMinute: sum(rules.map(({ properties }) => (isOfSweeper(properties) ? perMinute(properties) : 0))),
    alarmMetrics: sum(of('AWS::CloudWatch::Alarm').map(({ properties }) => metricsOfAlarm(properties))),
    smallDashboards: dashboards.filter(isSmall).length,
    largeDashboards: dashboards.filter((each) => !isSmall(each)).length,
    customMetrics: customMetricsIn([...of('AWS::CloudWatch::Alarm'), ...of('AWS::CloudWatch::Dashboard')]),
    tracedShare: of('AWS::XRay::SamplingRule').map(({ properties }) => properties.SamplingRule.FixedRate)[0],
    logDays: Math.max(0, ...of('AWS::Logs::LogGroup').map(({ properties }) => daysOf(properties.RetentionInDays))),
    sourceDays: sourceDaysOf(of('AWS::S3::Bucket')),
    networks: of('AWS::EC2::VPC').length,
    natGateways: of('AWS::EC2::NatGateway').length,
    publicAddresses: of('AWS::EC2::EIP').length,
    secrets: of('AWS::SecretsManager::Secret').length,
    encryptionKeys: of('AWS::KMS::Key').length,
    caches: of('AWS::ElastiCache::ServerlessCache').length,
    valkey: of('AWS::ElastiCache::ServerlessCache').every(({ properties }) => properties.Engine === 'valkey'),
    snapshots: sum(
      of('AWS::ElastiCache::ServerlessCache').map(({ properties }) => properties.SnapshotRetentionLimit ?? 0),
    ),
    frontFunctions: of('AWS::CloudFront::Function').length,
    firewalls: of('AWS::WAFv2::WebACL').length,
    firewallRules: sum(of('AWS::WAFv2::WebACL').map(({ properties }) => properties.Rules?.length ?? 0)),
  };
}

function refuse(resources: readonly Resource[], accepted: (properties: Json) => boolean, what: string): void {
  const other = resources.find(({ properties }) => !accepted(properties));
  if (other === undefined) return;
  throw new OperationError(
    'unpriced',
    `${other.id} is ${what}, of which the bill has no item. Add one: ops/cost/bill.ts.`,
  );
}

/** Those with a name; the one without belongs to a deployment and runs during it only. */
function functionsOf(resources: readonly Resource[]): Record<string, FunctionFacts> {
  const named = resources.filter(({ properties }) => properties.FunctionName !== undefined);
  return Object.fromEntries(
    named.map(({ properties: { FunctionName, MemorySize = 128, Architectures = ['x86_64'], TracingConfig } }) => [
      FunctionName.replace(/^\w+-/, ''),
      { memoryMb: MemorySize, arm: Architectures[0] === 'arm64', traced: TracingConfig?.Mode === 'Active' },
    ]),
  );
}

function tablesOf(resources: readonly Resource[]): Record<string, TableFacts> {
  const keys = (schema: Json): string[] => schema.map(({ AttributeName }: Json) => AttributeName);
  return Object.fromEntries(
    resources.map(({ id, properties }) => [
      id.replace(/Table[0-9A-F]{8}$/, '').toLowerCase(),
      {
        keys: keys(properties.KeySchema),
        indexes: (properties.GlobalSecondaryIndexes ?? []).map(({ KeySchema, Projection }: Json) => ({
          keys: keys(KeySchema),
          keysOnly: Projection.ProjectionType === 'KEYS_ONLY',
          ...(Projection.ProjectionType === 'INCLUDE' && { includes: Projection.NonKeyAttributes }),
        })),
        backedUp: properties.PointInTimeRecoverySpecification?.PointInTimeRecoveryEnabled === true,
      },
    ]),
  );
}

function shardsOf(functions: readonly Resource[]): number {
  const told = functions.map(({ properties }) => properties.Environment?.Variables?.SHARDS).find(Boolean);
  return Number(told ?? 1);
}

function isOfSweeper({ Targets = [] }: Json): boolean {
  return Targets.some(({ Arn }: Json) => /sweeper/.test(JSON.stringify(Arn)));
}

function perMinute({ ScheduleExpression: expression = '' }: Json): number {
  const [, count, unit] = /^rate\((\d+) (minute|hour|day)s?\)$/.exec(expression) ?? [];
  const minutes = { minute: 1, hour: 60, day: MINUTES_OF_DAY }[unit ?? ''];
  if (minutes === undefined) throw new OperationError('unpriced', `A schedule "${expression}" is not understood here.`);
  return 1 / (Number(count) * minutes);
}

/** An alarm is paid for by the metrics that it reads; an expression over them is none. */
function metricsOfAlarm({ Metrics }: Json): number {
  return Metrics === undefined ? 1 : Metrics.filter(({ Expression }: Json) => Expression === undefined).length;
}

/** Those of no service of AWS, whose namespaces begin with `AWS/`. */
function customMetricsIn(resources: readonly Resource[]): number {
  const names = new Set<string>();
  for (const { properties } of resources) {
    if (properties.Namespace && !properties.Namespace.startsWith('AWS/')) names.add(properties.MetricName);
    const body = JSON.stringify(properties.DashboardBody ?? '');
    for (const [, namespace, name] of body.matchAll(/\[\\+"([A-Za-z]\w*)\\+",\\+"(\w+)\\+"/g)) {
      if (namespace !== 'AWS') names.add(name!);
    }
  }
  return names.size;
}

/** CloudWatch keeps what has no retention for ever; here that counts as ten years. */
function daysOf(retention: number | undefined): number {
  return retention ?? 3650;
}

function sourceDaysOf(buckets: readonly Resource[]): number {
  const sources = buckets.find(({ id }) => id.startsWith('SourceFilesBucket'));
  const rules: Json[] = sources?.properties.LifecycleConfiguration?.Rules ?? [];
  const days = rules.map(({ ExpirationInDays }) => ExpirationInDays).filter((each) => each !== undefined);
  if (days.length === 0)
    throw new OperationError('unpriced', 'The bucket of sources keeps them for ever, which has no end of costs.');
  return Math.min(...days);
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
