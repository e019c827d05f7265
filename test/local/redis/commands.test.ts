import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Decoded, NULL_ARRAY, RespClient } from './resp-client.ts';
import { redisServers } from './servers.ts';

/** A command, word by word, and its reply. */
type Step = readonly [command: string | readonly string[], reply: Decoded | ((reply: Decoded) => void)];

const OK = { ok: 'OK' };
const wrongType = { err: 'WRONGTYPE Operation against a key holding the wrong kind of value' };
const err = (text: string) => ({ err: text });
const entry = (id: string, ...fields: string[]): Decoded => [id, fields];
const between = (low: number, high: number) => (reply: Decoded) => {
  expect(reply).toBeGreaterThanOrEqual(low);
  expect(reply).toBeLessThanOrEqual(high);
};
const fact = (name: string, value: Decoded) => (reply: Decoded) => {
  const facts = reply as Decoded[];
  expect(facts[facts.indexOf(name) + 1]).toEqual(value);
};

const cases: Record<string, readonly Step[]> = {
  'SET and GET keep any bytes': [
    [['SET', 'k', '\0\r\n\xff'], OK],
    ['GET k', '\0\r\n\xff'],
    ['GET none', null],
  ],
  'SET NX and XX answer null where they do not apply': [
    ['SET k 1 XX', null],
    ['SET k 1 NX', OK],
    ['SET k 2 NX', null],
    ['SET k 3 XX', OK],
    ['GET k', '3'],
  ],
  'SET drops the expiry unless told to keep it': [
    ['SET k 1 PX 100000', OK],
    ['SET k 2 KEEPTTL', OK],
    ['PTTL k', between(40_000, 100_000)],
    ['SET k 3', OK],
    ['PTTL k', -1],
  ],
  'SET refuses a lifetime that is not positive, and options that exclude each other': [
    ['SET k 1 PX 0', err("ERR invalid expire time in 'set' command")],
    ['SET k 1 EX x', err('ERR value is not an integer or out of range')],
    ['SET k 1 NX XX', err('ERR syntax error')],
    ['SET k 1 PX', err('ERR syntax error')],
    ['EXISTS k', 0],
  ],
  'EXPIRE and PEXPIREAT set the time, and one that has passed deletes the key': [
    ['EXPIRE k 10', 0],
    ['SET k 1', OK],
    ['EXPIRE k 1000', 1],
    ['TTL k', between(940, 1000)],
    ['PEXPIRE k 500000', 1],
    ['PTTL k', between(440_000, 500_000)],
    ['PEXPIREAT k 1', 1],
    ['EXISTS k', 0],
    ['TTL k', -2],
  ],
  'DEL and EXISTS count keys, EXISTS one as often as it is named': [
    ['SET {a}1 x', OK],
    ['SET {a}2 x', OK],
    ['EXISTS {a}1 {a}2 {a}1 {a}3', 3],
    ['DEL {a}1 {a}2 {a}3', 2],
    ['DBSIZE', 0],
  ],
  'TYPE names the kind': [
    ['SET s x', OK],
    ['HSET h f v', 1],
    ['XADD x 1-1 f v', '1-1'],
    ['TYPE s', { ok: 'string' }],
    ['TYPE h', { ok: 'hash' }],
    ['TYPE x', { ok: 'stream' }],
    ['TYPE none', { ok: 'none' }],
  ],
  'SCAN finds keys by pattern and type': [
    ['SET one x', OK],
    ['HSET two f v', 1],
    ['SCAN 0 MATCH o* COUNT 1000', ['0', ['one']]],
    ['SCAN 0 TYPE hash COUNT 1000', ['0', ['two']]],
    ['SCAN x', err('ERR invalid cursor')],
  ],
  'a command on a key of another kind is refused and changes nothing': [
    ['SET s x', OK],
    ['HSET s f v', wrongType],
    ['HGET s f', wrongType],
    ['XADD s 1-1 f v', wrongType],
    ['XLEN s', wrongType],
    ['XREADGROUP GROUP g c STREAMS s >', wrongType],
    ['HSET h f v', 1],
    ['GET h', wrongType],
    ['GET s', 'x'],
  ],
  'hashes count what is new, and go with their last field': [
    ['HSET h a 1 b 2', 2],
    ['HSET h b 3 c 4', 1],
    ['HGETALL h', ['a', '1', 'b', '3', 'c', '4']],
    ['HMGET h c none a', ['4', null, '1']],
    ['HSETNX h a 9', 0],
    ['HSETNX h d 9', 1],
    ['HLEN h', 4],
    ['HEXISTS h d', 1],
    ['HDEL h a b c d e', 4],
    ['EXISTS h', 0],
    ['HSET h a 1 b', err("ERR wrong number of arguments for 'hset' command")],
  ],
  'HINCRBY counts in 64 bits': [
    ['HINCRBY h n 9007199254740993', (reply) => expect(reply).toBe(Number('9007199254740993'))],
    ['HGET h n', '9007199254740993'],
    ['HINCRBY h n 1', (reply) => expect(reply).toBe(Number('9007199254740994'))],
    ['HGET h n', '9007199254740994'],
    ['HSET h n 9223372036854775807', 0],
    ['HINCRBY h n 1', err('ERR increment or decrement would overflow')],
    ['HINCRBY h n 1.5', err('ERR value is not an integer or out of range')],
    ['HSET h t text', 1],
    ['HINCRBY h t 1', err('ERR hash value is not an integer')],
  ],
  'XADD takes only ids that grow': [
    ['XADD x 5-1 f v', '5-1'],
    ['XADD x 5-1 f v', err('ERR The ID specified in XADD is equal or smaller than the target stream top item')],
    ['XADD x 5-* f v', '5-2'],
    ['XADD x 6 f v', '6-0'],
    ['XADD x 0-0 f v', err('ERR The ID specified in XADD must be greater than 0-0')],
    ['XADD x 7-x f v', err('ERR Invalid stream ID specified as stream command argument')],
    ['XADD x 7-0 f', err("ERR wrong number of arguments for 'xadd' command")],
    ['XADD x 18446744073709551615-18446744073709551615 f v', '18446744073709551615-18446744073709551615'],
    ['XADD x * f v', err('ERR The stream has exhausted the last possible ID, unable to add more items')],
  ],
  'XADD * counts up from the last id where the clock is behind it': [
    ['XADD x 99999999999999-5 f v', '99999999999999-5'],
    ['XADD x * f v', '99999999999999-6'],
  ],
  'XADD NOMKSTREAM adds to a stream that is there, and makes none': [
    ['XADD x NOMKSTREAM 1-1 f v', null],
    ['EXISTS x', 0],
    ['XADD x 1-1 f v', '1-1'],
    ['XADD x NOMKSTREAM 1-2 f v', '1-2'],
  ],
  'MAXLEN keeps the newest': [
    ['XADD x 1 f v', '1-0'],
    ['XADD x 2 f v', '2-0'],
    ['XADD x MAXLEN = 2 3 f v', '3-0'],
    ['XRANGE x - +', [entry('2-0', 'f', 'v'), entry('3-0', 'f', 'v')]],
    ['XTRIM x MAXLEN 1', 1],
    ['XADD x MAXLEN ~ 1000 4 f v', '4-0'],
    ['XLEN x', 2],
    ['XADD x MAXLEN -1 5 f v', err('ERR The MAXLEN argument must be >= 0.')],
  ],
  'XRANGE and XREVRANGE take open, partial and exclusive ends': [
    ['XADD x 1-1 n 1', '1-1'],
    ['XADD x 1-2 n 2', '1-2'],
    ['XADD x 2-0 n 3', '2-0'],
    ['XRANGE x 1 1', [entry('1-1', 'n', '1'), entry('1-2', 'n', '2')]],
    ['XRANGE x (1-1 +', [entry('1-2', 'n', '2'), entry('2-0', 'n', '3')]],
    ['XRANGE x - (2-0', [entry('1-1', 'n', '1'), entry('1-2', 'n', '2')]],
    ['XREVRANGE x + - COUNT 2', [entry('2-0', 'n', '3'), entry('1-2', 'n', '2')]],
    ['XRANGE x - + COUNT 1', [entry('1-1', 'n', '1')]],
    ['XRANGE x - + COUNT 0', NULL_ARRAY],
    ['XRANGE none - +', []],
    ['XRANGE x (- +', err('ERR Invalid stream ID specified as stream command argument')],
  ],
  'XDEL leaves an empty stream where it is, with its last id': [
    ['XADD x 1 f v', '1-0'],
    ['XDEL x 1-0 2-0', 1],
    ['XLEN x', 0],
    ['EXISTS x', 1],
    ['XADD x 1 f v', err('ERR The ID specified in XADD is equal or smaller than the target stream top item')],
    ['XINFO STREAM x', fact('last-generated-id', '1-0')],
    ['XINFO STREAM x', fact('max-deleted-entry-id', '1-0')],
    ['XDEL x bad', err('ERR Invalid stream ID specified as stream command argument')],
  ],
  'a group is made on a stream that is there, or with MKSTREAM': [
    [
      'XGROUP CREATE x g 0',
      err(
        'ERR The XGROUP subcommand requires the key to exist. Note that for CREATE you may want to use the MKSTREAM option to create an empty stream automatically.',
      ),
    ],
    ['XGROUP CREATE x g $ MKSTREAM', OK],
    ['XGROUP CREATE x g 0', err('BUSYGROUP Consumer Group name already exists')],
    ['XLEN x', 0],
    ['XGROUP DESTROY x none', 0],
    ['XGROUP DESTROY x g', 1],
    ['XGROUP NONSENSE x g', err("ERR unknown subcommand 'NONSENSE'. Try XGROUP HELP.")],
  ],
  'a group hands each entry to one consumer, and keeps it pending until the acknowledgement': [
    ['XADD x 1 f a', '1-0'],
    ['XADD x 2 f b', '2-0'],
    ['XGROUP CREATE x g 0', OK],
    ['XREADGROUP GROUP g one COUNT 1 STREAMS x >', [['x', [entry('1-0', 'f', 'a')]]]],
    ['XREADGROUP GROUP g two STREAMS x >', [['x', [entry('2-0', 'f', 'b')]]]],
    ['XREADGROUP GROUP g two STREAMS x >', NULL_ARRAY],
    ['XREADGROUP GROUP g one STREAMS x 0', [['x', [entry('1-0', 'f', 'a')]]]],
    ['XREADGROUP GROUP g one STREAMS x 1-0', [['x', []]]],
    [
      'XPENDING x g',
      [
        2,
        '1-0',
        '2-0',
        [
          ['one', '1'],
          ['two', '1'],
        ],
      ],
    ],
    ['XACK x g 1-0 1-0 9-9', 1],
    ['XPENDING x g', [1, '2-0', '2-0', [['two', '1']]]],
    ['XACK x g 2-0', 1],
    ['XPENDING x g', [0, null, null, NULL_ARRAY]],
    ['XACK x none 1-0', 0],
  ],
  'XREADGROUP needs the stream and the group': [
    [
      'XREADGROUP GROUP g c STREAMS x >',
      err("NOGROUP No such key 'x' or consumer group 'g' in XREADGROUP with GROUP option"),
    ],
    ['XADD x 1 f v', '1-0'],
    [
      'XREADGROUP GROUP g c STREAMS x >',
      err("NOGROUP No such key 'x' or consumer group 'g' in XREADGROUP with GROUP option"),
    ],
    ['XREADGROUP GROUP g c BLOCK -1 STREAMS x >', err('ERR timeout is negative')],
    ['XREADGROUP GROUP g c BLOCK x STREAMS x >', err('ERR timeout is not an integer or out of range')],
    [
      'XREADGROUP GROUP g c STREAMS x y >',
      err("ERR Unbalanced XREAD list of streams: for each stream key an ID or '$' must be specified."),
    ],
  ],
  'XREADGROUP reads several streams of one slot': [
    ['XGROUP CREATE {t}x g 0 MKSTREAM', OK],
    ['XGROUP CREATE {t}y g 0 MKSTREAM', OK],
    ['XADD {t}y 1 f v', '1-0'],
    ['XREADGROUP GROUP g c STREAMS {t}x {t}y > >', [['{t}y', [entry('1-0', 'f', 'v')]]]],
    ['XADD {t}x 1 f v', '1-0'],
    [
      'XREADGROUP GROUP g c STREAMS {t}x {t}y > 0',
      [
        ['{t}x', [entry('1-0', 'f', 'v')]],
        ['{t}y', [entry('1-0', 'f', 'v')]],
      ],
    ],
  ],
  'an entry that was deleted while it was pending reads as one without fields': [
    ['XADD x 1 f v', '1-0'],
    ['XGROUP CREATE x g 0', OK],
    ['XREADGROUP GROUP g c STREAMS x >', [['x', [entry('1-0', 'f', 'v')]]]],
    ['XDEL x 1-0', 1],
    ['XREADGROUP GROUP g c STREAMS x 0', [['x', [['1-0', NULL_ARRAY]]]]],
    ['XPENDING x g - + 10', (reply) => expect(reply).toEqual([['1-0', 'c', expect.any(Number), 1]])],
  ],
  'a pending entry that its consumer reads again counts as delivered again': [
    ['XADD x 1 f v', '1-0'],
    ['XGROUP CREATE x g 0', OK],
    ['XREADGROUP GROUP g c STREAMS x >', [['x', [entry('1-0', 'f', 'v')]]]],
    ['XREADGROUP GROUP g c STREAMS x 0', [['x', [entry('1-0', 'f', 'v')]]]],
    ['XPENDING x g - + 10', (reply) => expect(reply).toEqual([['1-0', 'c', expect.any(Number), 2]])],
  ],
  'XAUTOCLAIM takes over what is idle, drops what was deleted and goes on where it stopped': [
    ['XGROUP CREATE x g 0 MKSTREAM', OK],
    ['XADD x 1 f a', '1-0'],
    ['XADD x 2 f b', '2-0'],
    ['XADD x 3 f c', '3-0'],
    ['XREADGROUP GROUP g one STREAMS x >', (reply) => expect(reply).not.toEqual(NULL_ARRAY)],
    ['XDEL x 2-0', 1],
    ['XAUTOCLAIM x g two 0 - COUNT 2', ['3-0', [entry('1-0', 'f', 'a')], ['2-0']]],
    ['XAUTOCLAIM x g two 0 3-0 COUNT 2', ['0-0', [entry('3-0', 'f', 'c')], []]],
    ['XAUTOCLAIM x g two 1000000 -', ['0-0', [], []]],
    ['XPENDING x g', [2, '1-0', '3-0', [['two', '2']]]],
    [
      'XPENDING x g - + 10 two',
      (reply) =>
        expect(reply).toEqual([
          ['1-0', 'two', expect.any(Number), 2],
          ['3-0', 'two', expect.any(Number), 2],
        ]),
    ],
    ['XPENDING x g IDLE 1000000 - + 10', []],
    ['XPENDING x g - + 10 nobody', []],
    ['XAUTOCLAIM x none two 0 -', err("NOGROUP No such key 'x' or consumer group 'none'")],
    ['XAUTOCLAIM x g two 0 - COUNT 0', err('ERR COUNT must be > 0')],
  ],
  'XGROUP DELCONSUMER takes its pending entries along': [
    ['XGROUP CREATE x g 0 MKSTREAM', OK],
    ['XADD x 1 f v', '1-0'],
    ['XREADGROUP GROUP g c STREAMS x >', [['x', [entry('1-0', 'f', 'v')]]]],
    ['XGROUP DELCONSUMER x g c', 1],
    ['XGROUP DELCONSUMER x g c', 0],
    ['XPENDING x g', [0, null, null, NULL_ARRAY]],
    ['XGROUP DELCONSUMER x none c', err("NOGROUP No such consumer group 'none' for key name 'x'")],
  ],
  'XINFO tells how far a group is': [
    ['XADD x 1 f a', '1-0'],
    ['XADD x 2 f b', '2-0'],
    ['XGROUP CREATE x g 0', OK],
    ['XREADGROUP GROUP g c COUNT 1 STREAMS x >', [['x', [entry('1-0', 'f', 'a')]]]],
    ['XINFO STREAM x', fact('length', 2)],
    ['XINFO STREAM x', fact('entries-added', 2)],
    ['XINFO STREAM x', fact('first-entry', entry('1-0', 'f', 'a'))],
    ['XINFO STREAM x', fact('last-entry', entry('2-0', 'f', 'b'))],
    ['XINFO GROUPS x', (reply) => fact('last-delivered-id', '1-0')((reply as Decoded[])[0]!)],
    ['XINFO GROUPS x', (reply) => fact('lag', 1)((reply as Decoded[])[0]!)],
    ['XINFO GROUPS x', (reply) => fact('pending', 1)((reply as Decoded[])[0]!)],
    ['XINFO CONSUMERS x g', (reply) => fact('pending', 1)((reply as Decoded[])[0]!)],
    ['XINFO STREAM none', err('ERR no such key')],
    ['XINFO CONSUMERS x none', err("NOGROUP No such consumer group 'none' for key name 'x'")],
  ],
  'a command over keys of two slots is refused; a hash tag puts keys into one': [
    ['DEL a b', err("CROSSSLOT Keys in request don't hash to the same slot")],
    ['DEL {a}1 {a}2', 0],
    ['CLUSTER KEYSLOT 123456789', 12739],
    ['CLUSTER KEYSLOT {user}x', 5474],
    ['CLUSTER KEYSLOT {}x', (reply) => expect(reply).not.toBe(0)],
    ['SELECT 0', OK],
    ['SELECT 1', err('ERR SELECT is not allowed in cluster mode')],
    ['READONLY', OK],
  ],
  'it says that it is a whole cluster': [
    ['CLUSTER INFO', (reply) => expect(reply).toMatch(/^cluster_state:ok\r?$/m)],
    [
      'CLUSTER SLOTS',
      (reply) =>
        expect(reply).toEqual([
          [0, 16383, ['127.0.0.1', expect.any(Number), expect.stringMatching(/^[0-9a-f]{40}$/), []]],
        ]),
    ],
    ['CLUSTER SHARDS', (reply) => expect((reply as Decoded[][])[0]!.slice(0, 2)).toEqual(['slots', [0, 16383]])],
    ['INFO', (reply) => expect(reply).toMatch(/^redis_mode:cluster\r?$/m)],
    ['INFO', (reply) => expect(reply).toMatch(/^loading:0\r?$/m)],
  ],
  'unknown commands and wrong counts of arguments are named': [
    ['NONSENSE a b', err("ERR unknown command 'NONSENSE', with args beginning with: 'a' 'b' ")],
    ['GET', err("ERR wrong number of arguments for 'get' command")],
    ['get a b', err("ERR wrong number of arguments for 'get' command")],
  ],
  'the connection can be greeted and named': [
    ['PING', { ok: 'PONG' }],
    ['PING hello', 'hello'],
    ['ECHO hello', 'hello'],
    ['CLIENT GETNAME', null],
    ['CLIENT SETNAME tester', OK],
    ['CLIENT GETNAME', 'tester'],
    ['CLIENT SETNAME', err("ERR wrong number of arguments for 'client|setname' command")],
    [['CLIENT', 'SETNAME', 'a b'], err('ERR Client names cannot contain spaces, newlines or special characters.')],
    ['CLIENT ID', (reply) => expect(reply).toBeGreaterThan(0)],
    ['HELLO 2', fact('proto', 2)],
    ['HELLO 9', err('NOPROTO unsupported protocol version')],
    ['TIME', (reply) => expect(Math.abs(Number((reply as string[])[0]) - Date.now() / 1000)).toBeLessThan(60)],
  ],
};

describe.each(redisServers())('commands of $name', ({ start }) => {
  let server: { readonly url: string } & AsyncDisposable;
  let client: RespClient;

  beforeAll(async () => {
    server = await start();
  });
  afterAll(() => server[Symbol.asyncDispose]());
  beforeEach(async () => {
    client = await RespClient.connect(server.url);
    await client.send('FLUSHALL');
    return () => client[Symbol.asyncDispose]();
  });

  test.each(Object.entries(cases))('%s', async (_, steps) => {
    for (const [command, expected] of steps) {
      const words = typeof command === 'string' ? command.split(' ') : command;
      const reply = await client.send(...words);
      if (typeof expected === 'function') expected(reply);
      else expect(reply, words.join(' ')).toEqual(expected);
    }
  });
});
