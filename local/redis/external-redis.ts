import { askRedis } from './ask-redis.ts';
import { RedisStartError } from './redis-start-error.ts';
import { isNewEnough, MINIMUM_MAJOR_VERSION } from './server-binary.ts';

/** @returns what it is, as `Redis 7.2.4`. @throws RedisStartError when it cannot be used, and why. */
export async function checkExternalRedis(url: string): Promise<string> {
  if (!/^rediss?:\/\//.test(url) || !URL.canParse(url)) {
    throw new RedisStartError('unreachable', 'REDIS_URL is not of the form redis://host:port or rediss://host:port.');
  }
  // Never the URL itself: it may hold a password.
  const { host } = new URL(url);
  const info = await askRedis(url, [['INFO']]).then(
    ([reply]) => parseInfo(String(reply)),
    (error: Error) => {
      throw new RedisStartError('unreachable', `The Redis at ${host} (REDIS_URL) does not answer: ${error.message}`, {
        cause: error,
      });
    },
  );
  const version = info.get('valkey_version') ?? info.get('redis_version') ?? 'unknown';
  const product = info.has('valkey_version') ? 'Valkey' : 'Redis';
  if (!isNewEnough(info.get('redis_version') ?? '')) {
    throw new RedisStartError(
      'too-old',
      `The Redis at ${host} (REDIS_URL) is version ${version}, and version ${MINIMUM_MAJOR_VERSION} or newer is needed.`,
    );
  }
  if (info.get('cluster_enabled') !== '1') {
    throw new RedisStartError(
      'not-a-cluster',
      `The Redis at ${host} (REDIS_URL) is not in cluster mode, which the service needs: start it with --cluster-enabled yes and assign its slots, or unset REDIS_URL.`,
    );
  }
  return `${product} ${version}`;
}

function parseInfo(text: string): Map<string, string> {
  const facts = new Map<string, string>();
  for (const [, name, value] of text.matchAll(/^(\w+):(.*?)\r?$/gm)) facts.set(name!, value!);
  return facts;
}
