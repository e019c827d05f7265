import { OperationError } from '../command.ts';
import type { Facts, FunctionFacts } from './facts.ts';
import { HOURS, LEAST_CACHE_GB, PRICES, type Price, type PriceName } from './prices.ts';
import * as profile from './profile.ts';
import { unitsOf } from './table-units.ts';
import { gbSeconds, keptGb, subscriberSeconds, tracesOf, type Usage } from './usage.ts';

export interface Item {
  readonly service: string;
  readonly what: string;
  readonly price: PriceName;
  readonly quantity: number;
  readonly dollars: number;
}

export interface Bill {
  readonly items: readonly Item[];
  readonly total: number;
}

type Line = readonly [service: string, what: string, price: PriceName, quantity: number];

export interface BillOptions {
  /** Less what AWS gives every account for nothing. Default: no. */
  readonly freeTier?: boolean;
}

const MINUTES = HOURS * 60;

/** @throws OperationError `unpriced` */
export function billOf(facts: Facts, usage: Usage, { freeTier = false }: BillOptions = {}): Bill {
  const lines = [
    ...computeLines(facts, usage),
    ...gatewayLines(facts, usage),
    ...tableLines(facts, usage),
    ...storageLines(facts, usage),
    ...cacheLines(facts, usage),
    ...observationLines(facts, usage),
    ...guardLines(facts, usage),
  ].filter(([, , , quantity]) => quantity > 0);
  const items = lines.map(([service, what, price, quantity]) => itemOf(service, what, price, quantity));
  const all = freeTier ? [...items, ...freeItems(items)] : items;
  return { items: all, total: all.reduce((total, { dollars }) => total + dollars, 0) };
}

function itemOf(service: string, what: string, price: PriceName, quantity: number): Item {
  return { service, what, price, quantity, dollars: quantity * PRICES[price].dollars };
}

/** Once for a price, whatever it is used for; of the two kinds of processors the one allowance is of both. */
function freeItems(items: readonly Item[]): Item[] {
  const names = new Set(items.map(({ price }) => price));
  return [...names].flatMap((name) => {
    const { alwaysFree = 0 }: Price = PRICES[name];
    const used = items.filter(({ price }) => price === name).reduce((sum, { quantity }) => sum + quantity, 0);
    const free = Math.min(used, alwaysFree);
    return free === 0 ? [] : [itemOf('Free tier', `of ${PRICES[name].unit}, ${name}`, name, -free)];
  });
}

function functionOf({ functions }: Facts, name: string): FunctionFacts {
  const found = functions[name];
  if (found) return found;
  throw new OperationError('unpriced', `The template has no function ${name}, which ops/cost/profile.ts counts on.`);
}

function computeLines(facts: Facts, usage: Usage): Line[] {
  const { uploads } = usage;
  const sweeps = facts.sweepsPerMinute * MINUTES;
  const compute = (name: string, milliseconds: number): Line => {
    const fn = functionOf(facts, name);
    return [
      'Lambda',
      `compute, ${name}`,
      fn.arm ? 'lambdaArmGbSecond' : 'lambdaX86GbSecond',
      gbSeconds(fn, milliseconds),
    ];
  };
  const perUpload = { ...profile.FUNCTION_MS, process: usage.processMs };
  const invocations = Object.keys(perUpload).length + profile.SUBSCRIBER_STARTS;
  return [
    ...Object.entries(perUpload).map(([name, milliseconds]) => compute(name, uploads * milliseconds)),
    compute('subscriber', subscriberSeconds(usage, facts.shards) * 1000),
    compute('sweeper', sweeps * profile.SWEEP_MS),
    ['Lambda', 'requests', 'lambdaRequest', uploads * invocations + sweeps],
  ];
}

function gatewayLines({ frontFunctions }: Facts, { uploads, averageMb, inlineShare, socketSeconds }: Usage): Line[] {
  const posts = profile.OTHER_CALLS['subscriber connections POST']!;
  return [
    ['API Gateway', 'REST requests', 'restRequest', uploads * profile.REST_REQUESTS],
    ['API Gateway', 'messages to sockets', 'socketMessage', uploads * posts],
    ['API Gateway', 'open sockets', 'socketMinute', (uploads * socketSeconds) / 60],
    ['CloudFront', 'requests', 'frontRequest', uploads * profile.FRONT_REQUESTS],
    ['CloudFront', 'functions', 'frontFunction', frontFunctions > 0 ? uploads * profile.FRONT_REQUESTS : 0],
    ['CloudFront', 'files on their way to the API', 'frontGbToOrigin', (uploads * inlineShare * averageMb) / 1000],
    ['CloudFront', 'answers and frames', 'frontGbOut', (uploads * profile.BYTES_OUT) / 1e9],
  ];
}

