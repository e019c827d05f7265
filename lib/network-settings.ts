import type { Node } from 'constructs';
import { SettingError } from './setting-error.ts';

/** What the service is to use instead of making its own. */
export interface ExistingNetwork {
  /** Has to have dual-stack subnets, a way out for IPv6, and gateway endpoints for S3 and DynamoDB. Default: one of our own. */
  readonly vpc: { readonly id: string; readonly subnetIds: readonly string[] } | undefined;
  /** A Redis or Valkey in cluster mode, of version 7 or newer. Default: a cache of our own. */
  readonly redis: ExistingRedis | undefined;
}

export interface ExistingRedis {
  /** `rediss://host:port`, or `redis://host:port` where it has no TLS. */
  readonly url: URL;
  /** Name or ARN of a secret with `username` and `password`, which is read at each login. Default: nobody logs in. */
  readonly secretName: string | undefined;
}

const SECRET_NAME = /^(arn:aws[\w-]*:secretsmanager:[\w-]+:\d{12}:secret:)?[\w/+=.@-]{1,512}$/;

/** @throws naming the context value that makes no sense. */
export function readExistingNetwork(node: Node): ExistingNetwork {
  return { vpc: vpc(node), redis: redis(node) };
}

function vpc(node: Node): ExistingNetwork['vpc'] {
  const id = text(node, 'vpcId');
  const subnetIds = text(node, 'subnetIds')
    .split(',')
    .map((each) => each.trim())
    .filter(Boolean);
  if (id === '' && subnetIds.length === 0) return undefined;
  if (!/^vpc-[0-9a-f]+$/.test(id))
    throw new SettingError(`Context value "vpcId" has to be the id of a VPC, not "${id}".`);
  if (subnetIds.length === 0 || !subnetIds.every((each) => /^subnet-[0-9a-f]+$/.test(each))) {
    throw new SettingError(
      `Context value "subnetIds" has to be ids of subnets of ${id} with commas between them, not "${subnetIds}".`,
    );
  }
  if (new Set(subnetIds).size < 2) {
    throw new SettingError('Context value "subnetIds" has to name two subnets or more, in two zones or more.');
  }
  if (Number(node.tryGetContext('natGateways')) > 0) {
    throw new SettingError(
      'Context value "natGateways" has to be 0 where "vpcId" is given: nothing is made in a VPC that is there.',
    );
  }
  return { id, subnetIds };
}

function redis(node: Node): ExistingNetwork['redis'] {
  const value = text(node, 'redisUrl');
  const secretName = text(node, 'redisSecret');
  if (value === '' && secretName === '') return undefined;
  const url = URL.parse(value);
  const plain =
    url && [url.username, url.password, url.search, url.hash, url.pathname.slice(1)].every((part) => part === '');
  // Not repeated in the error: what is refused in it may be a password.
  if (!plain || url.hostname === '' || url.port === '0' || !/^rediss?:$/.test(url.protocol)) {
    throw new SettingError(
      'Context value "redisUrl" has to be redis://host:port, or rediss://host:port for TLS, and nothing more: a password belongs into "redisSecret".',
    );
  }
  if (secretName === '') return { url, secretName: undefined };
  if (!SECRET_NAME.test(secretName)) {
    throw new SettingError(`Context value "redisSecret" has to be the name or ARN of a secret, not "${secretName}".`);
  }
  if (url.protocol !== 'rediss:') {
    throw new SettingError(
      'Context value "redisUrl" has to be rediss://… where "redisSecret" is given: a password needs TLS.',
    );
  }
  return { url, secretName };
}

function text(node: Node, name: string): string {
  const value: unknown = node.tryGetContext(name) ?? '';
  if (typeof value !== 'string')
    throw new SettingError(`Context value "${name}" has to be text, not ${JSON.stringify(value)}.`);
  return value;
}
