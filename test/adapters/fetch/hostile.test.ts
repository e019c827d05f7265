import type { Socket } from 'node:net';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { openUrl } from '../../../adapters/fetch/open-url.ts';
import { createManualClock } from '../../../adapters/memory/clock.ts';
import type { FailureCode } from '../../../domain/errors.ts';
import { ALLOWED, failure, read, serve, serveConnections, serveRaw, WAIT } from './web-server.ts';

/** Tries that fail alike are not what is looked at here; the pauses between them would be. */
const ONCE = { retries: 0 };
const MAX_BYTES = 1_000_000;

const OK = 'HTTP/1.1 200 OK\r\n';
const CHUNKED = `${OK}transfer-encoding: chunked\r\n\r\n`;
const after = (head: string, body: Buffer) => Buffer.concat([Buffer.from(`${OK}${head}\r\n\r\n`), body]);

/** Writes the same bytes for as long as somebody takes them. */
function endlessly(socket: Socket, head: string, bytes: string | Buffer): void {
  const more = () => {
    while (!socket.destroyed && socket.write(bytes)) {}
  };
  socket.write(head);
  socket.on('drain', more);
  more();
}

describe('a server that is not what it should be', () => {
  it.each<[FailureCode, string, string | Buffer]>([
    ['fetch-failed', 'says nothing', ''],
    ['fetch-failed', 'breaks off in the headers', `${OK}content-le`],
    ['fetch-malformed', 'does not speak HTTP', 'SSH-2.0-OpenSSH_9.6\r\n'],
    ['fetch-malformed', 'speaks HTTP/0.9', '<html>hello</html>'],
    ['fetch-malformed', 'has a NUL in a header', `${OK}x: a\0b\r\n\r\n`],
    ['fetch-malformed', 'answers 100 to what it was not asked', 'HTTP/1.1 100 Continue\r\n\r\n'],
    [
      'fetch-malformed',
      'wants another protocol',
      'HTTP/1.1 101 Switching\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n',
    ],
    // Lengths that lie
    ['fetch-incomplete', 'sends less than it said', `${OK}content-length: 100\r\n\r\nhalf of it`],
    ['fetch-length-mismatch', 'sends more than it said', `${OK}content-length: 4\r\n\r\nhalf of it`],
    [
      'fetch-length-mismatch',
      'sends more, and closes',
      `${OK}connection: close\r\ncontent-length: 4\r\n\r\nhalf of it`,
    ],
    [
      'fetch-length-mismatch',
      'sends a second answer',
      `${OK}content-length: 4\r\n\r\nhalf${OK}content-length: 0\r\n\r\n`,
    ],
    ['fetch-length-mismatch', 'says nothing comes', `${OK}content-length: 0\r\n\r\nhalf of it`],
    ['fetch-malformed', 'names two lengths', `${OK}content-length: 4\r\ncontent-length: 5\r\n\r\nhalf`],
    ['fetch-malformed', 'names a negative length', `${OK}content-length: -4\r\n\r\nhalf`],
    ['fetch-malformed', 'names a length beyond all numbers', `${OK}content-length: ${'9'.repeat(30)}\r\n\r\nhalf`],
    ['fetch-too-large', 'names a length beyond the limit', `${OK}content-length: ${'9'.repeat(15)}\r\n\r\nhalf`],
    [
      'fetch-incomplete',
      'sends a part, unasked',
      'HTTP/1.1 206 Part\r\ncontent-range: bytes 0-3/9\r\ncontent-length: 4\r\n\r\nhalf',
    ],
    // Chunks that are none
    ['fetch-incomplete', 'breaks off in a chunk', `${CHUNKED}10\r\nhalf`],
    ['fetch-incomplete', 'leaves the last chunk out', `${CHUNKED}4\r\nhalf\r\n`],
    ['fetch-malformed', 'has a chunk of no size', `${CHUNKED}zz\r\nhalf\r\n0\r\n\r\n`],
    ['fetch-malformed', 'has a chunk of a negative size', `${CHUNKED}-4\r\nhalf\r\n0\r\n\r\n`],
    ['fetch-malformed', 'has a chunk beyond all sizes', `${CHUNKED}${'f'.repeat(17)}\r\nhalf\r\n0\r\n\r\n`],
    ['fetch-malformed', 'has a chunk longer than its size', `${CHUNKED}2\r\nhalf\r\n0\r\n\r\n`],
    [
      'fetch-malformed',
      'has chunks and a length',
      `${OK}content-length: 4\r\ntransfer-encoding: chunked\r\n\r\n4\r\nhalf\r\n0\r\n\r\n`,
    ],
    ['fetch-length-mismatch', 'goes on after the last chunk', `${CHUNKED}4\r\nhalf\r\n0\r\n\r\nmore`],
    // Headers without end
    ['fetch-headers-too-large', 'sends many headers', `${OK}${'x: y\r\n'.repeat(20_000)}\r\n`],
    ['fetch-headers-too-large', 'sends a long header', `${OK}x: ${'y'.repeat(1_000_000)}\r\n\r\n`],
    ['fetch-headers-too-large', 'sends a long name of a header', `${OK}${'x'.repeat(1_000_000)}: y\r\n\r\n`],
    ['fetch-headers-too-large', 'sends many trailers', `${CHUNKED}4\r\nhalf\r\n0\r\n${'x: y\r\n'.repeat(20_000)}\r\n`],
    // Encodings
    [
      'fetch-encoding-unsupported',
      'uses two encodings',
      after('content-encoding: gzip, gzip', gzipSync(gzipSync('x'))),
    ],
    [
      'fetch-encoding-unsupported',
      'uses an encoding twice',
      after('content-encoding: gzip\r\ncontent-encoding: br', gzipSync('x')),
    ],
    ['fetch-encoding-unsupported', 'uses an unknown encoding', `${OK}content-encoding: zstd\r\n\r\nx`],
    [
      'fetch-encoding-unsupported',
      'uses an encoding that is no encoding',
      `${OK}content-encoding: constructor\r\n\r\nx`,
    ],
    ['fetch-encoding-unsupported', 'compresses the transfer', after('transfer-encoding: gzip', gzipSync('x'))],
    [
      'fetch-encoding-unsupported',
      'compresses the transfer in chunks',
      `${OK}transfer-encoding: gzip, chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n`,
    ],
    ['fetch-encoding-damaged', 'sends damaged gzip', after('content-encoding: gzip', Buffer.from('not gzip'))],
    [
      'fetch-encoding-damaged',
      'sends half of a gzip',
      after('content-encoding: gzip', gzipSync('x'.repeat(1000)).subarray(0, 20)),
    ],
    ['fetch-encoding-damaged', 'sends damaged brotli', after('content-encoding: br', Buffer.from('not brotli'))],
    ['fetch-encoding-damaged', 'sends damaged deflate', after('content-encoding: deflate', Buffer.from('not deflate'))],
  ])('ends with %s where it %s', async (code, _title, answer) => {
    const clock = createManualClock();
    await using server = await serveRaw(answer);
    expect((await failure(server.url, { ...ONCE, clock })).code).toBe(code);
    expect(clock.sleepers).toBe(0);
    await expect.poll(() => server.open.size, WAIT).toBe(0);
  });

  it('is forgiven an empty line after its answer', async () => {
    await using server = await serveRaw(`${OK}content-length: 4\r\n\r\nhalf\r\n\r\n`);
    expect((await read(server.url, ONCE)).bytes.toString()).toBe('half');
  });

  it('ends with fetch-insecure where it has no TLS', async () => {
    await using server = await serveRaw('HTTP/1.1 400 Bad\r\n\r\n');
    expect((await failure(server.url.replace('http', 'https'), ONCE)).code).toBe('fetch-insecure');
  });

  // Half of a document was a success: to the HTTP client a reset was as good an end as any, where nothing else says the end.
  it.each([
    ['by its length', `${OK}content-length: 100\r\n\r\n`, 'half of it'],
    ['by its chunks', CHUNKED, 'a\r\nhalf of it\r\n'],
    ['by its end alone', `${OK}\r\n`, 'half of it'],
    ['by its end, which is announced', `${OK}connection: close\r\n\r\n`, 'half of it'],
    ['of HTTP/1.0', 'HTTP/1.0 200 OK\r\n\r\n', 'half of it'],
    ['that is compressed, and whole as such', `${OK}content-encoding: gzip\r\n\r\n`, gzipSync('half of it')],
  ])('ends with fetch-incomplete where it resets the connection in a body %s', async (_title, head, body) => {
    const received = Promise.withResolvers<void>();
    await using server = await serveConnections((socket) => {
      socket.write(head);
      socket.write(body);
      void received.promise.then(() => socket.resetAndDestroy());
    });
    await using download = await openUrl(server.url, { ...ALLOWED, ...ONCE });
    const reading = (async () => {
      for await (const _ of download.body) received.resolve();
    })();
    await expect(reading).rejects.toMatchObject({ code: 'fetch-incomplete' });
  });

  it('ends with fetch-too-many-redirects where it redirects for ever', async () => {
    await using server = await serve((request, response) =>
      response.writeHead(302, { location: `${request.url}x`, 'content-length': 5 }).end('moved'),
    );
    expect((await failure(server.url)).code).toBe('fetch-too-many-redirects');
    expect(server.count()).toBe(4);
    await expect.poll(() => server.open.size, WAIT).toBe(0);
  });
});

