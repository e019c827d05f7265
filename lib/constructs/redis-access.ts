/**
 * What each use of Redis takes: the commands that the adapter sends, those that its scripts run (Redis checks them one by
 * one as well), and the keys that both touch. `test/lib/redis-access.test.ts` holds it against the scripts themselves.
 */
interface Access {
  readonly commands: readonly string[];
  readonly keys: readonly Key[];
  /** May publish on the channel of a ws-uuid. */
  readonly publishes?: boolean;
}

/** Of a shard. Which one is no matter of rights: a function serves them all. */
type Key = 'doorbell' | 'lease' | 'recovered' | 'channel:*' | 'history:*' | 'cursor:*';

/** Every adapter is a client of a cluster, which names its connections and asks replicas too, and runs scripts. */
const CLIENT = ['cluster|slots', 'client|setname', 'readonly', 'evalsha', 'eval'];

const RING = ['xadd', 'exists'];

const CHANNEL_KEYS: readonly Key[] = ['channel:*', 'history:*', 'cursor:*'];

export const REDIS_USES = {
  /** To write events. */
  publish: {
    commands: [...RING, 'hget', 'hset', 'hsetnx', 'hexists', 'hincrby', 'hdel', 'del', 'pexpire', 'publish'],
    keys: [...CHANNEL_KEYS, 'doorbell', 'lease'],
    publishes: true,
  },
  /** To say where a connection begins. */
  open: {
    commands: [...RING, 'hget', 'hset', 'hsetnx', 'hexists', 'del', 'pexpire'],
    keys: [...CHANNEL_KEYS, 'doorbell', 'lease'],
  },
  /** To note what a client has received. */
  acknowledge: {
    commands: [...RING, 'hget', 'hset', 'hexists'],
    keys: ['channel:*', 'cursor:*', 'doorbell', 'lease'],
  },
  /** To have a channel looked at. */
  ring: { commands: RING, keys: ['doorbell', 'lease'] },
  /** To serve a shard: its lease, its doorbell and what its channels hold. */
  deliver: {
    commands: [
      ...[
        'get',
        'set',
        'del',
        'pexpire',
        'hget',
        'hset',
        'hsetnx',
        'hexists',
        'hdel',
        'hlen',
        'hgetall',
        'xrange',
        'xack',
        'xdel',
      ],
      ...['xreadgroup', 'xautoclaim', 'xgroup|create', 'xgroup|delconsumer', 'xinfo|groups', 'xinfo|consumers'],
    ],
    keys: [...CHANNEL_KEYS, 'doorbell', 'lease'],
  },
  /** To find shards that nobody serves, and a Redis that was lost. */
  watch: {
    commands: ['exists', 'xlen', 'get', 'set', 'pexpire'],
    keys: ['doorbell', 'lease', 'recovered'],
  },
} as const satisfies Record<string, Access>;

export type RedisUse = keyof typeof REDIS_USES;

/** @returns the rules of a user that may do all of these and nothing else, as Redis and ElastiCache write them. */
export function accessString(uses: Iterable<RedisUse>): string {
  const all: readonly Access[] = [...uses].map((use) => REDIS_USES[use]);
  const keys = new Set(all.flatMap((access) => access.keys));
  const commands = new Set([...CLIENT, ...all.flatMap((access) => access.commands)]);
  return [
    'on',
    ...[...keys].toSorted().map((key) => `~{shard-*}:${key}`),
    'resetchannels',
    ...(all.some(({ publishes }) => publishes) ? ['&*'] : []), // a ws-uuid has nothing to be told by
    '-@all',
    ...[...commands].toSorted().map((command) => `+${command}`),
  ].join(' ');
}
