import { type Clock, systemClock } from '../clock.ts';
import type { LocalLog } from '../log.ts';
import { askRedis } from './ask-redis.ts';
import { checkExternalRedis } from './external-redis.ts';
import { RedisStartError } from './redis-start-error.ts';
import { findRedisServer } from './server-binary.ts';
import { startRedisServer } from './server-process.ts';

/** Which Redis to run; without a choice it is the first that there is of `REDIS_URL`, a server on the PATH, embedded. */
export type RedisChoice = 'embedded' | 'server';

export interface RunningRedis extends AsyncDisposable {
  readonly url: string;
  readonly kind: 'external' | 'server' | 'embedded';
  /** Which one it is and its version, for the start banner. */
  readonly description: string;
  /** Loses all that it holds, scripts too. */
  lose(): Promise<void>;
}

export interface RedisOptions {
  /** Data of a server that is started here goes to a folder in it. */
  readonly stateDir: string;
  /** Default: any free one. */
  readonly port?: number;
  /** REDIS_URL and PATH are read. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly prefer?: RedisChoice;
  readonly log: LocalLog;
  readonly clock?: Clock;
}

/** @throws RedisStartError where what was asked for, by REDIS_URL, `prefer` or `port`, is not to be had. */
export async function startRedis(options: RedisOptions): Promise<RunningRedis> {
  const { env, prefer } = options;
  if (prefer === undefined && env.REDIS_URL) return useExternal(env.REDIS_URL);
  if (prefer !== 'embedded') {
    const server = await startServer(options);
    if (server !== undefined) return server;
  }
  return startEmbedded(options);
}

async function useExternal(url: string): Promise<RunningRedis> {
  const version = await checkExternalRedis(url);
  return {
    url,
    kind: 'external',
    description: `${version} at ${new URL(url).host} (REDIS_URL)`,
    lose: () => lose(url),
    // It was there before, and stays.
    async [Symbol.asyncDispose]() {},
  };
}

async function startServer({
  stateDir,
  port,
  env,
  prefer,
  log,
  clock = systemClock,
}: RedisOptions): Promise<RunningRedis | undefined> {
  const { usable, tooOld } = await findRedisServer(env.PATH ?? '');
  if (usable === undefined) {
    const found = tooOld && `${tooOld.path} is version ${tooOld.version}, and version 7 or newer is needed`;
    if (prefer === 'server' && found) throw new RedisStartError('too-old', `${found}.`);
    if (prefer === 'server')
      throw new RedisStartError('not-found', 'There is no valkey-server or redis-server on the PATH.');
    if (found) log.warn('redis', `${found}: using the embedded one.`);
    return undefined;
  }
  const server = await startRedisServer({
    binary: usable,
    stateDir,
    ...(port === undefined ? {} : { port }),
    log,
    clock,
  });
  const url = `redis://127.0.0.1:${server.port}`;
  return {
    url,
    kind: 'server',
    lose: () => lose(url),
    description: `${usable.product} ${usable.version} (${usable.path})`,
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

async function startEmbedded({ port = 0, log, clock = systemClock }: RedisOptions): Promise<RunningRedis> {
  // Its Lua takes a tenth of a second to load, which a real server should not have to wait for.
  const { startEmbeddedRedis } = await import('./embedded/server.ts');
  const embedded = await startEmbeddedRedis({
    port,
    clock,
    onDefect: (error) => log.error('redis', `the embedded server closed a connection: ${describe(error)}`),
  }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EADDRINUSE') throw error;
    throw new RedisStartError('port-busy', `Port ${port}, asked for Redis, is in use.`, { cause: error });
  });
  const url = `redis://127.0.0.1:${embedded.port}`;
  return {
    url,
    kind: 'embedded',
    lose: () => lose(url),
    description: `embedded (behaves as Redis ${embedded.version}, in memory only)`,
    [Symbol.asyncDispose]: () => embedded[Symbol.asyncDispose](),
  };
}

async function lose(url: string): Promise<void> {
  await askRedis(url, [['FLUSHALL'], ['SCRIPT', 'FLUSH']]);
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
