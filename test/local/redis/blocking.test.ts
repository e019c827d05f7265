import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Decoded, NULL_ARRAY, RespClient } from './resp-client.ts';
import { redisServers } from './servers.ts';

/** Redis 7.0 says UNBLOCKED where the stream went, and NOGROUP where only the group did; later versions always NOGROUP. */
const GONE = { err: expect.stringMatching(/^(?:NOGROUP|UNBLOCKED) /) };
const FOR_EVER = 0;

describe.each(redisServers())('waiting for entries of $name', ({ start }) => {
  let server: { readonly url: string } & AsyncDisposable;
  let writer: RespClient;
  const readers: RespClient[] = [];

  beforeAll(async () => {
    server = await start();
    writer = await RespClient.connect(server.url);
  });
  afterAll(async () => {
    await writer[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
  });
  beforeEach(async () => {
    await writer.send('FLUSHALL');
    await writer.send('XGROUP', 'CREATE', 'x', 'g', '0', 'MKSTREAM');
    return async () => {
      for (const reader of readers.splice(0)) await reader[Symbol.asyncDispose]();
      await blocked(0);
    };
  });

  /** Sends a read that has to wait, and comes back once it does. */
  async function wait(consumer: string): Promise<{ reader: RespClient; reply: Promise<Decoded> }> {
    const reader = await RespClient.connect(server.url);
    const before = await blockedCount();
    readers.push(reader);
    const reply = reader.send(
      'XREADGROUP',
      'GROUP',
      'g',
      consumer,
      'COUNT',
      10,
      'BLOCK',
      FOR_EVER,
      'STREAMS',
      'x',
      '>',
    );
    reply.catch(() => {});
    await blocked(before + 1);
    return { reader, reply };
  }

  async function blockedCount(): Promise<number> {
    return Number(/^blocked_clients:(\d+)/m.exec(String(await writer.send('INFO', 'clients')))?.[1]);
  }

  async function blocked(count: number): Promise<void> {
    while ((await blockedCount()) !== count);
  }

  test('a waiting reader gets the entry that is added', async () => {
    const { reply } = await wait('c');
    await writer.send('XADD', 'x', '1-0', 'f', 'v');
    expect(await reply).toEqual([['x', [['1-0', ['f', 'v']]]]]);
    expect(await writer.send('XPENDING', 'x', 'g')).toEqual([1, '1-0', '1-0', [['c', '1']]]);
  });

  test('readers are served in the order in which they began to wait', async () => {
    const waiting = [await wait('one'), await wait('two'), await wait('three')];
    for (const id of ['1-0', '2-0', '3-0']) await writer.send('XADD', 'x', id, 'f', 'v');
    const replies = await Promise.all(waiting.map(({ reply }) => reply));
    expect(replies).toEqual(['1-0', '2-0', '3-0'].map((id) => [['x', [[id, ['f', 'v']]]]]));
  });

  test('a reader is served only after the whole script has run', async () => {
    const { reply } = await wait('c');
    const body = "redis.call('xadd', KEYS[1], '1-0', 'f', 'v') return redis.call('xadd', KEYS[1], '2-0', 'f', 'v')";
    await writer.send('EVAL', body, 1, 'x');
    expect(await reply).toEqual([
      [
        'x',
        [
          ['1-0', ['f', 'v']],
          ['2-0', ['f', 'v']],
        ],
      ],
    ]);
  });

  test('a wait that is over answers null', async () => {
    await using reader = await RespClient.connect(server.url);
    const read = reader.send('XREADGROUP', 'GROUP', 'g', 'c', 'BLOCK', 100, 'STREAMS', 'x', '>');
    expect(await read).toEqual(NULL_ARRAY);
  });

  test('a reader whose entry is there does not wait', async () => {
    await writer.send('XADD', 'x', '1-0', 'f', 'v');
    expect(await writer.send('XREADGROUP', 'GROUP', 'g', 'c', 'BLOCK', FOR_EVER, 'STREAMS', 'x', '>')).not.toEqual(
      NULL_ARRAY,
    );
  });

  test('commands behind a waiting read are run after it, in their order', async () => {
    const { reader, reply } = await wait('c');
    const after = [reader.send('ECHO', 'first'), reader.send('ECHO', 'second')];
    await writer.send('XADD', 'x', '1-0', 'f', 'v');
    expect(await Promise.all([reply, ...after])).toEqual([[['x', [['1-0', ['f', 'v']]]]], 'first', 'second']);
  });

  test.each([
    ['the stream is deleted', ['DEL', 'x']],
    ['everything is deleted', ['FLUSHALL']],
    ['the group is destroyed', ['XGROUP', 'DESTROY', 'x', 'g']],
    ['the stream expires', ['PEXPIRE', 'x', '30']],
    ['another value takes its place', ['SET', 'x', 'text']],
  ])('a waiting reader hears that %s', async (_, command) => {
    const { reply } = await wait('c');
    await writer.send(...command);
    expect(await reply).toEqual(GONE);
  });

  test('a reader that leaves takes no entry with it', async () => {
    const { reader } = await wait('gone');
    const { reply } = await wait('there');
    await reader[Symbol.asyncDispose]();
    await blocked(1);
    await writer.send('XADD', 'x', '1-0', 'f', 'v');
    expect(await reply).toEqual([['x', [['1-0', ['f', 'v']]]]]);
  });
});
