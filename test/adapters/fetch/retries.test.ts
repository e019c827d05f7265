import { randomBytes } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { buildConnector } from 'undici';
import { describe, expect, it } from 'vitest';
import type { Dial } from '../../../adapters/fetch/guarded-connector.ts';
import { openUrl } from '../../../adapters/fetch/open-url.ts';
import { createManualClock } from '../../../adapters/memory/clock.ts';
import { StartOver } from '../../../app/fetch-source.ts';
import {
  type Answer,
  breaksOff,
  CONTENT,
  ETAG,
  HALF,
  OLD,
  pausingClock,
  rest,
  script,
  status,
  whole,
} from './scripted-server.ts';
import { ALLOWED, failure, read, serveConnections, WAIT } from './web-server.ts';

async function wholeOf(body: AsyncIterable<Uint8Array>, onChunk: () => void): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) {
    chunks.push(chunk);
    onChunk();
  }
  return Buffer.concat(chunks);
}

describe('a body that breaks off', () => {
  it.each([
    ['a strong ETag', ETAG, ETAG.etag],
    ['an old Last-Modified', OLD, OLD['last-modified']],
    ['both', { ...OLD, ...ETAG }, ETAG.etag],
    ['a strong ETag beside ranges that are offered', { ...ETAG, 'accept-ranges': 'bytes' }, ETAG.etag],
  ])('goes on where it was, on the condition of %s', async (_title, headers, validator) => {
    const { options, pauses } = pausingClock();
    await using server = await script(breaksOff(headers), rest(headers));
    const { bytes, restarts } = await read(server.url, options);
    expect(bytes).toEqual(CONTENT);
    expect(restarts).toBe(0);
    expect(server.requests[0]).not.toHaveProperty('range');
    expect(server.requests[1]).toMatchObject({ range: 'bytes=10-', 'if-range': validator });
    expect(server.requests).toHaveLength(2);
    expect(pauses).toEqual([500]);
  });

  it.each<[string, Record<string, string>]>([
    ['has no validator', {}],
    ['has a weak ETag', { etag: 'W/"v1"' }],
    ['has an ETag that is none', { etag: 'v1' }],
    ['changed a moment ago', { ...OLD, date: 'Wed, 01 Jan 2025 00:00:59 GMT' }],
    ['has a Last-Modified and no date', { 'last-modified': OLD['last-modified'], date: '' }],
    ['has no ranges', { ...ETAG, 'accept-ranges': 'none' }],
  ])('begins anew, without a condition, where it %s', async (_title, headers) => {
    const { options } = pausingClock();
    await using server = await script(breaksOff(headers), whole());
    const { bytes, restarts } = await read(server.url, options);
    expect(bytes).toEqual(CONTENT);
    expect(restarts).toBe(1);
    expect(server.requests[1]).not.toHaveProperty('range');
    expect(server.requests).toHaveLength(2);
  });

  it('begins anew where it is compressed: no byte of that is a byte of the content', async () => {
    const { options } = pausingClock();
    const headers = { ...ETAG, 'content-encoding': 'gzip' };
    const content = randomBytes(200_000);
    const zipped = gzipSync(content);
    const breaks: Answer = (response) => {
      response.writeHead(200, { 'content-length': zipped.length, ...headers });
      response.write(zipped.subarray(0, 100_000), () => response.socket!.end());
    };
    await using server = await script(breaks, whole(headers, zipped));
    await using download = await openUrl(server.url, { ...ALLOWED, ...options });
    let had = 0;
    const first = (async () => {
      for await (const chunk of download.body) had += chunk.byteLength;
    })();
    const startOver = await first.catch((error: unknown) => error);
    expect(had).toBeGreaterThan(0);
    expect(startOver).toBeInstanceOf(StartOver);
    const chunks: Uint8Array[] = [];
    for await (const chunk of (startOver as StartOver).next.body) chunks.push(chunk);
    expect(Buffer.concat(chunks)).toEqual(content);
    expect(server.requests[1]).not.toHaveProperty('range');
  });

  it('begins anew with the answer that it got, where the content has changed', async () => {
    const { options } = pausingClock();
    const changed = Buffer.from('something else');
    await using server = await script(breaksOff(ETAG), whole({ etag: '"v2"' }, changed));
    const { bytes, restarts, totalBytes } = await read(server.url, options);
    expect(bytes).toEqual(changed);
    expect(totalBytes).toBe(changed.length);
    expect(restarts).toBe(1);
    expect(server.requests).toHaveLength(2);
  });

  it('goes on from where the rest broke off in its turn, and counts what it had', async () => {
    const { options, pauses } = pausingClock();
    const third: Answer = (response) => {
      response.writeHead(206, { ...ETAG, 'content-range': 'bytes 10-19/20', 'content-length': 10 });
      response.write(CONTENT.subarray(10, 15), () => response.socket!.end());
    };
    await using server = await script(breaksOff(ETAG), status(503), third, rest(ETAG, 15));
    const { bytes, restarts } = await read(server.url, options);
    expect(bytes).toEqual(CONTENT);
    expect(restarts).toBe(0);
    expect(server.requests.map(({ range }) => range)).toEqual([undefined, 'bytes=10-', 'bytes=10-', 'bytes=15-']);
    expect(pauses).toEqual([500, 1000, 2000]);
  });

  it('goes on after a reset, too', async () => {
    const { options } = pausingClock();
    const received = Promise.withResolvers<void>();
    const resets: Answer = (response) => {
      response.writeHead(200, { ...ETAG, 'content-length': CONTENT.length });
      response.write(CONTENT.subarray(0, HALF));
      void received.promise.then(() => response.socket!.resetAndDestroy());
    };
    await using server = await script(resets, rest(ETAG));
    await using download = await openUrl(server.url, { ...ALLOWED, ...options });
    expect(await wholeOf(download.body, received.resolve)).toEqual(CONTENT);
    expect(server.requests[1]).toMatchObject({ range: 'bytes=10-' });
  });

  it.each([
    ['HTTP/1.1', 'HTTP/1.1 200 OK\r\nconnection: close'],
    ['HTTP/1.0', 'HTTP/1.0 200 OK'],
  ])(
    'goes on after a reset where only the end of the connection would say that it is whole, in %s',
    async (_title, head) => {
      const { options } = pausingClock();
      const received = Promise.withResolvers<void>();
      await using server = await serveConnections((socket, number) => {
        if (number > 0) {
          const range = 'content-range: bytes 10-19/20\r\ncontent-length: 10';
          return socket.end(`HTTP/1.1 206 Part\r\netag: "v1"\r\n${range}\r\n\r\n${CONTENT.subarray(HALF)}`);
        }
        socket.write(`${head}\r\netag: "v1"\r\n\r\n${CONTENT.subarray(0, HALF)}`);
        void received.promise.then(() => socket.resetAndDestroy());
      });
      await using download = await openUrl(server.url, { ...ALLOWED, ...options });
      expect(await wholeOf(download.body, received.resolve)).toEqual(CONTENT);
      expect(server.count()).toBe(2);
    },
  );

  it('goes on after a silence that was too long', async () => {
    const clock = createManualClock();
    const silent: Answer = (response) => {
      response.writeHead(200, { ...ETAG, 'content-length': CONTENT.length }).write(CONTENT.subarray(0, HALF));
    };
    await using server = await script(silent, rest(ETAG));
    await using download = await openUrl(server.url, { ...ALLOWED, clock, idleMs: 10_000, random: () => 0.5 });
    const chunks: Uint8Array[] = [];
    const reading = (async () => {
      for await (const chunk of download.body) chunks.push(chunk);
    })();
    await expect.poll(() => Buffer.concat(chunks).length, WAIT).toBe(HALF);
    await clock.advance(9_999);
    expect(server.requests).toHaveLength(1);
    await clock.advance(1);
    await clock.advance(500);
    await reading;
    expect(Buffer.concat(chunks)).toEqual(CONTENT);
    expect(server.requests[1]).toMatchObject({ range: 'bytes=10-' });
  });

  it('is asked for from the start of its redirects again, each of them checked', async () => {
    const { options } = pausingClock();
    const moved: Answer = (response, request) => {
      if (request.url === '/start') return response.writeHead(302, { location: '/there' }).end();
      breaksOff(ETAG)(response, request);
    };
    await using server = await script(moved, moved, status(302, { location: 'http://169.254.169.254/' }));
    expect((await failure(`${server.url}/start`, options)).code).toBe('address-refused');
    expect(server.requests.map(({ range }) => range)).toEqual([undefined, undefined, 'bytes=10-']);
  });

  it('is too large with all of its pieces, not with one of them', async () => {
    const { options } = pausingClock();
    const endless: Answer = (response) => {
      response.writeHead(200, { ...ETAG, 'content-length': 30 });
      response.write(CONTENT, () => response.socket!.end());
    };
    const more: Answer = (response) => response.writeHead(206, { 'content-range': 'bytes 20-29/30' }).end('0123456789');
    await using fits = await script(endless, more);
    expect((await read(fits.url, { ...options, maxBytes: 30 })).bytes).toHaveLength(30);
    const unsaid: Answer = (response) => {
      response.writeHead(200, ETAG);
      response.write(CONTENT, () => response.socket!.end());
    };
    const unsaidMore: Answer = (response) =>
      response.writeHead(206, { 'content-range': 'bytes 20-29/30' }).end('0123456789');
    await using server = await script(unsaid, unsaidMore);
    expect((await failure(server.url, { ...options, maxBytes: 29 })).code).toBe('fetch-too-large');
    expect(server.requests).toHaveLength(2);
  });

  it('is given up after three more tries, with the failure of the last', async () => {
    const { options, pauses } = pausingClock();
    await using server = await script(breaksOff());
    expect((await failure(server.url, options)).code).toBe('fetch-incomplete');
    expect(server.requests).toHaveLength(4);
    expect(pauses).toEqual([500, 1000, 2000]);
    await expect.poll(() => server.open.size, WAIT).toBe(0);
  });
});

