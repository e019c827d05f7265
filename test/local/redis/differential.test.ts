import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Decoded, RespClient } from './resp-client.ts';
import { redisServers } from './servers.ts';

/**
 * The embedded server against the real one: whatever the commands, and however wrong, the replies are the same.
 * REDIS_DIFFERENTIAL_RUNS raises the number of sequences.
 */
const RUNS = Number(process.env.REDIS_DIFFERENTIAL_RUNS ?? 150);

const servers = redisServers();
const open: AsyncDisposable[] = [];
const clients: RespClient[] = [];
let version = '';

beforeAll(async () => {
  for (const { start } of servers) {
    const server = await start();
    const client = await RespClient.connect(server.url);
    open.push(server, client);
    clients.push(client);
  }
  version = /redis_version:(\S+)/.exec(String(await clients.at(-1)!.send('INFO', 'server')))?.[1] ?? '';
});

afterAll(async () => {
  for (const each of open.reverse()) await each[Symbol.asyncDispose]();
});

const key = fc.oneof(
  { weight: 6, arbitrary: fc.constant('{t}:a') },
  { weight: 1, arbitrary: fc.constantFrom('{t}:b', '{t}:c') },
);
const id = fc.oneof(
  { weight: 6, arbitrary: fc.tuple(fc.nat(6), fc.nat(2)).map(([ms, seq]) => `${ms}-${seq}`) },
  { weight: 2, arbitrary: fc.nat(6).map(String) },
  { weight: 1, arbitrary: fc.constantFrom('x', '1-x', '-1', '1-', '$', '', '18446744073709551616', '01-1', '0-0') },
);
const rangeEnd = fc.oneof(id, fc.constantFrom('-', '+', '(1-1', '(3', '(0-0', '(x', '(+', '('));
const newId = fc.oneof(
  { weight: 4, arbitrary: id },
  { weight: 4, arbitrary: fc.nat(9).map((ms) => `${ms}-*`) },
  {
    weight: 1,
    arbitrary: fc.constantFrom('18446744073709551615-18446744073709551615', '18446744073709551615-*', '-*', 'x-*'),
  },
);
const group = fc.constantFrom('g', 'g', 'g', 'h');
const consumer = fc.constantFrom('one', 'one', 'two', 'three');
const field = fc.constantFrom('f', 'g', 'h', '');
const value = fc.constantFrom(
  '',
  'v',
  '1',
  '-7',
  '007',
  '9223372036854775807',
  ' 1',
  '1.5',
  '\x00\xff\r\n',
  'long'.repeat(5),
);
// A text that becomes an error ends at a zero byte in C.
const scriptArgument = value.filter((text) => !text.includes('\0'));
const count = fc.constantFrom('0', '1', '2', '3', '-1', '100', 'x');
const cased = (word: string) => fc.constantFrom(word, word.toUpperCase());
const command = (...parts: (string | fc.Arbitrary<string> | fc.Arbitrary<string[]>)[]): fc.Arbitrary<string[]> =>
  fc
    .tuple(...parts.map((part) => (typeof part === 'string' ? cased(part) : (part as fc.Arbitrary<string | string[]>))))
    .map((all) => all.flat());
const words = (...all: string[]) => fc.constant(all);
/** Makes a command as many times as likely. */
const repeat = <T>(times: number, each: T): T[] => Array.from({ length: times }, () => each);
const maybe = (arbitrary: fc.Arbitrary<string[]>) => fc.oneof(fc.constant<string[]>([]), arbitrary);
const some = (arbitrary: fc.Arbitrary<string>, most = 3) => fc.array(arbitrary, { minLength: 0, maxLength: most });
const pairs = fc.array(fc.tuple(field, value), { minLength: 0, maxLength: 3 }).map((all) => all.flat());
const countOption = maybe(command('count', count));
const maxLength = maybe(
  fc.tuple(fc.constantFrom('MAXLEN', 'maxlen'), maybe(words('=')), count).map((all) => all.flat()),
);

