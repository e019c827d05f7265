import { SecretValue } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { Construct } from 'constructs';
import type { ExistingRedis as Settings } from '../network-settings.ts';
import type { Redis } from './cache.ts';
import type { Network } from './network.ts';
import type { ServiceFunction } from './service-function.ts';

export interface ExistingRedisProps extends Settings {
  readonly network: Network;
}

/** A Redis that is there already. Whose it is says who may do what in it; who may come in, too. */
export class ExistingRedis extends Construct implements Redis {
  readonly #environment: Readonly<Record<string, string>>;

  constructor(scope: Construct, id: string, { network, url, secretName }: ExistingRedisProps) {
    super(scope, id);
    const port = url.port === '' ? 6379 : Number(url.port);
    for (const peer of [ec2.Peer.anyIpv4(), ec2.Peer.anyIpv6()]) {
      // ElastiCache Serverless has its replicas at the next port, and a client of a cluster is told of them.
      network.functions.securityGroup.addEgressRule(peer, ec2.Port.tcpRange(port, port + 1), 'Redis');
    }
    this.#environment = { REDIS_URL: `${url.protocol}//${url.hostname}:${port}`, ...login(secretName) };
  }

  grantUse(fn: ServiceFunction): void {
    if (!fn.inVpc) throw new Error(`${fn.ownName} is outside of the VPC and so could never reach Redis.`);
    for (const [name, value] of Object.entries(this.#environment)) fn.environment(name, value);
  }
}

/** CloudFormation puts the password where its reference stands: it is in no template. A new password needs a deployment. */
function login(secretName: string | undefined): Record<string, string> {
  if (secretName === undefined) return { REDIS_LOGIN: 'none' };
  const field = (jsonField: string) => SecretValue.secretsManager(secretName, { jsonField }).unsafeUnwrap();
  return { REDIS_LOGIN: 'password', REDIS_USER: field('username'), REDIS_PASSWORD: field('password') };
}
