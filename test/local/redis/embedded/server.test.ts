import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type EmbeddedRedis, startEmbeddedRedis } from '../../../../local/redis/embedded/server.ts';
import { FakeClock } from '../../apigateway/support.ts';
import { encode, NULL_ARRAY, RespClient } from '../resp-client.ts';

const MIB = 1024 * 1024;

/** What only the embedded server can be asked, or does of its own; the rest is tested on it and on a real one alike. */
describe('the embedded Redis', () => {
  let clock: FakeClock;
  let server: EmbeddedRedis;
  let client: RespClient;
  const defects: unknown[] = [];
  const onDefect = (error: unknown) => void defects.push(error);

  beforeEach(async () => {
    clock = new FakeClock();
    server = await startEmbeddedRedis({ clock, onDefect });
    client = await RespClient.connect(url());
    return async () => {
      await client[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    };
  });
  afterEach(() => expect(defects.splice(0)).toEqual([]));

  const url = () => `redis://127.0.0.1:${server.port}`;
  const info = async (name: string) => new RegExp(`^${name}:(\\S*)`, 'm').exec(String(await client.send('INFO')))?.[1];

  test('a key is there until its time has come, and not after', async () => {
    await client.send('SET', 'k', 'v', 'PX', 1000);
    await clock.advance(999);
    expect(await client.send('PTTL', 'k')).toBe(1);
    await clock.advance(1);
    expect(await client.send('GET', 'k')).toBeNull();
    expect(await client.send('SET', 'k', 'v', 'NX')).toEqual({ ok: 'OK' });
  });

  test('a key that nobody asks for is freed all the same', async () => {
    for (let at = 0; at < 3000; at += 1) client.write(encode(['SET', `k${at}`, 'v', 'PX', at < 1500 ? 100_000 : 100]));
    for (let at = 0; at < 3000; at += 1) await client.next();
    await clock.advance(1000);
    expect(await info('db0')).toBe('keys=1500,expires=1500');
  });

  test('a wait ends when its time is over, and leaves no timer when it ends before', async () => {
    await client.send('XGROUP', 'CREATE', 'x', 'g', '0', 'MKSTREAM');
    const idle = clock.sleeping;
    await using reader = await RespClient.connect(url());
    const late = reader.send('XREADGROUP', 'GROUP', 'g', 'c', 'BLOCK', 5000, 'STREAMS', 'x', '>');
    while ((await info('blocked_clients')) !== '1');
    await clock.advance(5000);
    expect(await late).toEqual(NULL_ARRAY);
    const early = reader.send('XREADGROUP', 'GROUP', 'g', 'c', 'BLOCK', 5000, 'STREAMS', 'x', '>');
    while ((await info('blocked_clients')) !== '1');
    await client.send('XADD', 'x', '1-0', 'f', 'v');
    expect(await early).toEqual([['x', [['1-0', ['f', 'v']]]]]);
    expect(clock.sleeping).toBe(idle);
  });

  test('a script may touch only the keys that it was given, as on ElastiCache Serverless', async () => {
    expect(await client.send('EVAL', "return redis.call('GET', 'other')", 1, 'k')).toEqual({
      err: expect.stringMatching(/^ERR Script attempted to access the key 'other', which is not in its KEYS script: /),
    });
    expect(await client.send('EVAL', "return redis.call('GET', KEYS[1])", 1, 'k')).toBeNull();
  });

  test('a script that does not end is ended', async () => {
    await using impatient = await startEmbeddedRedis({ clock, maxScriptMs: 300, onDefect });
    await using its = await RespClient.connect(`redis://127.0.0.1:${impatient.port}`);
    expect(await its.send('EVAL', 'while true do end', 0)).toEqual({
      err: expect.stringMatching(/^ERR the script ran for more than 300 ms script: /),
    });
    expect(await its.send('PING')).toEqual({ ok: 'PONG' });
  });

  test('an operator that Lua 5.1 does not have is refused', async () => {
    for (const body of ['return ARGV[1] // 2', 'local function f() return ARGV[1] & 1 end return f()']) {
      expect(await client.send('EVAL', body, 0, '1')).toEqual({ err: expect.stringContaining('Lua 5.1') });
    }
  });

  test('a script that nests its answer for ever is answered', async () => {
    expect(JSON.stringify(await client.send('EVAL', 'local t = {} t[1] = t return t', 0))).toContain(
      'reached lua stack limit',
    );
  });

  test.each([
    ['XADD', 'x', 'MINID', '1', '*', 'f', 'v'],
    ['XREADGROUP', 'GROUP', 'g', 'c', 'NOACK', 'STREAMS', 'x', '>'],
    ['XAUTOCLAIM', 'x', 'g', 'c', '0', '-', 'JUSTID'],
    ['SET', 'k', 'v', 'GET'],
    ['XGROUP', 'SETID', 'x', 'g', '0'],
    ['EXPIRE', 'k', '1', 'GT'],
  ])('%s refuses by name an option that it does not have', async (...command) => {
    expect(await client.send(...command)).toEqual({
      err: expect.stringContaining('the embedded Redis server does not support'),
    });
  });

  test.each([['KEYS', '*'], ['LPUSH', 'l', 'v'], ['PSUBSCRIBE', '*'], ['MULTI'], ['constructor'], ['__proto__']])(
    '%s is a command that it does not have',
    async (...command) => {
      expect(await client.send(...command)).toEqual({ err: expect.stringMatching(/^ERR unknown command/) });
    },
  );

  test('names that every object has are no subcommands and no options', async () => {
    for (const command of [
      ['XINFO', 'constructor', 'x'],
      ['CLIENT', 'toString'],
      ['XGROUP', 'valueOf', 'x', 'g'],
      ['SET', 'k', 'v', 'constructor', '1'],
    ]) {
      expect(await client.send(...command)).toEqual({
        err: expect.stringMatching(/^ERR (?:unknown subcommand|syntax error)/),
      });
    }
  });

  test('a client that sends and never reads is not answered without bound', async () => {
    await client.send('SET', 'k', 'x'.repeat(MIB));
    const before = process.memoryUsage().external; // what others of this process hold, too
    await using deaf = await RespClient.connect(url());
    deaf.socket.pause();
    for (let at = 0; at < 500; at += 1) deaf.write(encode(['GET', 'k']));
    await client.send('SET', 'done', '0');
    for (let at = 0; at < 200; at += 1) {
      deaf.write(encode(['EVAL', "return redis.call('SET', KEYS[1], '1')", 1, 'done']));
      await client.send('PING');
    }
    expect(process.memoryUsage().external - before).toBeLessThan(200 * MIB);
    expect(await client.send('GET', 'done')).toBe('0');
  });

  test('a subscriber that never reads is dropped', async () => {
    await using deaf = await RespClient.connect(url());
    await deaf.send('SUBSCRIBE', 'c');
    deaf.socket.pause();
    const message = 'x'.repeat(MIB);
    let reached = 1;
    for (let at = 0; at < 200 && reached === 1; at += 1)
      reached = (await client.send('PUBLISH', 'c', message)) as number;
    expect(reached).toBe(0);
  });

  test('it ends with connections open and readers waiting, and its port is free again', async () => {
    await client.send('XGROUP', 'CREATE', 'x', 'g', '0', 'MKSTREAM');
    const read = client.send('XREADGROUP', 'GROUP', 'g', 'c', 'BLOCK', 5000, 'STREAMS', 'x', '>');
    read.catch(() => {});
    await using other = await RespClient.connect(url());
    while (!String(await other.send('INFO')).includes('blocked_clients:1'));
    await server[Symbol.asyncDispose]();
    await expect(read).rejects.toThrow();
    expect(clock.sleeping).toBe(0);
    server = await startEmbeddedRedis({ clock, port: server.port, onDefect });
  });
});