describe('a server that never ends', () => {
  const ENDLESS = Buffer.alloc(16_384);
  const CHUNK = Buffer.concat([Buffer.from('4000\r\n'), ENDLESS, Buffer.from('\r\n')]);

  it.each<[FailureCode, string, string, string | Buffer]>([
    ['fetch-too-large', 'its body', `${OK}\r\n`, ENDLESS],
    ['fetch-too-large', 'its chunks', CHUNKED, CHUNK],
    ['fetch-too-large', 'chunks of a byte', CHUNKED, '1\r\nx\r\n'.repeat(1000)],
    ['fetch-length-mismatch', 'a body that it called small', `${OK}content-length: 10\r\n\r\n`, ENDLESS],
    ['fetch-headers-too-large', 'its headers', OK, 'x: y\r\n'.repeat(1000)],
    ['fetch-headers-too-large', 'one header', `${OK}x: `, 'y'.repeat(16_384)],
    ['fetch-headers-too-large', 'its trailers', `${CHUNKED}0\r\n`, 'x: y\r\n'.repeat(1000)],
    [
      'fetch-inflates-too-large',
      'what it inflates to',
      `${OK}content-encoding: gzip\r\n\r\n`,
      gzipSync(Buffer.alloc(100_000)),
    ],
    // Members without content, one after the other, are a proper gzip: the decoder takes them in, and gives nothing.
    [
      'fetch-too-large',
      'what it inflates to nothing',
      `${OK}content-encoding: gzip\r\n\r\n`,
      Buffer.concat(Array(1000).fill(gzipSync(''))),
    ],
  ])('ends with %s at %s', async (code, _title, head, bytes) => {
    const clock = createManualClock();
    await using server = await serveConnections((socket) => endlessly(socket, head, bytes));
    expect((await failure(server.url, { ...ONCE, clock, maxBytes: MAX_BYTES })).code).toBe(code);
    expect(clock.sleepers).toBe(0);
    await expect.poll(() => server.open.size, WAIT).toBe(0);
  });

  it.each([
    ['gzip', gzipSync],
    ['deflate', deflateSync],
    ['br', brotliCompressSync],
  ] as const)('is a bomb in %s: small as it is sent, and 50 times the limit', async (encoding, compress) => {
    const bomb = compress(Buffer.alloc(50 * MAX_BYTES));
    expect(bomb.length).toBeLessThan(MAX_BYTES / 10);
    await using server = await serveRaw(after(`content-encoding: ${encoding}`, bomb));
    expect((await failure(server.url, { ...ONCE, maxBytes: MAX_BYTES })).code).toBe('fetch-inflates-too-large');
  });

  it.each([
    ['bytes', `${OK}\r\n`, ENDLESS],
    ['chunks', CHUNKED, CHUNK],
    ['what inflates', `${OK}content-encoding: gzip\r\n\r\n`, gzipSync(Buffer.alloc(100_000))],
  ])('is taken no more %s from than are used, and what the system holds on the way', async (_title, head, bytes) => {
    let sent: Socket | undefined;
    await using server = await serveConnections((socket) => {
      sent = socket;
      endlessly(socket, head, bytes);
    });
    await using download = await openUrl(server.url, { ...ALLOWED, ...ONCE });
    const chunks = (download.body as AsyncGenerator<Uint8Array>)[Symbol.asyncIterator]();
    await chunks.next();
    for (let still = 0, before = -1; still < 500; ) {
      await new Promise((resolve) => setImmediate(resolve));
      still = sent!.bytesWritten === before ? still + 1 : 0;
      before = sent!.bytesWritten;
    }
    // Buffers of the system on both sides: some MB each at the most.
    expect(sent!.bytesWritten).toBeLessThan(32_000_000);
  });

  it.each([
    ['early hints', '', 'HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n'],
    ['extensions of a chunk', `${CHUNKED}1;`, 'x'.repeat(1000)],
  ])('has as long as anybody where it sends nothing but %s', async (_title, head, bytes) => {
    const clock = createManualClock();
    await using server = await serveConnections((socket) => endlessly(socket, head, bytes.repeat(100)));
    const ended = failure(server.url, { ...ONCE, clock });
    await expect.poll(() => server.count(), WAIT).toBe(1);
    await clock.advance(60_000);
    expect((await ended).code).toBe('fetch-stalled');
    await expect.poll(() => server.open.size, WAIT).toBe(0);
  });

  it('that drips its headers is given the time for an answer, however often something comes', async () => {
    const clock = createManualClock();
    const sockets: Socket[] = [];
    await using server = await serveConnections((socket) => {
      sockets.push(socket);
      socket.write(OK);
    });
    const ended = failure(server.url, { ...ONCE, clock, idleMs: 10_000 });
    await expect.poll(() => sockets.length, WAIT).toBe(1);
    for (let second = 0; second < 9; second += 1) {
      sockets[0]!.write(`x-${second}: y\r\n`);
      await clock.advance(1_000);
    }
    expect(server.open.size).toBe(1);
    await clock.advance(1_000);
    expect(await ended).toMatchObject({
      code: 'fetch-stalled',
      message: 'The server at 127.0.0.1 did not answer within 10 s: try again later, or send the file itself.',
    });
    await expect.poll(() => server.open.size, WAIT).toBe(0);
  });

  it('that drips its body is given the deadline, and no more', async () => {
    const clock = createManualClock();
    await using server = await serve((_request, response) => {
      const drip = () => {
        if (!response.destroyed) response.write('x', () => setImmediate(drip));
      };
      drip();
    });
    await using download = await openUrl(server.url, { ...ALLOWED, clock, deadlineMs: 60_000, idleMs: 10_000 });
    let chunks = 0;
    const reading = (async () => {
      for await (const _ of download.body) {
        chunks += 1;
        // Something always comes well within the patience.
        await clock.advance(9_000);
      }
    })();
    await expect(reading).rejects.toMatchObject({ code: 'fetch-timeout' });
    expect(chunks).toBe(7);
    await expect.poll(() => server.open.size, WAIT).toBe(0);
  });

  it('that falls silent in its body is given up after the patience for it', async () => {
    const clock = createManualClock();
    await using server = await serveRaw(`${OK}content-length: 100\r\n\r\nsome`, false);
    const chunks: Uint8Array[] = [];
    await using download = await openUrl(server.url, { ...ALLOWED, ...ONCE, clock, idleMs: 10_000 });
    const reading = (async () => {
      for await (const chunk of download.body) chunks.push(chunk);
    })();
    reading.catch(() => undefined);
    await expect.poll(() => chunks.length, WAIT).toBe(1);
    await clock.advance(10_000);
    await expect(reading).rejects.toMatchObject({
      code: 'fetch-stalled',
      message: 'The server at 127.0.0.1 sent nothing for 10 s: try again later, or send the file itself.',
    });
    expect(clock.sleepers).toBe(0);
  });

  it('is not called silent while nobody takes what it sent', async () => {
    const clock = createManualClock();
    await using server = await serveRaw(`${OK}content-length: 4\r\n\r\nsome`, false);
    await using download = await openUrl(server.url, { ...ALLOWED, ...ONCE, clock, idleMs: 10_000 });
    for await (const _ of download.body) await clock.advance(30_000);
  });
});

