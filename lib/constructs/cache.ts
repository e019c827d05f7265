import { Arn, ArnFormat, Lazy, Stack } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as elasticache from 'aws-cdk-lib/aws-elasticache';
import { Construct } from 'constructs';
import type { Network } from './network.ts';
import { accessString, type RedisUse } from './redis-access.ts';
import type { ServiceFunction } from './service-function.ts';

/** 6379 for the primaries, 6380 for the replicas, which a cluster client is told of and connects to as well. */
const REDIS_PORTS = ec2.Port.tcpRange(6379, 6380);

/**
 * What a mistake or an attack may cost at the most: about $16 a day. Where it is full, the channels go first that were not
 * used for longest; commands beyond the rate wait, and come again.
 */
const USAGE_LIMITS = {
  dataStorage: { unit: 'GB', maximum: 5 }, // some 500,000 channels of a day with 10 kB of events each
  ecpuPerSecond: { maximum: 30_000 },
} satisfies elasticache.CfnServerlessCache.CacheUsageLimitsProperty;

/** The message bus, whichever it is. */
export interface Redis {
  /** Rights and address together, for these uses only. */
  grantUse(fn: ServiceFunction, uses: readonly RedisUse[]): void;
}

/**
 * ElastiCache Serverless with Valkey, which always is a cluster and always speaks TLS. Each function is a user of its own, who
 * logs in with the function's role: there is no password.
 */
export class Cache extends Construct implements Redis {
  readonly name: string;
  readonly maxBytes = USAGE_LIMITS.dataStorage.maximum * 1e9;
  readonly maxEcpuPerSecond = USAGE_LIMITS.ecpuPerSecond.maximum;
  readonly #cache: elasticache.CfnServerlessCache;
  readonly #users = new Map<string, elasticache.CfnUser>();

  constructor(scope: Construct, id: string, { network }: { readonly network: Network }) {
    super(scope, id);
    const { vpc, securityGroup: functions, subnets } = network.functions;
    const securityGroup = new ec2.SecurityGroup(this, 'SecurityGroup', {
      vpc,
      description: 'Cache: Redis from the functions comes in, nothing goes out',
      allowAllOutbound: false,
      allowAllIpv6Outbound: false,
    });
    securityGroup.addIngressRule(functions, REDIS_PORTS, 'Redis');
    functions.addEgressRule(securityGroup, REDIS_PORTS, 'Redis');
    this.name = `${Stack.of(this).stackName.toLowerCase()}-cache`;
    const group = new elasticache.CfnUserGroup(this, 'Users', {
      engine: 'valkey',
      userGroupId: `${this.name}-users`,
      // Without the user named `default`: whoever does not log in is nobody.
      userIds: Lazy.list({ produce: () => [...this.#users.values()].map(({ ref }) => ref) }),
    });
    this.#cache = new elasticache.CfnServerlessCache(this, 'Cache', {
      serverlessCacheName: this.name,
      description: 'History, doorbells and leases of the channels',
      engine: 'valkey',
      majorEngineVersion: '8',
      subnetIds: vpc.selectSubnets(subnets).subnetIds,
      securityGroupIds: [securityGroup.securityGroupId],
      userGroupId: group.ref,
      cacheUsageLimits: USAGE_LIMITS,
      // To see afterwards what it held. The service itself recovers from the tables, not from a snapshot.
      snapshotRetentionLimit: 1,
      dailySnapshotTime: '03:00',
    });
  }

  grantUse(fn: ServiceFunction, uses: readonly RedisUse[]): void {
    if (!fn.inVpc) throw new Error(`${fn.ownName} is outside of the VPC and so could never reach the cache.`);
    const user = fn.ownName.toLowerCase();
    if (this.#users.has(user)) throw new Error(`${fn.ownName} was told before what it may do with Redis.`);
    const { userId } = this.#createUser(user, uses);
    fn.allow(['elasticache:Connect'], [this.#arn('serverlesscache', this.name), this.#arn('user', userId)]);
    fn.environment('REDIS_URL', `rediss://${this.#cache.attrEndpointAddress}:${this.#cache.attrEndpointPort}`);
    fn.environment('REDIS_LOGIN', 'iam');
    fn.environment('REDIS_CACHE', this.name);
    fn.environment('REDIS_USER', userId);
  }

  #createUser(name: string, uses: readonly RedisUse[]): elasticache.CfnUser {
    const user = new elasticache.CfnUser(this, `User-${name}`, {
      engine: 'valkey',
      // One and the same, as logging in with a role wants it.
      userId: name,
      userName: name,
      authenticationMode: { Type: 'iam' },
      accessString: accessString(uses),
    });
    // One after the other: while a change of one is taken over into the group, ElastiCache may refuse that of another.
    const previous = [...this.#users.values()].at(-1);
    if (previous) user.addResourceDependency(previous);
    this.#users.set(name, user);
    return user;
  }

  #arn(resource: 'serverlesscache' | 'user', resourceName: string): string {
    const arnFormat = ArnFormat.COLON_RESOURCE_NAME;
    return Arn.format({ service: 'elasticache', resource, resourceName, arnFormat }, Stack.of(this));
  }
}
