import { LambdaClient } from '@aws-sdk/client-lambda';
import { systemClock } from '../adapters/clock.ts';
import { createDynamoApiKeys } from '../adapters/dynamodb/api-keys.ts';
import { createDynamoChannels } from '../adapters/dynamodb/channels.ts';
import { createDynamoClient } from '../adapters/dynamodb/client.ts';
import { createDynamoConnections } from '../adapters/dynamodb/connections.ts';
import { createDynamoSources } from '../adapters/dynamodb/sources.ts';
import { createExtractProcessor } from '../adapters/extract/processor.ts';
import { openUrl as openGuarded } from '../adapters/fetch/open-url.ts';
import { parseUpstreamUrl } from '../adapters/forward/upstream-url.ts';
import { createLambdaFetcher } from '../adapters/lambda/fetcher.ts';
import { createLambdaSubscriberStarter, createStarterClient } from '../adapters/lambda/subscriber-starter.ts';
import { createLog } from '../adapters/log.ts';
import { createEmfMetrics, type FlushedMetrics } from '../adapters/metrics.ts';
import { type Credentials, createRedis, type Redis } from '../adapters/redis/client.ts';
import { createRedisEventBus } from '../adapters/redis/event-bus.ts';
import { createIamCredentials } from '../adapters/redis/iam-token.ts';
import { createRedisShardReader } from '../adapters/redis/shard-reader.ts';
import { createRedisShardWatch } from '../adapters/redis/shard-watch.ts';
import { createS3Client } from '../adapters/s3/client.ts';
import { createS3SourceFiles } from '../adapters/s3/source-files.ts';
import { createApiGatewaySockets } from '../adapters/sockets/api-gateway-sockets.ts';
import { createManagementClient } from '../adapters/sockets/client.ts';
import { createSqsClient } from '../adapters/sqs/client.ts';
import { createSqsProcessQueue } from '../adapters/sqs/process-queue.ts';
import type { OpenUrl } from '../app/fetch-source.ts';
import type {
  ApiKeys,
  Channels,
  Connections,
  EventBus,
  Fetcher,
  Log,
  Processor,
  ProcessQueue,
  ShardReader,
  ShardWatch,
  SocketKeys,
  SocketKeyVersions,
  Sockets,
  SourceFiles,
  Sources,
  SubscriberStarter,
} from '../app/ports.ts';
import type { UserLimits } from '../app/user-limits.ts';

/**
 * From the environment to the ports. The only reader of `process.env`: a variable that is missing fails the function's
 * start with the variable's name. One function per port, so that a bundle holds only what its function asks for.
 */

export class MissingVariable extends Error {
  override readonly name = 'MissingVariable';
}

export function need(name: string): string {
  const value = process.env[name];
  if (value === undefined || value === '') throw new MissingVariable(`The environment variable ${name} is not set.`);
  return value;
}

export function needCount(name: string, least = 1): number {
  const count = Number(need(name));
  if (!Number.isInteger(count) || count < least) {
    throw new MissingVariable(`The environment variable ${name} must be a whole number, ${least} or more.`);
  }
  return count;
}

/** One client for all tables of a function, and one connection to Redis for all ports that use it. */
const once = <T>(make: () => T): (() => T) => {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
};

export const log: () => Log = /* @__PURE__ */ once(() =>
  createLog({ service: need('AWS_LAMBDA_FUNCTION_NAME'), level: process.env.LOG_LEVEL }),
);
export const metrics: () => FlushedMetrics = /* @__PURE__ */ once(() => createEmfMetrics({ clock: systemClock }));
const dynamo = /* @__PURE__ */ once(() => createDynamoClient());
const redis: () => Redis = /* @__PURE__ */ once(() =>
  createRedis({ url: need('REDIS_URL'), log: log(), ...redisLogin(need('REDIS_LOGIN')) }),
);

/** Said each time: a variable that is missing must not mean that nobody logs in. */
function redisLogin(how: string): { readonly credentials?: Credentials } {
  if (how === 'none') return {};
  if (how === 'secret') return { credentials: secretLogin(need('REDIS_SECRET')) };
  if (how !== 'iam') throw new MissingVariable('The environment variable REDIS_LOGIN must be iam, secret or none.');
  const user = need('REDIS_USER');
  const { credentials, region } = dynamo().config;
  return { credentials: createIamCredentials({ user, cache: need('REDIS_CACHE'), credentials, region }) };
}

/** Whoever logs in by its role starts faster without the client for secrets. */
function secretLogin(secretId: string): Credentials {
  const login = once(async () => {
    const [{ createSecretsClient }, { createSecretRedisLogin }] = await Promise.all([
      import('../adapters/secrets/client.ts'),
      import('../adapters/secrets/redis-login.ts'),
    ]);
    return createSecretRedisLogin({ client: createSecretsClient(), secretId, clock: systemClock });
  });
  return async () => (await login())();
}

export const shards = (): number => needCount('SHARDS');
export const websocketUrl = (): string => need('WEBSOCKET_URL');