describe('a server that is not reached yet', () => {
  const idleMs = 500;

  it('is given up after the patience for an answer, where its name is not resolved', async () => {
    const clock = createManualClock();
    const address = Promise.withResolvers<Array<{ address: string }>>();
    const asked = Promise.withResolvers<void>();
    const dialled: string[] = [];
    let ended: unknown;
    const running = failure('http://slow.example/', {
      clock,
      idleMs,
      lookup: () => {
        asked.resolve();
        return address.promise;
      },
      dial: ({ hostname }) => dialled.push(hostname),
    });
    void running.then((error) => {
      ended = error;
    });
    await asked.promise;
    await clock.advance(idleMs);
    await expect.poll(() => ended, WAIT).toMatchObject({ code: 'fetch-stalled' });
    expect(clock.sleepers).toBe(0);
    // An answer that comes after all leads nowhere.
    address.resolve([{ address: '93.184.215.14' }]);
    await new Promise((resolve) => setImmediate(resolve));
    expect(dialled).toEqual([]);
  });

  it('is given up after the patience for an answer, where its TLS never comes up, and its connection is let go', async () => {
    const clock = createManualClock();
    await using server = await serveRaw('', false);
    const ended = failure(server.url.replace('http', 'https'), { clock, idleMs, connectTimeoutMs: 10 * 60_000 });
    await expect.poll(() => server.count(), WAIT).toBe(1);
    await clock.advance(idleMs);
    expect((await ended).code).toBe('fetch-stalled');
    await expect.poll(() => server.open.size, WAIT).toBe(0);
  });
});
