import { Stack } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as elasticache from 'aws-cdk-lib/aws-elasticache';
import { Construct } from 'constructs';
import type { Network } from './network.ts';
import type { ServiceFunction } from './service-function.ts';

/** 6379 for the primaries, 6380 for the replicas, which a cluster client is told of and connects to as well. */
const REDIS_PORTS = ec2.Port.tcpRange(6379, 6380);

/** The message bus: ElastiCache Serverless with Valkey, which always is a cluster and always speaks TLS. */
export class Cache extends Construct {
  readonly #cache: elasticache.CfnServerlessCache;

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
    this.#cache = new elasticache.CfnServerlessCache(this, 'Cache', {
      serverlessCacheName: `${Stack.of(this).stackName.toLowerCase()}-cache`,
      description: 'History, doorbells and leases of the channels',
      engine: 'valkey',
      majorEngineVersion: '8',
      subnetIds: vpc.selectSubnets(subnets).subnetIds,
      securityGroupIds: [securityGroup.securityGroupId],
    });
  }

  grantConnect(fn: ServiceFunction): void {
    if (!fn.inVpc) throw new Error(`${fn.ownName} is outside of the VPC and so could never reach the cache.`);
    fn.environment('REDIS_URL', `rediss://${this.#cache.attrEndpointAddress}:${this.#cache.attrEndpointPort}`);
  }
}
