import { createHash } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Decoded, RespClient } from './resp-client.ts';
import { redisServers } from './servers.ts';

type Case = readonly [title: string, body: string, reply: Decoded, args?: readonly string[]];

const err = (text: string) => ({ err: text });
/** What Redis adds to an error that ends a script: which one, and where. */
const at = (text: string, line = 1): Decoded =>
  ({
    err: expect.stringMatching(new RegExp(`^${literally(text)} script: [0-9a-f]{40}, on @user_script:${line}\\.$`)),
  }) as Decoded;
const literally = (text: string) => text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');

/** Each with KEYS[1] = 'k', where the key holds the string 'v', and ARGV as given. */
const returned: readonly Case[] = [
  ['a string is a bulk string', "return 'a\\0b'", 'a\0b'],
  ['bytes go through unchanged', 'return ARGV[1] .. #ARGV[1]', '\0\xff\x80\r\n5', ['\0\xff\x80\r\n']],
  ['a number loses its fraction', 'return {3.99, -3.99, 1e3}', [3, -3, 1000]],
  ['true is 1 and false is null', 'return {true, false}', [1, null]],
  ['nothing is null', 'return', null],
  ['a table ends at its first nil', 'return {1, nil, 3}', [1]],
  ['tables nest', 'return {1, {2, {}}}', [1, [2, []]]],
  ['a table with ok is a status', "return {ok = 'fine'}", { ok: 'fine' }],
  ['a table with err is an error', "return {err = 'MINE said so'}", err('MINE said so')],
  ['status_reply makes a status', "return redis.status_reply('fine')", { ok: 'fine' }],
  ['error_reply makes an error with a code', "return redis.error_reply('MINE said so')", err('MINE said so')],
  ['error_reply gives a single word the code ERR', "return redis.error_reply('Bad')", err('ERR Bad')],
  ['KEYS and ARGV are tables', 'return {#KEYS, KEYS[1], #ARGV, ARGV[2]}', [1, 'k', 2, 'b'], ['a', 'b']],
];

const calls: readonly Case[] = [
  ['a bulk string reply is a string', "return redis.call('get', KEYS[1]) .. '!'", 'v!'],
  ['a missing value is false', "redis.call('del', KEYS[1]) return tostring(redis.call('get', KEYS[1]))", 'false'],
  ['a status is a table with ok', "return redis.call('set', KEYS[1], 'x').ok", 'OK'],
  ['an integer is a number', "return redis.call('exists', KEYS[1]) + 1", 2],
  [
    'an array is a table',
    "redis.call('del', KEYS[1]) redis.call('hset', KEYS[1], 'a', 1, 'b', 2) return #redis.call('hgetall', KEYS[1])",
    4,
  ],
  [
    'an integral double is written without a point',
    "redis.call('set', KEYS[1], 10 / 2) return redis.call('get', KEYS[1])",
    '5',
  ],
  [
    'a double is written with all its digits',
    "redis.call('set', KEYS[1], 3.1) return redis.call('get', KEYS[1])",
    '3.1000000000000001',
  ],
  [
    'a big integer is written in full',
    "redis.call('set', KEYS[1], 1700000000123 * 1000) return redis.call('get', KEYS[1])",
    '1700000000123000',
  ],
  [
    'call raises what the command refuses',
    "return redis.call('hget', KEYS[1], 'f')",
    at('WRONGTYPE Operation against a key holding the wrong kind of value'),
  ],
  [
    'the error names the line',
    "local x = 1\n\nreturn redis.call('hget', KEYS[1], 'f')",
    at('WRONGTYPE Operation against a key holding the wrong kind of value', 3),
  ],
  [
    'pcall of redis gives the error as a table',
    "return redis.pcall('hget', KEYS[1], 'f').err",
    'WRONGTYPE Operation against a key holding the wrong kind of value',
  ],
  [
    'a returned error has nothing added',
    "return redis.pcall('hget', KEYS[1], 'f')",
    err('WRONGTYPE Operation against a key holding the wrong kind of value'),
  ],
  [
    'pcall of Lua gives it as a text',
    "local ok, e = pcall(redis.call, 'hget', KEYS[1], 'f') return {tostring(ok), e}",
    ['false', 'WRONGTYPE Operation against a key holding the wrong kind of value'],
  ],
  [
    'what ran before an error stays',
    "redis.call('set', KEYS[1], 'w') redis.pcall('hget', KEYS[1], 'f') return redis.call('get', KEYS[1])",
    'w',
  ],
  [
    'an unknown command is an error',
    "return redis.call('nonsense')",
    at('ERR Unknown Redis command called from script'),
  ],
  [
    'a wrong count of arguments is an error',
    "return redis.call('get')",
    at('ERR Wrong number of args calling Redis command from script'),
  ],
  [
    'no command is an error',
    'return redis.call()',
    at('ERR Please specify at least one argument for this redis lib call'),
  ],
  [
    'an argument that is no text is an error',
    "return redis.call('set', KEYS[1], {})",
    at('ERR Lua redis lib command arguments must be strings or integers'),
  ],
  [
    'what only a connection can do is an error',
    "return redis.call('subscribe', 'c')",
    at('ERR This Redis command is not allowed from script'),
  ],
  [
    'a script does not wait',
    "return redis.call('xreadgroup', 'group', 'g', 'c', 'block', 1, 'streams', KEYS[1], '>')",
    at('ERR xreadgroup command is not allowed with BLOCK option from scripts'),
  ],
  ['sha1hex hashes', "return redis.sha1hex('a')", '86f7e437faa5a7fce15d1ddcb9eaeaea377667b8'],
  [
    'a stream is written and read',
    "redis.call('del', KEYS[1]) redis.call('xadd', KEYS[1], '7-0', 'f', 'v') return redis.call('xrange', KEYS[1], '-', '+')",
    [['7-0', ['f', 'v']]],
  ],
];

