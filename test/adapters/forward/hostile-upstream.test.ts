import { once } from 'node:events';
import type { Socket } from 'node:net';
import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { FORWARD_DEADLINE_MS } from '../../../adapters/forward/limits.ts';
import { createManualClock } from '../../../adapters/memory/clock.ts';
import { answerJson, bodyOf, forwarding, outcomeOf, startRawUpstream, startUpstream, WAIT } from './harness.ts';

/** More than the buffers of two sockets can hold: whoever does not read it keeps its sender waiting. */
const LARGE = Buffer.alloc(32 * 2 ** 20);

const OK = 'HTTP/1.1 200 OK\r\n';

/** Answers the first bytes of a request with these, and reads on. */
const answerRaw = (answer: string | Buffer, after: (socket: Socket) => void = () => {}) =>
  startRawUpstream((socket) => {
    socket.once('data', () => {
      socket.write(answer, () => after(socket));
      socket.resume();
    });
  });

describe('an answer that comes while the body is still being sent', () => {
  it('that refuses it is taken, and the rest is not sent', async () => {
    let received = 0;
    await using upstream = await startRawUpstream((socket) => {
      socket.on('data', (chunk) => {
        received += chunk.byteLength;
      });
      socket.once('data', () => {
        socket.pause();
        const body = JSON.stringify({ error: 'Files of this size are not taken.' });
        socket.write(
          `HTTP/1.1 413 Payload Too Large\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
        );
      });
    });
    const test = await forwarding(upstream.url, { bytes: LARGE });
    const error = await test.failure();
    expect(error.code).toBe('upstream-refused');
    expect(error.message).toBe(
      'The upstream service answered 413 Payload Too Large: Files of this size are not taken.',
    );
    // All that is still under way.
    const [socket] = upstream.open;
    if (socket) await once(socket.resume(), 'close');
    expect(received).toBeLessThan(LARGE.length);
  });

  it('that accepts it is taken as well', async () => {
    await using upstream = await answerRaw(`${OK}content-length: 8\r\n\r\n{"id":1}`);
    const test = await forwarding(upstream.url, { bytes: LARGE });
    expect(await test.run()).toEqual({ id: 1 });
    await expect.poll(() => upstream.open.size, WAIT).toBe(0);
  });

  it('is taken from a server that closes after it, too', async () => {
    await using upstream = await startUpstream((request, response) => {
      request.resume();
      response.setHeader('connection', 'close');
      answerJson(response, 401, { message: 'This key is not known.' });
    });
    const test = await forwarding(upstream.url, { bytes: LARGE });
    expect((await test.failure()).message).toBe(
      'The upstream service answered 401 Unauthorized: This key is not known.',
    );
  });
});

describe('a connection that breaks off', () => {
  it.each<[string, (socket: Socket) => void]>([
    ['before a byte is taken', (socket) => socket.destroy()],
    ['by a reset in the body', (socket) => socket.once('data', () => socket.resetAndDestroy())],
    ['by an end without an answer', (socket) => socket.once('data', () => socket.end()).resume()],
    [
      'in the headers of the answer',
      (socket) => socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\nconte')).resume(),
    ],
    [
      'in the answer',
      (socket) => socket.once('data', () => socket.end(`${OK}content-length: 100\r\n\r\n{"id":`)).resume(),
    ],
    [
      'in a chunk',
      (socket) => socket.once('data', () => socket.end(`${OK}transfer-encoding: chunked\r\n\r\n10\r\n{"id"`)).resume(),
    ],
    [
      'since it speaks something else',
      (socket) => socket.once('data', () => socket.end('SSH-2.0-OpenSSH_9.6\r\n')).resume(),
    ],
    [
      'in endless headers',
      (socket) => socket.once('data', () => socket.end(`${OK}${'x: y\r\n'.repeat(20_000)}\r\n`)).resume(),
    ],
  ])('%s ends the source, and is not tried again: it may have been taken', async (_title, listener) => {
    await using upstream = await startRawUpstream(listener);
    const test = await forwarding(upstream.url, { bytes: LARGE });
    const error = await test.failure();
    expect(error.code).toBe('upstream-broke-off');
    expect(error.message).toBe(
      'The connection to the upstream service broke off before it had answered. ' +
        'It may have taken the source all the same: look there before you send it again.',
    );
    expect(upstream.connections).toBe(1);
    await expect.poll(() => upstream.open.size, WAIT).toBe(0);
  });
});

describe('the deadline', () => {
  it.each([
    ['before it answers', ''],
    ['in its headers', OK],
    ['in its answer', `${OK}content-length: 100\r\n\r\n{"id"`],
  ])('ends an upstream that goes silent %s', async (_title, answer) => {
    const clock = createManualClock();
    await using upstream = await answerRaw(answer);
    const test = await forwarding(upstream.url, { clock });
    const ended = outcomeOf(test.failure());
    await expect.poll(() => upstream.connections, WAIT).toBe(1);
    await clock.advance(FORWARD_DEADLINE_MS - 1);
    expect(upstream.open.size).toBe(1);
    await clock.advance(1);
    await expect
      .poll(() => ended.result, WAIT)
      .toMatchObject({
        code: 'upstream-timeout',
        message: expect.stringContaining('did not answer within 180 s'),
      });
    expect(clock.sleepers).toBe(0);
    await expect.poll(() => upstream.open.size, WAIT).toBe(0);
  });

  it('ends an upstream that takes nothing, and lets go of the original', async () => {
    const clock = createManualClock();
    let letGo = false;
    async function* body() {
      try {
        for (;;) yield Buffer.alloc(2 ** 20);
      } finally {
        letGo = true;
      }
    }
    await using upstream = await startRawUpstream((socket) => socket.pause());
    const readOriginal = async () => ({ bytes: 2 ** 40, body: body() });
    const test = await forwarding(upstream.url, { clock, readOriginal });
    const ended = outcomeOf(test.failure());
    await expect.poll(() => test.progress.length, WAIT).toBeGreaterThan(1);
    await clock.advance(FORWARD_DEADLINE_MS);
    await expect.poll(() => ended.result, WAIT).toMatchObject({ code: 'upstream-timeout' });
    await expect.poll(() => letGo, WAIT).toBe(true);
  });
});

describe('an abort', () => {
  const reason = new Error('cancelled');

  it.each([
    ['while the upstream takes nothing', LARGE],
    ['while the upstream thinks', 'small'],
  ])('%s ends it with the reason of the abort', async (_title, bytes) => {
    const abort = new AbortController();
    const stuck = Promise.withResolvers<Socket>();
    await using upstream = await startRawUpstream((socket) => {
      socket.once('data', () => stuck.resolve(socket.pause()));
    });
    const test = await forwarding(upstream.url, { bytes });
    const ended = outcomeOf(test.run(abort.signal));
    const socket = await stuck.promise;
    abort.abort(reason);
    await expect.poll(() => ended.error, WAIT).toBe(reason);
    socket.resume();
    await expect.poll(() => upstream.open.size, WAIT).toBe(0);
    expect(upstream.connections).toBe(1);
  });

  it('in a pause ends it, and it is not tried again', async () => {
    const clock = createManualClock();
    const abort = new AbortController();
    await using upstream = await startUpstream((_, response) => answerJson(response, 500, {}));
    const test = await forwarding(upstream.url, { clock });
    const ended = outcomeOf(test.run(abort.signal));
    await expect.poll(() => clock.sleepers, WAIT).toBe(2);
    abort.abort(reason);
    await expect.poll(() => ended.error, WAIT).toBe(reason);
    expect(clock.sleepers).toBe(0);
    expect(upstream.connections).toBe(1);
  });

  it('while the original is silent ends it, and lets go of the original', async () => {
    const abort = new AbortController();
    await using upstream = await startUpstream((request) => void bodyOf(request).catch(() => {}));
    async function* body(): AsyncGenerator<Uint8Array> {
      yield Buffer.alloc(10);
      await new Promise(() => {});
    }
    const test = await forwarding(upstream.url, { readOriginal: async () => ({ bytes: 20, body: body() }) });
    const ended = outcomeOf(test.run(abort.signal));
    await expect.poll(() => test.progress.length, WAIT).toBe(2);
    abort.abort(reason);
    await expect.poll(() => ended.error, WAIT).toBe(reason);
    await expect.poll(() => upstream.open.size, WAIT).toBe(0);
  });

  it('while the store takes its time ends it, and lets go of what comes too late', async () => {
    const abort = new AbortController();
    await using upstream = await startUpstream(() => {});
    const coming = Promise.withResolvers<{ bytes: number; body: Readable }>();
    const test = await forwarding(upstream.url, { readOriginal: () => coming.promise });
    const ended = outcomeOf(test.run(abort.signal));
    abort.abort(reason);
    await expect.poll(() => ended.error, WAIT).toBe(reason);
    const body = new Readable({ read: () => {} });
    coming.resolve({ bytes: 10, body });
    await expect.poll(() => body.destroyed, WAIT).toBe(true);
    expect(upstream.connections).toBe(0);
  });

  it('that came before it began lets nothing begin', async () => {
    await using upstream = await startUpstream(() => {});
    const test = await forwarding(upstream.url);
    await expect(test.run(AbortSignal.abort(reason))).rejects.toBe(reason);
    expect(upstream.connections).toBe(0);
  });
});
