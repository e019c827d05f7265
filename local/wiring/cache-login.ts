import { createHash } from 'node:crypto';
import type { Clock } from '../clock.ts';
import type { AccessControl } from '../iam/access-control.ts';
import type { CredentialStore } from '../iam/credentials.ts';
import { verifyPresigned } from '../iam/signature-v4.ts';
import type { LocalLog } from '../log.ts';
import type { CheckLogin } from '../redis/login-gate.ts';
import type { RedisUser } from '../redis/start-redis.ts';
import { arn } from '../template/resource-type.ts';

export interface CacheLoginOptions {
  readonly access: AccessControl;
  readonly credentials: CredentialStore;
  readonly clock: Pick<Clock, 'now'>;
  readonly log: LocalLog;
  /** Its name in the template. */
  readonly cache: string;
  /** Who logs in with a role. Others are no matter of IAM. */
  readonly users: readonly Pick<RedisUser, 'name'>[];
}

const EMPTY_BODY = createHash('sha256').update('').digest('hex');

/**
 * Whether a login to the cache is one that ElastiCache would take: a signed request to connect as this user, whose signer's
 * role allows it. https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/auth-iam.html
 */
export function checkCacheLogin({ access, credentials, clock, log, cache, users }: CacheLoginOptions): CheckLogin {
  return (username, token) => {
    if (!users.some(({ name }) => name === username)) return true;
    const problem = problemOf(username, token);
    if (typeof problem === 'string') log.error('iam', `${username} was refused the login to ${cache}: ${problem}`);
    return problem === undefined;
  };

  function problemOf(username: string, token: string): string | object | undefined {
    if (!token.startsWith(`${cache}/?`)) return 'Its password is no signed request to this cache.';
    const target = token.slice(cache.length);
    const request = { method: 'GET', target, headers: { host: cache } };
    const verdict = verifyPresigned(request, (id) => credentials.find(id), clock.now(), EMPTY_BODY);
    if (!verdict.allowed) return verdict.message;
    const query = new URL(target, 'http://cache').searchParams;
    if (query.get('Action') !== 'connect' || query.get('User') !== username) return 'It was signed for something else.';
    const action = 'elasticache:Connect';
    const resources = [`serverlesscache:${cache}`, `user:${username}`];
    return access.refusalOf(
      verdict.principal,
      resources.map((resource) => ({ action, resource: arn(access, 'elasticache', resource) })),
    );
  }
}