const language: readonly Case[] = [
  [
    'numbers are doubles',
    'return {tostring(10 / 2), tostring(2^31), tostring(2147483647 + 1), 7 % 3, -7 % 3}',
    ['5', '2147483648', '2147483648', 1, 2],
  ],
  [
    'numbers print with 14 digits',
    "return {tostring(1e14), tostring(1e15), 0.1 .. '', 1/3 .. '', 123456789012 .. ''}",
    ['1e+14', '1e+15', '0.1', '0.33333333333333', '123456789012'],
  ],
  [
    'a counter past 2^31 goes on',
    "local n = tonumber(ARGV[1]) n = n + 1 return {n, string.format('%d', n), tostring(n)}",
    [4294967296, '4294967296', '4294967296'],
    ['4294967295'],
  ],
  [
    'tonumber reads what Lua reads, else gives nil',
    "return {tonumber('0x10'), tonumber(' 5 '), tonumber('1e3'), tostring(tonumber('x')), tostring(tonumber(''))}",
    [16, 5, 1000, 'nil', 'nil'],
  ],
  [
    'a loop counts in whole numbers',
    "local s = '' for i = 1, 3 do s = s .. i end for i, v in ipairs({'a', 'b'}) do s = s .. i .. v end return s",
    '1231a2b',
  ],
  [
    'string.format formats as C does',
    "return string.format('%5.2f|%-5s|%05d|%x|%X|%q|%s|%c|%%|%i|%+d|%.3s|%g|%e', 3.14159, 'a', 42, 255, 255, 'a\"b', 'z', 65, -7, 7, 'abcdef', 1e20, 12345.678)",
    ' 3.14|a    |00042|ff|FF|"a\\"b"|z|A|%|-7|+7|abc|1e+20|1.234568e+04',
  ],
  ['%d cuts the fraction off and takes a text', "return string.format('%d %d', 3.7, '12')", '3 12'],
  [
    '%s takes no table',
    "return string.format('%s', {})",
    at("ERR user_script:1: bad argument #2 to 'format' (string expected, got table)"),
  ],
  [
    'string.find, match, gmatch, gsub, sub and rep are there',
    "local n = 0 for _ in ('a,b,c'):gmatch('[^,]+') do n = n + 1 end return {('a-b'):find('-', 1, true), ('k=v'):match('(%w+)='), n, (('oo'):gsub('o', '0')), ('abc'):sub(-2), ('x'):rep(3)}",
    [2, 'k', 3, '00', 'bc', 'xxx'],
  ],
  [
    'tables are sorted, joined and unpacked',
    "local t = {3, 1, 2} table.sort(t) table.insert(t, 4) return {table.concat(t, ','), select('#', unpack(t)), table.getn(t)}",
    ['1,2,3,4', 4, 4],
  ],
  [
    'varargs reach a local function',
    'local function sum(...) local s = 0 for _, v in ipairs({...}) do s = s + v end return s end return sum(1, 2, 3)',
    6,
  ],
  [
    'a global that is not there is an error',
    'return nothing',
    at("ERR user_script:1: Script attempted to access nonexistent global variable 'nothing'"),
  ],
  ['a global is not made', 'made = 1', at('ERR user_script:1: Attempt to modify a readonly table')],
  ['a library is not changed', 'string.format = nil', at('ERR user_script:1: Attempt to modify a readonly table')],
  [
    'files and processes are out of reach',
    'return os.time()',
    at("ERR user_script:1: Script attempted to access nonexistent global variable 'os'"),
  ],
  ['error ends the script', "error('no good')", at('ERR user_script:1: no good')],
  ['error with a table keeps its code', "error({err = 'MINE said so'})", at('MINE said so')],
  [
    'an error of the language names the variable',
    'local a = {} return a.b.c',
    at("ERR user_script:1: attempt to index field 'b' (a nil value)"),
  ],
  [
    'arithmetic on a table names the variable',
    'local a = {} return a + 1',
    at("ERR user_script:1: attempt to perform arithmetic on local 'a' (a table value)"),
  ],
  [
    'a method that is not there is named',
    "return ('x'):nope()",
    at("ERR user_script:1: attempt to call method 'nope' (a nil value)"),
  ],
];

