import { Redis } from 'ioredis';

const CONNECT_TIMEOUT_MS = 5000;

/** Asks one server a few things over a connection of its own. Throws the first error, also that of a reply. */
export async function askRedis(url: string, commands: readonly (readonly [string, ...string[]])[]): Promise<unknown[]> {
  const redis = new Redis(url, {
    lazyConnect: true,
    protocol: 2,
    connectTimeout: CONNECT_TIMEOUT_MS,
    enableReadyCheck: false,
    disableClientInfo: true,
    maxRetriesPerRequest: 0,
    retryStrategy: () => null,
  });
  let reason: Error | undefined;
  redis.on('error', (error: Error) => {
    reason ??= error;
  });
  try {
    await redis.connect();
    const replies: unknown[] = [];
    for (const [name, ...args] of commands) replies.push(await redis.call(name, ...args));
    return replies;
  } catch (error) {
    // 'Connection is closed.' says less than why.
    throw reason ?? error;
  } finally {
    redis.disconnect();
  }
}
