import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Decoded, encode, RespClient } from './resp-client.ts';
import { redisServers } from './servers.ts';

describe.each(redisServers())('connections of $name', ({ start }) => {
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

  const replies = async (count: number): Promise<Decoded[]> => {
    const found: Decoded[] = [];
    for (let at = 0; at < count; at += 1) found.push(await client.next());
    return found;
  };

  test('commands that come in one piece are answered in their order', async () => {
    const count = 1000;
    client.write(Array.from({ length: count }, (_, index) => encode(['ECHO', index])).join(''));
    expect(await replies(count)).toEqual(Array.from({ length: count }, (_, index) => String(index)));
  });

  test('a command may come byte by byte', async () => {
    for (const byte of encode(['SET', 'k', 'a\r\nb'])) client.write(byte);
    expect(await client.next()).toEqual({ ok: 'OK' });
    expect(await client.send('GET', 'k')).toBe('a\r\nb');
  });

  test('a value of 20 MB comes back whole', async () => {
    const value = 'x\xff\0\r\n'.repeat(4 * 1024 * 1024);
    await client.send('SET', 'k', value);
    expect((await client.send('GET', 'k')) === value).toBe(true);
  });

  test('a person can type commands, with quotes', async () => {
    client.write('set k "a \\"b\\"\\x41\\n"\r\n\r\n  get   k  \nset k \'it\\\'s\'\r\nGET k\r\n');
    expect(await replies(4)).toEqual([{ ok: 'OK' }, 'a "b"A\n', { ok: 'OK' }, "it's"]);
  });

  test('an empty command is passed over', async () => {
    client.write(`*0\r\n*-1\r\n${encode(['PING'])}`);
    expect(await client.next()).toEqual({ ok: 'PONG' });
  });

  test.each([
    ['*1\r\n+3\r\n', "Protocol error: expected '$', got '+'"],
    ['*x\r\n', 'Protocol error: invalid multibulk length'],
    ['*3000000000\r\n', 'Protocol error: invalid multibulk length'],
    ['*1\r\n$-1\r\n', 'Protocol error: invalid bulk length'],
    ['*1\r\n$9000000000\r\n', 'Protocol error: invalid bulk length'],
    ['get "k\r\n', 'Protocol error: unbalanced quotes in request'],
    [`${'x'.repeat(70_000)}`, 'Protocol error: too big inline request'],
    [`*${'1'.repeat(70_000)}`, 'Protocol error: too big mbulk count string'],
    [`*1\r\n$${'1'.repeat(70_000)}`, 'Protocol error: too big bulk count string'],
  ])('bytes that are no command (%#) end the connection with a reason', async (bytes, reason) => {
    client.write(`${encode(['PING'])}${bytes}`);
    expect(await replies(2)).toEqual([{ ok: 'PONG' }, { err: `ERR ${reason}` }]);
    await client.closed();
  });

  test('QUIT is answered, and nothing after it', async () => {
    client.write(encode(['QUIT']) + encode(['SET', 'k', 'late']));
    expect(await client.next()).toEqual({ ok: 'OK' });
    await client.closed();
    await using other = await RespClient.connect(server.url);
    expect(await other.send('GET', 'k')).toBeNull();
  });

  test('a subscriber hears what is published, until it unsubscribes', async () => {
    await using subscriber = await RespClient.connect(server.url);
    subscriber.write(encode(['SUBSCRIBE', 'one', 'two', 'one']));
    expect([await subscriber.next(), await subscriber.next(), await subscriber.next()]).toEqual([
      ['subscribe', 'one', 1],
      ['subscribe', 'two', 2],
      ['subscribe', 'one', 2],
    ]);
    expect(await client.send('PUBLISH', 'one', 'hello')).toBe(1);
    expect(await client.send('PUBLISH', 'none', 'hello')).toBe(0);
    expect(await subscriber.next()).toEqual(['message', 'one', 'hello']);
    expect(await subscriber.send('PING')).toEqual(['pong', '']);
    expect(await subscriber.send('GET', 'k')).toEqual({
      err: expect.stringMatching(/^ERR Can't execute 'get': only /),
    });
    expect(await subscriber.send('UNSUBSCRIBE', 'one')).toEqual(['unsubscribe', 'one', 1]);
    expect(await subscriber.send('UNSUBSCRIBE')).toEqual(['unsubscribe', 'two', 0]);
    expect(await subscriber.send('UNSUBSCRIBE')).toEqual(['unsubscribe', null, 0]);
    expect(await subscriber.send('PING')).toEqual({ ok: 'PONG' });
    expect(await client.send('PUBLISH', 'one', 'hello')).toBe(0);
  });

  test('a subscriber that leaves is no longer counted', async () => {
    const subscriber = await RespClient.connect(server.url);
    await subscriber.send('SUBSCRIBE', 'one');
    await subscriber[Symbol.asyncDispose]();
    while ((await client.send('PUBLISH', 'one', 'hello')) !== 0);
  });
});
