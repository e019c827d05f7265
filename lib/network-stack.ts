import { Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { Cache } from './constructs/cache.ts';
import { Network } from './constructs/network.ts';

export interface NetworkStackProps extends StackProps {
  readonly natGateways: number;
  readonly upstream?: URL | undefined;
}

/** Where the functions that need Redis stand, and the Redis that they need. */
export class NetworkStack extends Stack {
  readonly network: Network;
  readonly cache: Cache;

  constructor(scope: Construct, id: string, { natGateways, upstream, ...props }: NetworkStackProps) {
    super(scope, id, props);
    this.network = new Network(this, 'Network', { natGateways, upstream });
    this.cache = new Cache(this, 'Cache', { network: this.network });
  }
}