const strings = [
  command('get', key),
  command('set', key, value, some(fc.constantFrom('nx', 'XX', 'keepttl', 'px', 'EX', '1000', '0', 'bad'))),
  command('del', some(key)),
  command('exists', some(key)),
  command('type', key),
  command('expire', key, fc.constantFrom('100', '-1', '0', 'x', '9223372036854775807')),
  command('pexpire', key, fc.constantFrom('100000', '-1', 'x')),
  command('ttl', key),
  command('dbsize'),
];
const hashes = [
  command('hset', key, pairs),
  command('hset', key, field, value, some(value, 1)),
  command('hsetnx', key, field, value),
  command('hget', key, field),
  command('hmget', key, some(field)),
  command('hgetall', key),
  command('hdel', key, some(field)),
  command('hincrby', key, field, value),
  command('hexists', key, field),
  command('hlen', key),
];
const addOptions = fc.tuple(maybe(words('NOMKSTREAM')), maxLength).map((all) => all.flat());
const streams = [
  ...repeat(4, command('xadd', key, newId, words('f', 'v'))),
  command('xadd', key, addOptions, newId, pairs),
  command('xadd', key, addOptions, newId, some(value, 3)),
  command('xrange', key, rangeEnd, rangeEnd, countOption),
  command('xrevrange', key, rangeEnd, rangeEnd, countOption),
  command('xlen', key),
  command('xdel', key, some(id)),
  command('xtrim', key, cased('maxlen'), maybe(words('=')), count),
  command('xinfo', 'stream', key),
];
const groups = [
  command('xgroup', 'create', key, group, id, maybe(words('MKSTREAM'))),
  command('xgroup', 'create', key, group, fc.constantFrom('0', '$'), words('mkstream')),
  command('xgroup', 'destroy', key, group),
  command('xgroup', 'delconsumer', key, group, consumer),
  ...repeat(3, command('xreadgroup', 'group', group, consumer, countOption, 'streams', key, words('>'))),
  command('xreadgroup', 'group', group, consumer, countOption, 'streams', key, id),
  command(
    'xreadgroup',
    'group',
    group,
    consumer,
    'streams',
    key,
    key,
    fc.constantFrom('>', '0'),
    fc.constantFrom('>', '0'),
  ),
  command(
    'xreadgroup',
    'group',
    group,
    consumer,
    some(fc.constantFrom('count', '1', 'streams', '{t}:a', '>', 'block', 'x'), 5),
  ),
  command('xack', key, group, some(id)),
  command('xautoclaim', key, group, consumer, fc.constantFrom('0', '1000000', 'x', '-1'), rangeEnd, countOption),
  command('xpending', key, group),
  command('xpending', key, group, rangeEnd, rangeEnd, count, some(consumer, 2)),
  command('xpending', key, group, 'idle', fc.constantFrom('0', '1000000', 'x'), rangeEnd, rangeEnd, count),
  command('xinfo', 'groups', key),
  command('xinfo', 'consumers', key, group),
  command('xinfo', fc.constantFrom('groups', 'consumers', 'nonsense'), some(key, 2)),
  command('xinfo', 'stream', some(key, 1)),
];
const others = [
  command(
    'eval',
    fc.constantFrom(...scripts()),
    fc.constantFrom('1', '1', '1', '0', 'x', '-1', '9'),
    key,
    some(scriptArgument),
  ),
  command('publish', key, value),
  command('echo', some(value, 2)),
  command('ping', some(value, 2)),
  command('select', fc.constantFrom('0', '1', 'x')),
  command('cluster', 'keyslot', some(value, 2)),
  command('readonly', some(value, 1)),
  command('nonsense', some(value)),
  command('get', fc.constantFrom('{t}:a', '{u}:a'), some(value, 1)),
  command('del', fc.constantFrom('{t}:a', '{u}:a'), fc.constantFrom('{t}:a', '{u}:a', 'a{t}b{u}', '{}{t}')),
];

