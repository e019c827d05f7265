import { Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { Cache, type Redis } from './constructs/cache.ts';
import { ExistingRedis } from './constructs/existing-redis.ts';
import { Network } from './constructs/network.ts';
import type { ExistingNetwork } from './network-settings.ts';

export interface NetworkStackProps extends StackProps {
  readonly natGateways: number;
  readonly zones: readonly number[];
  readonly upstream?: URL | undefined;
  readonly existing?: ExistingNetwork;
}

/** Where the functions that need Redis stand, and the Redis that they need. */
export class NetworkStack extends Stack {
  readonly network: Network;
  readonly redis: Redis;
  /** Where Redis is one of our own. */
  readonly cache?: Cache;

  constructor(scope: Construct, id: string, { natGateways, zones, upstream, existing, ...props }: NetworkStackProps) {
    super(scope, id, props);
    const network = new Network(this, 'Network', { natGateways, zones, upstream, existing: existing?.vpc });
    this.network = network;
    if (existing?.redis) {
      this.redis = new ExistingRedis(this, 'Redis', { network, ...existing.redis });
      return;
    }
    this.cache = new Cache(this, 'Cache', { network });
    this.redis = this.cache;
  }
}
