/** Of on-demand use in us-east-1, in US dollars, without taxes and discounts. */
export const PRICES_REGION = 'us-east-1';

/**
 * When these prices were last known to be right. They are copied from AWS's public price pages by hand: before a figure is
 * relied on they MUST be checked there, and this date be moved.
 */
export const PRICES_AS_OF = '2025-06-30';

export interface Price {
  /** For one unit. */
  readonly dollars: number;
  readonly unit: string;
  /** What AWS gives every account each month for nothing and for ever; not what a new account gets for a year. */
  readonly alwaysFree?: number;
  readonly page: string;
}

const MILLION = 1_000_000;
const LAMBDA = 'aws.amazon.com/lambda/pricing';
const API_GATEWAY = 'aws.amazon.com/api-gateway/pricing';
const DYNAMODB = 'aws.amazon.com/dynamodb/pricing/on-demand';
const S3 = 'aws.amazon.com/s3/pricing';
const CACHE = 'aws.amazon.com/elasticache/pricing';
const CLOUDFRONT = 'aws.amazon.com/cloudfront/pricing';
const CLOUDWATCH = 'aws.amazon.com/cloudwatch/pricing';
const WAF = 'aws.amazon.com/waf/pricing';
const VPC = 'aws.amazon.com/vpc/pricing';

export const PRICES = {
  lambdaRequest: { dollars: 0.2 / MILLION, unit: 'requests', alwaysFree: MILLION, page: LAMBDA },
  lambdaArmGbSecond: { dollars: 0.0000133334, unit: 'GB-s', alwaysFree: 400_000, page: LAMBDA },
  lambdaX86GbSecond: { dollars: 0.0000166667, unit: 'GB-s', alwaysFree: 400_000, page: LAMBDA },
  restRequest: { dollars: 3.5 / MILLION, unit: 'requests', page: API_GATEWAY },
  socketMessage: { dollars: 1 / MILLION, unit: 'messages', page: API_GATEWAY },
  socketMinute: { dollars: 0.25 / MILLION, unit: 'minutes', page: API_GATEWAY },
  dynamoWrite: { dollars: 0.625 / MILLION, unit: 'write units', page: DYNAMODB },
  dynamoRead: { dollars: 0.125 / MILLION, unit: 'read units', page: DYNAMODB },
  dynamoGbMonth: { dollars: 0.25, unit: 'GB-months', alwaysFree: 25, page: DYNAMODB },
  dynamoBackupGbMonth: { dollars: 0.2, unit: 'GB-months', page: DYNAMODB },
  s3Put: { dollars: 5 / MILLION, unit: 'requests', page: S3 },
  s3Get: { dollars: 0.4 / MILLION, unit: 'requests', page: S3 },
  s3GbMonth: { dollars: 0.023, unit: 'GB-months', page: S3 },
  sqsRequest: { dollars: 0.4 / MILLION, unit: 'requests', alwaysFree: MILLION, page: 'aws.amazon.com/sqs/pricing' },
  cacheGbHour: { dollars: 0.084, unit: 'GB-hours', page: CACHE }, // Valkey
  redisGbHour: { dollars: 0.125, unit: 'GB-hours', page: CACHE }, // Redis OSS
  cacheEcpu: { dollars: 0.0023 / MILLION, unit: 'ECPUs', page: CACHE },
  cacheBackupGbMonth: { dollars: 0.085, unit: 'GB-months', page: CACHE },
  frontRequest: { dollars: 1 / MILLION, unit: 'requests', alwaysFree: 10 * MILLION, page: CLOUDFRONT },
  frontFunction: { dollars: 0.1 / MILLION, unit: 'calls', alwaysFree: 2 * MILLION, page: CLOUDFRONT },
  frontGbToOrigin: { dollars: 0.02, unit: 'GB', page: CLOUDFRONT },
  frontGbOut: { dollars: 0.085, unit: 'GB', alwaysFree: 1024, page: CLOUDFRONT },
  logGb: { dollars: 0.5, unit: 'GB', alwaysFree: 5, page: CLOUDWATCH },
  logGbMonth: { dollars: 0.03, unit: 'GB-months', page: CLOUDWATCH },
  alarmMetric: { dollars: 0.1, unit: 'metrics', alwaysFree: 10, page: CLOUDWATCH },
  dashboard: { dollars: 3, unit: 'dashboards', alwaysFree: 3, page: CLOUDWATCH },
  largeDashboard: { dollars: 3, unit: 'dashboards', page: CLOUDWATCH },
  customMetric: { dollars: 0.3, unit: 'metrics', alwaysFree: 10, page: CLOUDWATCH },
  trace: { dollars: 5 / MILLION, unit: 'traces', alwaysFree: 100_000, page: 'aws.amazon.com/xray/pricing' },
  natHour: { dollars: 0.045, unit: 'hours', page: VPC },
  publicIpv4Hour: { dollars: 0.005, unit: 'hours', page: VPC },
  firewall: { dollars: 5, unit: 'web ACLs', page: WAF },
  firewallRule: { dollars: 1, unit: 'rules', page: WAF },
  firewallRequest: { dollars: 0.6 / MILLION, unit: 'requests', page: WAF },
  secret: { dollars: 0.4, unit: 'secrets', page: 'aws.amazon.com/secrets-manager/pricing' },
  encryptionKey: { dollars: 1, unit: 'keys', page: 'aws.amazon.com/kms/pricing' },
} as const satisfies Readonly<Record<string, Price>>;

export type PriceName = keyof typeof PRICES;

/** ElastiCache Serverless meters no less than this for Valkey; for Redis OSS it is 1 GB. */
export const LEAST_CACHE_GB = 0.1;

/** A month as AWS counts it. */
export const HOURS = 730;
export const MONTH_SECONDS = HOURS * 3600;