const sequences = fc.array(fc.oneof(...strings, ...hashes, ...streams, ...groups, ...others), {
  minLength: 1,
  maxLength: 40,
});
// From a group with entries to read on, so that most commands find something to do.
const begun = ['XGROUP CREATE {t}:a g 0 MKSTREAM', ...[1, 2, 3, 4].map((ms) => `XADD {t}:a ${ms}-1 f v`)].map((line) =>
  line.split(' '),
);
const aboutStreams = fc
  .array(fc.oneof(...streams, ...groups), { minLength: 1, maxLength: 40 })
  .map((commands) => [...begun, ...commands]);

const sequencesOf: [what: string, arbitrary: fc.Arbitrary<string[][]>][] = [
  ['any commands', sequences],
  ['commands about streams', aboutStreams],
];

for (const [what, arbitrary] of sequencesOf) {
  test.skipIf(servers.length < 2)(
    `${what} get the same replies from the embedded server as from the real one`,
    async ({ skip }) => {
      // Later versions word some refusals, and make some consumers, otherwise: the embedded server follows 7.0.
      if (!version.startsWith('7.0.')) skip(`the real one is ${version}`);
      await fc.assert(
        fc.asyncProperty(arbitrary, async (commands) => {
          const [embedded, real] = await Promise.all(clients.map((client) => replies(client, commands)));
          expect(embedded).toEqual(real);
        }),
        { numRuns: RUNS },
      );
    },
    600_000,
  );
}

async function replies(client: RespClient, commands: string[][]): Promise<unknown[]> {
  await client.send('FLUSHALL');
  const found = await Promise.all(commands.map((each) => client.send(...each)));
  return found.map((reply, index) => [commands[index]!.join(' '), comparable(commands[index]!, reply)]);
}

/** Without what depends on the moment or on the memory layout. */
function comparable(args: readonly string[], reply: Decoded): Decoded {
  const name = args[0]!.toLowerCase();
  if (!Array.isArray(reply)) return reply;
  if (name === 'xpending')
    return args.length === 3 ? reply : reply.map((row) => (Array.isArray(row) ? row.toSpliced(2, 1) : row));
  if (name !== 'xinfo') return reply;
  if (args[1]!.toLowerCase() === 'stream') return without(reply, 'radix-tree-keys', 'radix-tree-nodes');
  return reply.map((row) => (Array.isArray(row) ? without(row, 'idle') : row));
}

function without(facts: Decoded[], ...names: string[]): Decoded[] {
  return facts.filter((_, at) => !names.includes(facts[at - (at % 2)] as string));
}

function scripts(): string[] {
  return [
    "return redis.call('get', KEYS[1])",
    "return redis.pcall('hgetall', KEYS[1])",
    "local r = redis.pcall('xlen', KEYS[1]) if type(r) == 'table' then return r.err end return r + 1",
    "return redis.call('xadd', KEYS[1], '99-*', 'n', #ARGV)",
    'return {KEYS, ARGV, #ARGV, 1.9, true, false, "x"}',
    "return redis.call('hset', KEYS[1], 'n', ARGV[1])",
    "return redis.call('hset', KEYS[1], unpack(ARGV))",
    "return tonumber(ARGV[1] or 'none') or redis.error_reply('NAN ' .. tostring(ARGV[1]))",
    "return redis.call('xreadgroup', 'group', 'g', 'one', 'block', 0, 'streams', KEYS[1], '>')",
    "return redis.call('set', KEYS[1], 3.5)",
    "return redis.call('hincrby', KEYS[1], 'n', 1000000000000) * 1000",
    'return undefinedName',
    'error(ARGV[1])',
    'return redis.status_reply(KEYS[1])',
  ];
}
