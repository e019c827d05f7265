import { parseArgs } from 'node:util';

/** The command was called in a way that makes no sense; the message says what is wrong with it. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
  readonly code = 'USAGE';
}

export type RedisKind = 'server' | 'embedded';

export interface ChaosArguments {
  readonly command: 'uploads';
  readonly uploads: number;
  readonly channels: number;
  readonly seed: number;
  readonly redis: RedisKind;
  /** How many of each are to happen. */
  readonly subscriberKills: number;
  readonly redisKills: number;
  readonly redisLosses: number;
  readonly socketDrops: number;
  /** The share of processing attempts that are to be killed, 0 to 1. */
  readonly processKills: number;
  /** Sources under way at one time. */
  readonly concurrency: number;
  /** Folder for the history and the report. */
  readonly out?: string;
}

export interface WakeUpsArguments {
  readonly command: 'wake-ups';
  readonly bursts: number;
  readonly seed: number;
  readonly redis: RedisKind;
  readonly naive: boolean;
}

export type Arguments = { readonly command: 'help' } | ChaosArguments | WakeUpsArguments;

export const CHAOS_HELP = `npm run chaos -- [options]

Uploads under random faults against the whole local service, judged by what its clients saw.

  --uploads <n>            sources to upload (default 300)
  --channels <n>           channels that they are spread over (default: one for 20 uploads)
  --concurrency <n>        sources under way at one time (default 10)
  --redis <server|embedded>  default server
  --subscriber-kills <n>   how many are to happen; defaults grow with the uploads, those for 10,000 are:  380
  --redis-kills <n>        its server is killed and comes back with what it had written                    32
  --redis-losses <n>       everything in it is gone                                                        6
  --socket-drops <n>       all sockets are cut                                                             24
  --process-kills <share>  of the processing attempts (default 0.075)
  --seed <n>               draws the same plan again (default: a new one)
  --out <folder>           for the history and the report (default: only where something is wrong, in a new folder)

npm run chaos -- wake-ups [options]

Bursts of events at the very moment at which a subscriber leaves, without anybody who would repair a lost one.

  --bursts <n>             default 20000
  --redis <server|embedded>  default server
  --seed <n>
  --naive                  with an exit in two steps, which loses some: to see that they are found
`;

const CHAOS_OPTIONS = {
  uploads: { type: 'string' },
  channels: { type: 'string' },
  concurrency: { type: 'string' },
  redis: { type: 'string' },
  'subscriber-kills': { type: 'string' },
  'redis-kills': { type: 'string' },
  'redis-losses': { type: 'string' },
  'socket-drops': { type: 'string' },
  'process-kills': { type: 'string' },
  seed: { type: 'string' },
  out: { type: 'string' },
} as const;

const WAKE_UPS_OPTIONS = {
  bursts: { type: 'string' },
  redis: { type: 'string' },
  seed: { type: 'string' },
  naive: { type: 'boolean' },
} as const;

/** For 10,000 uploads; fewer get their share of it, and one at least. */
const FULL_SIZE = { uploads: 10_000, subscriberKills: 380, redisKills: 32, redisLosses: 6, socketDrops: 24 } as const;

/** @param newSeed draws one where none is given. @throws UsageError */
export function parseChaosArguments(args: readonly string[], newSeed: () => number): Arguments {
  if (args.some((each) => each === '--help' || each === '-h')) return { command: 'help' };
  return args[0] === 'wake-ups' ? wakeUps(args.slice(1), newSeed) : chaos(args, newSeed);
}

function wakeUps(args: readonly string[], newSeed: () => number): WakeUpsArguments {
  const { bursts, redis, seed, naive = false } = parse(args, WAKE_UPS_OPTIONS);
  return {
    command: 'wake-ups',
    bursts: whole('bursts', bursts, 20_000, { least: 1 }),
    seed: seed === undefined ? newSeed() : whole('seed', seed, 0),
    redis: redisOf(redis),
    naive,
  };
}

function chaos(args: readonly string[], newSeed: () => number): ChaosArguments {
  const given = parse(args, CHAOS_OPTIONS);
  const uploads = whole('uploads', given.uploads, 300, { least: 1 });
  const scaled = (full: number) => Math.max(1, Math.round((full * uploads) / FULL_SIZE.uploads));
  const count = (name: keyof typeof CHAOS_OPTIONS, full: number) => whole(name, given[name], scaled(full));
  const channels = whole('channels', given.channels, Math.ceil(uploads / 20), { least: 1 });
  if (channels > uploads) throw new UsageError('--channels may not be more than --uploads.');
  return {
    command: 'uploads',
    uploads,
    channels,
    seed: given.seed === undefined ? newSeed() : whole('seed', given.seed, 0),
    redis: redisOf(given.redis),
    subscriberKills: count('subscriber-kills', FULL_SIZE.subscriberKills),
    redisKills: count('redis-kills', FULL_SIZE.redisKills),
    redisLosses: count('redis-losses', FULL_SIZE.redisLosses),
    socketDrops: count('socket-drops', FULL_SIZE.socketDrops),
    processKills: share('process-kills', given['process-kills'], 0.075),
    concurrency: whole('concurrency', given.concurrency, 10, { least: 1 }),
    ...(given.out === undefined ? {} : { out: given.out }),
  };
}

type Options = Readonly<Record<string, { readonly type: 'string' | 'boolean' }>>;
type Values<T extends Options> = { [K in keyof T]?: T[K]['type'] extends 'boolean' ? boolean : string };

function parse<T extends Options>(args: readonly string[], options: T): Values<T> {
  try {
    return parseArgs({ args: [...args], options }).values as Values<T>;
  } catch (cause) {
    throw new UsageError(`${(cause as Error).message.split(/\.\s/)[0]}.`, { cause });
  }
}

function whole(name: string, text: string | undefined, byDefault: number, { least = 0 } = {}): number {
  if (text === undefined) return byDefault;
  if (/^\d{1,10}$/.test(text) && Number(text) >= least) return Number(text);
  throw new UsageError(`--${name} has to be a whole number from ${least} on, not "${text}".`);
}

function share(name: string, text: string | undefined, byDefault: number): number {
  if (text === undefined) return byDefault;
  if (/^(0|1|0?\.\d+)$/.test(text)) return Number(text);
  throw new UsageError(`--${name} has to be a share from 0 to 1, not "${text}".`);
}

function redisOf(text: string | undefined): RedisKind {
  if (text === undefined) return 'server';
  if (text === 'embedded' || text === 'server') return text;
  throw new UsageError(`--redis has to be "server" or "embedded", not "${text}".`);
}
