import { Cluster } from 'ioredis';
import type { Log } from '../../app/ports.ts';
import { clusterOptions, createConnection } from './connection.ts';
import type { Script } from './script.ts';

/** A user name and a password, made anew for each connect: a token of IAM lives 15 minutes. */
export type Credentials = () => Promise<{ readonly username: string; readonly password: string }>;

export interface RedisOptions {
  /** `redis://host:port`, or `rediss://host:port` for TLS. Always a cluster, as ElastiCache Serverless is. */
  readonly url: string;
  readonly log: Log;
  /** Where the URL holds none. Default: nobody logs in. */
  readonly credentials?: Credentials;
  /** For one attempt at a command, its connect included. Default 800 ms. */
  readonly attemptMs?: number;
  /** How long a caller is held up at the most. Default 2,000 ms. */
  readonly totalMs?: number;
  /** Default 60 s; Lambda's network forgets an idle flow after 350 s. */
  readonly maxIdleMs?: number;
  readonly now?: () => number;
}

export interface Redis extends AsyncDisposable {
  /** For a command that may safely be sent twice. Throws RedisUnavailable within `totalMs`. */
  run<T>(command: (cluster: Cluster) => Promise<T>): Promise<T>;
  runScript(script: Script, keys: readonly string[], args: readonly (string | number)[]): Promise<unknown>;
  /**
   * For a read that waits up to `blockMs`: on a connection of its own, so one at a time, and never sent again by itself.
   * When it throws, what it was sent may be pending.
   */
  block<T>(blockMs: number, command: (cluster: Cluster) => Promise<T>): Promise<T>;
  /** Closes the sockets; resolves when they are closed. What is under way is rejected. */
  dispose(): Promise<void>;
}

/** A blocking read that follows another at once goes on its connection; after any pause a fresh one is cheaper than a dead one. */
const BLOCKING_MAX_IDLE_MS = 1000;

/** Connects when first used. */
export function createRedis(options: RedisOptions): Redis {
  const { log, attemptMs = 800, totalMs = 2000, maxIdleMs = 60_000, now = Date.now } = options;
  const connect = connector(options, attemptMs);
  const commands = createConnection({ connect, log, maxIdleMs, now });
  const reads = createConnection({ connect, log, maxIdleMs: BLOCKING_MAX_IDLE_MS, now });
  const limits = { attemptMs, totalMs };
  const dispose = async () => {
    await Promise.all([commands.dispose(), reads.dispose()]);
  };
  return {
    run: (command) => commands.run(command, limits),
    runScript: (script, keys, args) => commands.run((cluster) => evaluate(cluster, script, keys, args), limits),
    block: (blockMs, command) => reads.runOnce(command, blockMs + attemptMs),
    dispose,
    [Symbol.asyncDispose]: dispose,
  };
}

function connector({ url, credentials }: RedisOptions, connectMs: number): () => Promise<Cluster> {
  const { protocol, hostname, port, username, password } = new URL(url);
  if (protocol !== 'redis:' && protocol !== 'rediss:') throw new Error(`Not a Redis URL: it begins with ${protocol}`);
  const node = { host: hostname.replace(/^\[|\]$/g, ''), port: port === '' ? 6379 : Number(port) };
  const ofUrl = {
    username: username === '' ? undefined : decodeURIComponent(username),
    password: password === '' ? undefined : decodeURIComponent(password),
  };
  return async () => {
    const login = username === '' && password === '' ? await credentials?.() : ofUrl;
    const cluster = new Cluster([node], clusterOptions({ tls: protocol === 'rediss:', connectMs, ...login }));
    // Whatever goes wrong rejects the commands; without a listener it would also end the process.
    cluster.on('error', () => undefined);
    return cluster;
  };
}

async function evaluate(
  cluster: Cluster,
  { sha, lua }: Script,
  keys: readonly string[],
  args: readonly (string | number)[],
): Promise<unknown> {
  try {
    return await cluster.evalsha(sha, keys.length, ...keys, ...args);
  } catch (error) {
    if (!(error instanceof Error) || !error.message.startsWith('NOSCRIPT')) throw error;
    return cluster.eval(lua, keys.length, ...keys, ...args);
  }
}