describe.each(redisServers())('scripts of $name', ({ start }) => {
  let server: { readonly url: string } & AsyncDisposable;
  let client: RespClient;

  beforeAll(async () => {
    server = await start();
    client = await RespClient.connect(server.url);
  });
  afterAll(async () => {
    await client[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
  });
  beforeEach(async () => {
    await client.send('FLUSHALL');
    await client.send('SCRIPT', 'FLUSH');
    await client.send('SET', 'k', 'v');
  });

  const cases = [...returned, ...calls, ...language].map(([title, body, reply, args = []]) => ({
    title,
    body,
    reply,
    args,
  }));
  test.each(cases)('$title', async ({ body, reply, args }) => {
    expect(await client.send('EVAL', body, 1, 'k', ...args)).toEqual(reply);
  });

  test('a script that was loaded, or run once, can be run by its SHA-1', async () => {
    const sha = (await client.send('SCRIPT', 'LOAD', 'return ARGV[1]')) as string;
    expect(await client.send('EVALSHA', sha.toUpperCase(), 0, 'x')).toBe('x');
    await client.send('EVAL', "return 'once'", 0);
    const once = createHash('sha1').update("return 'once'").digest('hex');
    expect(await client.send('EVALSHA', once, 0)).toBe('once');
    expect(await client.send('SCRIPT', 'EXISTS', sha, 'f'.repeat(40))).toEqual([1, 0]);
    await client.send('SCRIPT', 'FLUSH');
    expect(await client.send('EVALSHA', sha, 0)).toEqual(err('NOSCRIPT No matching script. Please use EVAL.'));
  });

  test('a script that does not compile is refused when it is loaded', async () => {
    const refused = { err: expect.stringContaining('ERR Error compiling script (new function): user_script:1: ') };
    expect(await client.send('SCRIPT', 'LOAD', 'return +')).toEqual(refused);
    expect(await client.send('EVAL', 'return +', 0)).toEqual(refused);
  });

  test('the count of keys must be right, and the keys of one slot', async () => {
    expect(await client.send('EVAL', 'return 1', 2, 'k')).toEqual(
      err("ERR Number of keys can't be greater than number of args"),
    );
    expect(await client.send('EVAL', 'return 1', -1)).toEqual(err("ERR Number of keys can't be negative"));
    expect(await client.send('EVAL', 'return 1', 'x')).toEqual(err('ERR value is not an integer or out of range'));
    expect(await client.send('EVAL', 'return 1', 2, 'a', 'b')).toEqual(
      err("CROSSSLOT Keys in request don't hash to the same slot"),
    );
  });

  test('nothing of one script is left for the next', async () => {
    await client.send('EVAL', 'local l = 1 KEYS[2] = "left" return l', 1, 'k', 'a');
    expect(await client.send('EVAL', 'return {#KEYS, #ARGV}', 0)).toEqual([0, 0]);
    expect(await client.send('EVAL', 'return l', 0)).toEqual(
      expect.objectContaining({ err: expect.stringContaining("'l'") }),
    );
  });

  test('a key does not expire while a script runs', async () => {
    const body =
      "redis.call('set', KEYS[1], 'v', 'px', 1) for i = 1, 500000 do end return redis.call('get', KEYS[1]) or 'gone'";
    expect(await client.send('EVAL', body, 1, 'k')).toBe('v');
  });

  test('a script publishes to those who subscribed', async () => {
    await using subscriber = await RespClient.connect(server.url);
    expect(await subscriber.send('SUBSCRIBE', 'news')).toEqual(['subscribe', 'news', 1]);
    expect(await client.send('EVAL', "return redis.call('publish', 'news', ARGV[1])", 0, 'hello')).toBe(1);
    expect(await subscriber.next()).toEqual(['message', 'news', 'hello']);
  });
});
