import { type Clock, systemClock } from '../clock.ts';
import type { HttpFaults } from '../faults/http-faults.ts';
import type { LocalLog } from '../log.ts';
import { askRedis } from './ask-redis.ts';
import { checkExternalRedis } from './external-redis.ts';
import { type LastRedis, lastRedis } from './last-redis.ts';
import type { CheckLogin } from './login-gate.ts';
import { type RedisProxy, startRedisProxy } from './proxy.ts';
import { RedisStartError } from './redis-start-error.ts';
import { findRedisServer } from './server-binary.ts';
import { claimServiceKeys, loseServiceKeys } from './service-keys.ts';
import { type SupervisedServer, startSupervisedServer } from './supervised-server.ts';

/** Which Redis to run; without a choice it is the first that there is of `REDIS_URL`, a server on the PATH, embedded. */
export type RedisChoice = 'embedded' | 'server';

/** Somebody who logs in. */
export interface RedisUser {
  readonly name: string;
  /** As ACL SETUSER and ElastiCache write them. */
  readonly accessString: string;
}

export interface RunningRedis extends AsyncDisposable {
  readonly url: string;
  readonly kind: 'external' | 'server' | 'embedded';
  /** Which one it is and its version, for the start banner. */
  readonly description: string;
  /** From now on these may log in, with any password that `checkLogins` takes, and then do only what their rules say. */
  setUsers(users: readonly RedisUser[]): Promise<void>;
  /** From now on each login is looked at. A Redis that was not started here asks for a password of its own. */
  checkLogins(check: CheckLogin): void;
  /** Loses all that it holds of the service, scripts too. */
  lose(): Promise<void>;
  /** Its process, where it is one that was started here. */
  readonly server?: Pick<SupervisedServer, 'kill' | 'stop' | 'continue'>;
  /** From then on its faults can be set, or are refused with a reason. */
  join(faults: HttpFaults): void;
}

const HOST = '127.0.0.1';

export interface RedisOptions {
  /** Data of a server that is started here goes to a folder in it, and which Redis it was last used with to a file. */
  readonly stateDir: string;
  /** Default: any free one. */
  readonly port?: number;
  /** REDIS_URL and PATH are read. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly prefer?: RedisChoice;
  readonly log: LocalLog;
  readonly clock?: Clock;
}

/**
 * It holds what this folder published to it, or nothing: where another one was used since, what it held is dropped, so that the
 * service takes it for lost and restores it.
 * @throws RedisStartError where what was asked for, by REDIS_URL, `prefer` or `port`, is not to be had.
 */
export async function startRedis(options: RedisOptions): Promise<RunningRedis> {
  const { env, prefer, port, stateDir } = options;
  const last = lastRedis(stateDir);
  if (prefer === undefined && env.REDIS_URL) return useExternal(env.REDIS_URL, stateDir, last);
  await using starting = new AsyncDisposableStack();
  const proxy = starting.use(await startProxy(port));
  const { port: behind, ...node } = await startNode(options, proxy.port, last);
  starting.use(node);
  await last.note(node.kind);
  proxy.forwardTo(behind);
  const running = starting.move();
  return {
    ...node,
    url: `redis://${HOST}:${proxy.port}`,
    // Past the proxy, and so past the faults.
    setUsers: (users) => setUsers(`redis://${HOST}:${behind}`, users, node.kind),
    checkLogins: (check) => proxy.checkLogins(check),
    lose: () => lose(`redis://${HOST}:${behind}`),
    join: (faults) => proxy.join(faults),
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}

async function startProxy(port?: number): Promise<RedisProxy> {
  try {
    return await startRedisProxy(port);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw cause;
    throw new RedisStartError('port-busy', `Port ${port}, asked for Redis, is in use.`, { cause });
  }
}

/** What the proxy leads to. */
interface Node extends Pick<RunningRedis, 'kind' | 'description' | 'server'>, AsyncDisposable {
  readonly port: number;
}

async function startNode(options: RedisOptions, announcedPort: number, last: LastRedis): Promise<Node> {
  const server = options.prefer === 'embedded' ? undefined : await startServer(options, announcedPort, last);
  return server ?? (await startEmbedded(options, announcedPort));
}

const NOT_IN_BETWEEN =
  'The Redis of REDIS_URL tells its clients its own address, so nothing can be put in between: only "redis lose" works with it.';

async function useExternal(url: string, stateDir: string, last: LastRedis): Promise<RunningRedis> {
  const version = await checkExternalRedis(url);
  const name = `external ${new URL(url).host}`;
  await claimServiceKeys({ url, stateDir, goesOn: await last.isStill(name) });
  await last.note(name);
  return {
    url: withLogin(url),
    // They are nobody's but the service's own, and so is the Redis: whose it is has its own users.
    async setUsers() {},
    checkLogins() {},
    kind: 'external',
    description: `${version} at ${new URL(url).host} (REDIS_URL)`,
    lose: () => loseServiceKeys(url),
    join: ({ registry }) => registry.join('redis', { refusal: () => NOT_IN_BETWEEN }),
    // It was there before, and stays.
    async [Symbol.asyncDispose]() {},
  };
}

async function startServer(
  { stateDir, env, prefer, log, clock = systemClock }: RedisOptions,
  announcedPort: number,
  last: LastRedis,
): Promise<Node | undefined> {
  const { usable, tooOld } = await findRedisServer(env.PATH ?? '');
  if (usable === undefined) {
    const found = tooOld && `${tooOld.path} is version ${tooOld.version}, and version 7 or newer is needed`;
    if (prefer === 'server' && found) throw new RedisStartError('too-old', `${found}.`);
    if (prefer === 'server')
      throw new RedisStartError('not-found', 'There is no valkey-server or redis-server on the PATH.');
    if (found) log.warn('redis', `${found}: using the embedded one.`);
    return undefined;
  }
  const empty = !(await last.isStill('server'));
  const server = await startSupervisedServer({ binary: usable, stateDir, empty, announcedPort, log, clock });
  return {
    port: server.port,
    kind: 'server',
    description: `${usable.product} ${usable.version} (${usable.path})`,
    server,
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

async function startEmbedded({ log, clock = systemClock }: RedisOptions, announcedPort: number): Promise<Node> {
  // Its Lua takes a tenth of a second to load, which a real server should not have to wait for.
  const { startEmbeddedRedis } = await import('./embedded/server.ts');
  const embedded = await startEmbeddedRedis({
    announcedPort,
    clock,
    onDefect: (error) => log.error('redis', `the embedded server closed a connection: ${describe(error)}`),
  });
  return {
    port: embedded.port,
    kind: 'embedded',
    description: `embedded (behaves as Redis ${embedded.version}, in memory only)`,
    [Symbol.asyncDispose]: () => embedded[Symbol.asyncDispose](),
  };
}

/** So that nobody logs in as a user of the template's, which this Redis does not have. */
function withLogin(url: string): string {
  const { username, password } = new URL(url);
  return username === '' && password === '' ? url.replace('://', '://default:none@') : url;
}

async function setUsers(url: string, users: readonly RedisUser[], kind: RunningRedis['kind']): Promise<void> {
  const commands = users.map(
    ({ name, accessString }) => ['ACL', 'SETUSER', name, 'reset', 'nopass', ...accessString.split(' ')] as const,
  );
  // For the next process, where this one ends.
  await askRedis(url, kind === 'server' ? [...commands, ['ACL', 'SAVE']] : commands);
}

async function lose(url: string): Promise<void> {
  await askRedis(url, [['FLUSHALL'], ['SCRIPT', 'FLUSH']]);
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
