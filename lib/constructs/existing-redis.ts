import { Stack } from 'aws-cdk-lib';
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
  readonly #secretArn: string | undefined;

  constructor(scope: Construct, id: string, { network, url, secretName }: ExistingRedisProps) {
    super(scope, id);
    const port = url.port === '' ? 6379 : Number(url.port);
    for (const peer of [ec2.Peer.anyIpv4(), ec2.Peer.anyIpv6()]) {
      // ElastiCache Serverless has its replicas at the next port, and a client of a cluster is told of them.
      const ports = ec2.Port.tcpRange(port, Math.min(port + 1, 65_535));
      network.functions.securityGroup.addEgressRule(peer, ports, 'Redis');
    }
    this.#environment = { REDIS_URL: `${url.protocol}//${url.hostname}:${port}`, ...login(secretName) };
    this.#secretArn = secretName && arnOf(this, secretName);
  }

  grantUse(fn: ServiceFunction): void {
    if (!fn.inVpc) throw new Error(`${fn.ownName} is outside of the VPC and so could never reach Redis.`);
    for (const [name, value] of Object.entries(this.#environment)) fn.environment(name, value);
    // Secrets Manager adds six characters of its own to a name, which an ARN need not have.
    if (this.#secretArn) fn.allow(['secretsmanager:GetSecretValue'], [this.#secretArn, `${this.#secretArn}-??????`]);
  }
}

function login(secretName: string | undefined): Record<string, string> {
  return secretName === undefined ? { REDIS_LOGIN: 'none' } : { REDIS_LOGIN: 'secret', REDIS_SECRET: secretName };
}

function arnOf(scope: Construct, secret: string): string {
  if (secret.startsWith('arn:')) return secret;
  const { partition, region, account } = Stack.of(scope);
  return `arn:${partition}:secretsmanager:${region}:${account}:secret:${secret}`;
}