describe('an answer that does not come', () => {
  it.each([500, 502, 503, 504, 599, 408, 429])('is asked for again where it is %i', async (code) => {
    const { options, pauses } = pausingClock();
    await using server = await script(status(code), whole());
    const { bytes, restarts } = await read(server.url, options);
    expect(bytes).toEqual(CONTENT);
    expect(restarts).toBe(0);
    expect(pauses).toEqual([500]);
  });

  it.each([400, 401, 404, 410, 501, 505])('is not asked for again where it is %i', async (code) => {
    const { options, pauses } = pausingClock();
    await using server = await script(status(code), whole());
    expect((await failure(server.url, options)).code).toBe('fetch-status');
    expect(server.requests).toHaveLength(1);
    expect(pauses).toEqual([]);
  });

  it('is asked for again where the connection ends before it', async () => {
    const { options } = pausingClock();
    await using server = await serveConnections((socket, number) =>
      number === 0 ? socket.destroy() : socket.end('HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello'),
    );
    expect((await read(server.url, options)).bytes.toString()).toBe('hello');
    expect(server.count()).toBe(2);
  });

  it('is asked for again where the server is gone before it can be seen who it is', async () => {
    const { options, pauses } = pausingClock();
    await using server = await script(whole());
    const dialServer = buildConnector({});
    let dialled = 0;
    const dial: Dial = (target, callback) => {
      dialled += 1;
      dialServer({ ...target, hostname: '127.0.0.1', port: String(server.port) }, (...outcome) => {
        const remoteAddress = dialled === 1 ? undefined : target.hostname;
        Object.defineProperty(outcome[1], 'remoteAddress', { value: remoteAddress });
        callback(...outcome);
      });
    };
    const lookup = async () => [{ address: '93.184.215.14' }];
    expect((await read('http://public.example/', { ...options, dial, lookup })).bytes).toEqual(CONTENT);
    expect(pauses).toEqual([500]);
    await expect.poll(() => server.open.size, WAIT).toBe(0);
  });

  it('is asked for again when the server wants it, by seconds or by a date', async () => {
    const { options, pauses, clock } = pausingClock();
    const at: Answer = (response) =>
      response.writeHead(503, { 'retry-after': new Date(clock.now() + 7_000).toUTCString() }).end();
    await using server = await script(status(429, { 'retry-after': '3' }), at, whole());
    expect((await read(server.url, options)).bytes).toEqual(CONTENT);
    expect(pauses).toEqual([3000, 7000]);
  });

  it.each(['never', '', '-5', '0'])(
    'is asked for again after the usual pause where it says Retry-After: %s',
    async (text) => {
      const { options, pauses } = pausingClock();
      await using server = await script(status(503, { 'retry-after': text }), whole());
      await read(server.url, options);
      expect(pauses).toEqual([500]);
    },
  );

  it('ends at once in its own failure where the server wants more time than there is', async () => {
    const { options, pauses } = pausingClock();
    await using server = await script(status(503, { 'retry-after': '3600' }));
    expect((await failure(server.url, options)).message).toContain('503');
    expect(server.requests).toHaveLength(1);
    expect(pauses).toEqual([]);
  });

  it('is asked for once where no retries are wanted', async () => {
    const { options } = pausingClock();
    await using server = await script(status(503));
    await failure(server.url, { ...options, retries: 0 });
    expect(server.requests).toHaveLength(1);
  });

  it('ends at an abort in the pause between two tries', async () => {
    const clock = createManualClock();
    const abort = new AbortController();
    await using server = await script(status(503));
    const ended = read(server.url, { clock, signal: abort.signal }).catch((error: unknown) => error);
    await expect.poll(() => server.requests.length, WAIT).toBe(1);
    const reason = new Error('cancelled');
    abort.abort(reason);
    expect(await ended).toBe(reason);
    expect(clock.sleepers).toBe(0);
    expect(server.requests).toHaveLength(1);
  });

  it('has one deadline for all tries', async () => {
    const clock = createManualClock();
    await using server = await serveConnections((socket, number) => {
      if (number === 0) socket.end('HTTP/1.1 503 No\r\ncontent-length: 0\r\n\r\n');
    });
    const ended = failure(server.url, { clock, random: () => 0.5, deadlineMs: 20_000 });
    await expect.poll(() => server.count(), WAIT).toBe(1);
    while (server.count() < 2) await clock.advance(1);
    const start = clock.now();
    await clock.advance(20_000 - (start - Date.UTC(2025, 0, 1)) - 1);
    expect(server.open.size).toBe(1);
    await clock.advance(1);
    expect((await ended).code).toBe('fetch-timeout');
  });
});