/** Undefined where an address needs no token. Said each time: a variable that is missing must not open every socket. */
export const socketKeys = async (): Promise<SocketKeys | undefined> => {
  const auth = need('SOCKET_AUTH');
  if (auth === 'channel') return undefined;
  if (auth !== 'token') throw new MissingVariable('The environment variable SOCKET_AUTH must be channel or token.');
  const secretId = need('SOCKET_KEY_SECRET');
  // Only here: whoever needs no key starts faster without the client for it.
  const [{ createSecretsClient }, { createSecretSocketKeys }] = await Promise.all([
    import('../adapters/secrets/client.ts'),
    import('../adapters/secrets/socket-keys.ts'),
  ]);
  return createSecretSocketKeys({ client: createSecretsClient(), secretId, clock: systemClock });
};
export const socketKeyVersions = async (): Promise<SocketKeyVersions> => {
  const secretId = need('SOCKET_KEY_SECRET');
  const [{ createSecretsClient }, { createSecretSocketKeyVersions }] = await Promise.all([
    import('../adapters/secrets/client.ts'),
    import('../adapters/secrets/socket-key-versions.ts'),
  ]);
  return createSecretSocketKeyVersions({ client: createSecretsClient(), secretId });
};
/** Of one user; 0: any. */
export const limits = (): UserLimits => ({
  channels: needCount('MAX_CHANNELS', 0),
  sockets: needCount('MAX_SOCKETS', 0),
  uploads: needCount('MAX_UPLOADS', 0),
});
/** Of the pages that may call and connect. None: all. */
export const allowOrigins = (): readonly string[] => (process.env.ALLOW_ORIGINS ?? '').split(',').filter(Boolean);

export const apiKeys = (): ApiKeys => createDynamoApiKeys({ client: dynamo(), table: need('API_KEYS_TABLE') });
export const channels = (): Channels => createDynamoChannels({ client: dynamo(), table: need('CHANNELS_TABLE') });
export const connections = (): Connections =>
  createDynamoConnections({ client: dynamo(), table: need('CONNECTIONS_TABLE') });
export const sources = (): Sources => createDynamoSources({ client: dynamo(), table: need('SOURCES_TABLE') });

export const files = (): SourceFiles =>
  createS3SourceFiles({ client: createS3Client(), bucket: need('SOURCES_BUCKET') });
export const queue = (): ProcessQueue =>
  createSqsProcessQueue({ client: createSqsClient(), queueUrl: need('PROCESS_QUEUE_URL') });
/** Of messages that were received too often: each goes back there, or is done with. */
export const deadLetterQueue = (): Pick<ProcessQueue, 'returnAfter'> =>
  createSqsProcessQueue({ client: createSqsClient(), queueUrl: need('DEAD_LETTER_QUEUE_URL') });

export const bus = (): EventBus => createRedisEventBus(redis());
export const shardReader = (): ShardReader => createRedisShardReader(redis());
export const watch = (): ShardWatch => createRedisShardWatch(redis());
export const subscribers = (): SubscriberStarter =>
  createLambdaSubscriberStarter({ client: createStarterClient(), functionName: need('SUBSCRIBER_FUNCTION') });
export const sockets = (): Sockets =>
  createApiGatewaySockets({
    client: createManagementClient({ endpoint: need('WEBSOCKET_MANAGEMENT_URL') }),
    log: log(),
  });
export const fetcher = (): Fetcher =>
  createLambdaFetcher({
    client: new LambdaClient(),
    functionName: need('FETCH_FUNCTION'),
    clock: systemClock,
    deadlineMs: needCount('FETCH_DEADLINE_SECONDS') * 1000,
  });
/** Sources are extracted here, unless UPSTREAM_URL names a service that they are forwarded to. */
export const processor = async (files: SourceFiles): Promise<Processor> => {
  const ports = { files, clock: systemClock, log: log() };
  const url = process.env.UPSTREAM_URL ?? '';
  if (url === '') return createExtractProcessor({ ...ports, libraryPath: process.env.LD_LIBRARY_PATH });
  const upstream = upstreamOf(url);
  // Only here: its HTTP client is a third of the bundle, which all others start faster without.
  const { createForwardProcessor } = await import('../adapters/forward/processor.ts');
  return createForwardProcessor({ ...ports, upstream });
};
function upstreamOf(url: string): string {
  try {
    return parseUpstreamUrl(url);
  } catch (cause) {
    throw new MissingVariable(`The environment variable UPSTREAM_URL cannot be used: ${(cause as Error).message}.`);
  }
}
export const openUrl = (): OpenUrl => {
  const options = {
    allowHosts: (process.env.ALLOW_FETCH_HOSTS ?? '').split(',').filter(Boolean),
    ports: need('FETCH_PORTS').split(',').map(Number),
    userAgent: need('FETCH_USER_AGENT'),
    deadlineMs: needCount('FETCH_DEADLINE_SECONDS') * 1000,
    connectTimeoutMs: needCount('FETCH_CONNECT_SECONDS') * 1000,
    idleMs: needCount('FETCH_IDLE_SECONDS') * 1000,
    retries: needCount('FETCH_RETRIES', 0),
    clock: systemClock,
  };
  return (url, signal) => openGuarded(url, { ...options, signal });
};