/** Records of sources are kept as long as their files; of the others there are few at one time. */
function tableLines(facts: Facts, usage: Usage): Line[] {
  const { reads, writes } = unitsOf(profile.TABLE_CALLS, facts.tables);
  const kept = keptGb(usage, SOURCE_RECORD_BYTES, facts.sourceDays);
  const backedUp = Object.values(facts.tables).some(({ backedUp }) => backedUp);
  const sweeps = facts.sweepsPerMinute * MINUTES;
  return [
    ['DynamoDB', `writes, ${writes} units an upload`, 'dynamoWrite', usage.uploads * writes],
    [
      'DynamoDB',
      `reads, ${reads} units an upload`,
      'dynamoRead',
      usage.uploads * reads + sweeps * profile.SWEEP_READ_UNITS,
    ],
    ['DynamoDB', 'records', 'dynamoGbMonth', kept],
    ['DynamoDB', 'recovery to any second', 'dynamoBackupGbMonth', backedUp ? kept : 0],
  ];
}

/** With the entry in the index of its channel. */
const SOURCE_RECORD_BYTES = 2_200;

function storageLines({ sourceDays, polledQueues }: Facts, usage: Usage): Line[] {
  const { uploads, averageMb } = usage;
  const calls = (operation: string) =>
    Object.entries(profile.OTHER_CALLS)
      .filter(([name]) => name.endsWith(` s3 ${operation}`))
      .reduce((sum, [, times]) => sum + times, 0);
  const bytes = averageMb * 1e6 * (1 + profile.TEXT_SHARE);
  return [
    ['S3', 'writes', 's3Put', uploads * calls('PutObject')],
    ['S3', 'reads', 's3Get', uploads * calls('GetObject')],
    ['S3', `files, kept for ${sourceDays} days`, 's3GbMonth', keptGb(usage, bytes, sourceDays)],
    ['SQS', 'messages', 'sqsRequest', uploads * profile.QUEUE_REQUESTS],
    ['SQS', 'asking empty queues', 'sqsRequest', polledQueues * profile.IDLE_POLLS_PER_MINUTE * MINUTES],
  ];
}

function cacheLines(facts: Facts, usage: Usage): Line[] {
  if (facts.caches === 0) return [];
  const held = keptGb(usage, profile.CHANNEL_BYTES, profile.CHANNEL_DAYS);
  const least = facts.valkey ? LEAST_CACHE_GB : 1;
  const sweeps = facts.sweepsPerMinute * MINUTES;
  const sweepCommands = facts.shards * profile.SWEEP_COMMANDS_PER_SHARD + profile.SWEEP_COMMANDS;
  const commands = usage.uploads * profile.REDIS_COMMANDS + sweeps * sweepCommands;
  return [
    [
      'ElastiCache',
      `data, ${least * 1000} MB at the least`,
      facts.valkey ? 'cacheGbHour' : 'redisGbHour',
      Math.max(least, held) * HOURS,
    ],
    ['ElastiCache', 'commands', 'cacheEcpu', commands],
    ['ElastiCache', 'snapshots', 'cacheBackupGbMonth', facts.snapshots * held],
  ];
}

function observationLines(facts: Facts, { uploads }: Usage): Line[] {
  const sweeps = facts.sweepsPerMinute * MINUTES;
  const logGb = (uploads * profile.LOG_BYTES + sweeps * profile.SWEEP_LOG_BYTES) / 1e9;
  return [
    ['CloudWatch', 'log, written', 'logGb', logGb],
    ['CloudWatch', `log, kept for ${facts.logDays} days`, 'logGbMonth', (logGb * facts.logDays) / (HOURS / 24)],
    ['CloudWatch', 'metrics that alarms read', 'alarmMetric', facts.alarmMetrics],
    ['CloudWatch', 'dashboard', 'dashboard', facts.smallDashboards],
    ['CloudWatch', 'dashboard of more than 50 metrics', 'largeDashboard', facts.largeDashboards],
    // Paid for by the hour in which they are written.
    ['CloudWatch', "the service's own metrics", 'customMetric', uploads > 0 ? facts.customMetrics : 0],
    ['X-Ray', 'traces', 'trace', traces(facts, uploads, sweeps)],
  ];
}

function traces(facts: Facts, uploads: number, sweeps: number): number {
  const { tracedShare } = facts;
  const calls = uploads * profile.REST_REQUESTS;
  const ofCalls = tracedShare === undefined ? tracesOf(calls) : tracedShare * calls;
  const traced = profile.TRACE_BEGINNERS.filter((name) => functionOf(facts, name).traced);
  return ofCalls + traced.length * tracesOf(uploads) + (functionOf(facts, 'sweeper').traced ? sweeps : 0);
}

function guardLines(facts: Facts, { uploads }: Usage): Line[] {
  const { natGateways, publicAddresses, encryptionKeys, secrets, firewalls, firewallRules } = facts;
  return [
    ['WAF', 'web ACLs', 'firewall', firewalls],
    ['WAF', 'rules', 'firewallRule', firewallRules],
    ['WAF', 'requests', 'firewallRequest', firewalls * uploads * profile.FRONT_REQUESTS],
    ['VPC', 'NAT gateways, without what they carry', 'natHour', natGateways * HOURS],
    ['VPC', 'public IPv4 addresses', 'publicIpv4Hour', publicAddresses * HOURS],
    ['KMS', 'keys', 'encryptionKey', encryptionKeys],
    ['Secrets Manager', 'key of the socket addresses', 'secret', secrets],
  ];
}
