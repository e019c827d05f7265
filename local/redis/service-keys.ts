import { realpath } from 'node:fs/promises';
import { hostname } from 'node:os';
import { Cluster, type Redis } from 'ioredis';
import { RedisStartError } from './redis-start-error.ts';

/** How the names of all keys of the service begin: the hash tag of a shard. */
const PREFIX = '{shard-';
/** Glob: a brace is nothing special in it. */
const PATTERN = `${PREFIX}*`;
const SCAN_COUNT = 1000;
const CONNECT_TIMEOUT_MS = 5000;

/** Says whose keys these are. Without a time to live, as they would be nobody's otherwise. */
const OWNER_KEY = `${PREFIX}0}:state-folder`;

export interface Claim {
  readonly url: string;
  readonly stateDir: string;
  /** This folder was used with this Redis last, and with no other since. */
  readonly goesOn: boolean;
}

/**
 * Makes what a Redis that somebody else started holds of the service agree with a state folder: goes on with it, or drops what is
 * out of date. What may be of another run is never touched, and nothing but the keys of the service ever.
 * @throws RedisStartError where it holds what is another's
 */
export async function claimServiceKeys({ url, stateDir, goesOn }: Claim): Promise<void> {
  const own = `${hostname()}:${await realpath(stateDir)}`;
  await withCluster(url, async (cluster) => {
    const owner = await cluster.get(OWNER_KEY);
    // Without a name it was lost with all the rest, under a run of this folder.
    const isOwn = owner === own || (owner === null && goesOn);
    if (!isOwn && (await holdsKeys(cluster))) throw heldByAnother(url, owner);
    if (!goesOn) await drop(cluster);
    await cluster.set(OWNER_KEY, own);
  });
}

/** The keys and the scripts: all that the service would miss after a loss. */
export async function loseServiceKeys(url: string): Promise<void> {
  await withCluster(url, async (cluster) => {
    await drop(cluster);
    for (const node of cluster.nodes('master')) await node.script('FLUSH');
  });
}

function heldByAnother(url: string, owner: string | null): RedisStartError {
  const { host } = new URL(url);
  const of = owner === null ? 'a run that is not known here' : owner;
  return new RedisStartError(
    'in-use',
    `The Redis at ${host} (REDIS_URL) holds events of ${of}: each run of the service needs its own. Give another, or, if that run is over, delete the keys there that begin with "${PREFIX}".`,
  );
}

async function holdsKeys(cluster: Cluster): Promise<boolean> {
  for (const node of cluster.nodes('master')) for await (const names of keysOf(node)) if (names.length > 0) return true;
  return false;
}

/** All but the name of the owner. */
async function drop(cluster: Cluster): Promise<void> {
  for (const node of cluster.nodes('master')) {
    for await (const names of keysOf(node)) {
      // One at a time: they are of several slots.
      await Promise.all(names.filter((name) => name !== OWNER_KEY).map((name) => node.del(name)));
    }
  }
}

async function* keysOf(node: Redis): AsyncGenerator<string[]> {
  let cursor = '0';
  do {
    const [next, names] = await node.scan(cursor, 'MATCH', PATTERN, 'COUNT', SCAN_COUNT);
    yield names;
    cursor = next;
  } while (cursor !== '0');
}

async function withCluster(url: string, use: (cluster: Cluster) => Promise<void>): Promise<void> {
  const { protocol, hostname: host, port, username, password } = new URL(url);
  const cluster = new Cluster([{ host: host.replace(/^\[|\]$/g, ''), port: Number(port || 6379) }], {
    lazyConnect: true,
    clusterRetryStrategy: () => null,
    // A certificate is of a name, not of an address.
    dnsLookup: (address, callback) => callback(null, address),
    redisOptions: {
      connectTimeout: CONNECT_TIMEOUT_MS,
      disableClientInfo: true,
      ...(username !== '' && { username: decodeURIComponent(username) }),
      ...(password !== '' && { password: decodeURIComponent(password) }),
      ...(protocol === 'rediss:' && { tls: {} }),
    },
  });
  cluster.on('error', () => {}); // rejects what is asked, too
  try {
    await cluster.connect();
    await use(cluster);
  } catch (cause) {
    if (cause instanceof RedisStartError) throw cause;
    const message = `The Redis at ${new URL(url).host} (REDIS_URL) cannot be used: ${(cause as Error).message}`;
    throw new RedisStartError('unreachable', message, { cause });
  } finally {
    cluster.disconnect();
  }
}
