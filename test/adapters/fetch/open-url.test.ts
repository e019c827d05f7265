import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { buildConnector } from 'undici';
import { describe, expect, it } from 'vitest';
import { type OpenUrlOptions, openUrl } from '../../../adapters/fetch/open-url.ts';
import { createManualClock } from '../../../adapters/memory/clock.ts';
import { ALLOWED, failure, NO_RETRIES, read, serve, serveRaw, WAIT } from './web-server.ts';

describe('a URL that can be had', () => {
  it('gives its bytes, their number, its name and where it ended', async () => {
    await using server = await serve((_request, response) => {
      response.end('hello');
    });
    const download = await read(`${server.url}/a?b=1#c`);
    expect(download.bytes.toString()).toBe('hello');
    expect(download).toMatchObject({ totalBytes: 5, name: 'a', finalUrl: `${server.url}/a?b=1#c` });
    await expect.poll(() => server.open.size, WAIT).toBe(0);
  });

  it('asks for the content as it is, and sends neither cookies nor a referrer', async () => {
    let seen: object = {};
    await using server = await serve((request, response) => {
      seen = { ...request.headers, host: undefined };
      response.end();
    });
    await read(server.url, { userAgent: 'tester' });
    expect(seen).toEqual({
      'user-agent': 'tester',
      accept: '*/*',
      'accept-encoding': 'identity',
      connection: 'close',
    });
  });

  it('has no total where the server names no length', async () => {
    await using server = await serve((_request, response) => {
      response.write('a');
      response.end('b');
    });
    const download = await read(server.url);
    expect(download.bytes.toString()).toBe('ab');
    expect(download.totalBytes).toBeUndefined();
  });

  it.each([
    ['gzip', gzipSync('hello')],
    ['x-gzip', gzipSync('hello')],
    ['deflate', deflateSync('hello')],
    ['BR', brotliCompressSync('hello')],
    ['identity', Buffer.from('hello')],
  ])(
    'is given without the encoding %s that the server added unasked, and without its length',
    async (encoding, body) => {
      await using server = await serve((_request, response) => {
        response.setHeader('content-encoding', encoding);
        response.setHeader('content-length', body.length);
        response.end(body);
      });
      const download = await read(server.url);
      expect(download.bytes.toString()).toBe('hello');
      expect(download.totalBytes).toBe(encoding === 'identity' ? 5 : undefined);
    },
  );

  it('is followed through three redirects, relative ones too', async () => {
    await using server = await serve((request, response) => {
      const hop = Number(request.url?.slice(1));
      if (hop === 3) return response.end('there');
      response.writeHead([301, 302, 307][hop]!, { location: hop === 1 ? '2' : `/${hop + 1}` }).end('moved');
    });
    const download = await read(`${server.url}/0`);
    expect(download.bytes.toString()).toBe('there');
    expect(download.finalUrl).toBe(`${server.url}/3`);
  });

  // Each of its bytes was taken for a letter: the page that was asked for is another one, or none.
  it.each([
    ['UTF-8', Buffer.from('/dok/übersicht.txt')],
    ['Latin-1', Buffer.from('/dok/übersicht.txt', 'latin1')],
    ['ASCII, as it should be', Buffer.from('/dok/%C3%BCbersicht.txt')],
  ])('is followed to an address that is written in %s', async (_title, location) => {
    await using server = await serve((request, response) => {
      if (request.url !== '/') return response.end(request.url);
      // Node writes each character as a byte.
      response.writeHead(302, { location: location.toString('latin1') }).end();
    });
    const download = await read(server.url);
    expect(download.bytes.toString()).toBe('/dok/%C3%BCbersicht.txt');
    expect(download.name).toBe('übersicht.txt');
  });

  // The HTTP client once threw, out of anybody's reach, where a connection ended while its body was not being read.
  it.each([
    ['a length', 'content-length: 65536\r\n'],
    ['its end alone', ''],
    ['chunks', 'transfer-encoding: chunked\r\n'],
  ])('is whole where its server is gone before it is read, by %s', async (_title, header) => {
    const body = Buffer.alloc(65_536, 'x'); // as much as is held for a reader: the last bytes make it full
    const framed = header.includes('chunked')
      ? Buffer.concat([Buffer.from(`${body.length.toString(16)}\r\n`), body, Buffer.from('\r\n0\r\n\r\n')])
      : body;
    const head = Buffer.from(`HTTP/1.1 200 OK\r\nconnection: close\r\n${header}\r\n`);
    await using server = await serveRaw(Buffer.concat([head, framed]));
    await using download = await openUrl(server.url, ALLOWED);
    // A store that takes its time: all there is comes in meanwhile, and the end with it.
    for (let turns = 0; turns < 100; turns += 1) await new Promise((resolve) => setImmediate(resolve));
    const chunks: Uint8Array[] = [];
    for await (const chunk of download.body) chunks.push(chunk);
    expect(Buffer.concat(chunks)).toEqual(body);
  });

  it('may be empty', async () => {
    await using server = await serve((_request, response) => response.writeHead(204).end());
    expect((await read(server.url)).bytes).toHaveLength(0);
  });
});

describe('a URL that cannot be had', () => {
  it.each([
    [404, 'The server answered 404 Not Found: check the URL, or send the file itself.'],
    [403, 'The server answered 403 Forbidden: send a URL that can be read without a login, or the file itself.'],
    [500, 'The server answered 500 Internal Server Error: try again later.'],
    [304, 'The server answered 304 Not Modified: check the URL, or send the file itself.'],
    [599, 'The server answered 599: try again later.'],
    [302, 'The server answered 302 Found: check the URL, or send the file itself.'],
  ])('ends with fetch-status at %i, in the words of the standard and not of the server', async (status, sentence) => {
    await using server = await serve((_request, response) => response.writeHead(status, '<b>secret</b>').end());
    const error = await failure(server.url, NO_RETRIES);
    expect(error.code).toBe('fetch-status');
    expect(error.message).toBe(sentence);
    await expect.poll(() => server.open.size, WAIT).toBe(0);
  });

  it.each([
    'ftp://127.0.0.1/x',
    'file:///etc/passwd',
    'gopher://127.0.0.1/',
    'data:text/plain,x',
    'not a url',
    'http://',
    'http://user:secret@127.0.0.1/',
    'http://user@127.0.0.1/',
    'http://example.com:22/',
    'https://example.com:8443/',
    'http://169.254.169.254/latest/meta-data/',
    'http://[::ffff:10.0.0.1]/',
    'http://[fe80::1%25eth0]/',
    'http://10.0.0.1/',
    'http://localhost/',
  ])('is refused before anything is asked: %s', async (url) => {
    const dial = () => expect.unreachable('dialled');
    const error = await failure(url, { dial, lookup: async () => [{ address: '127.0.0.1' }] });
    expect(error.code).toBe('address-refused');
    expect(error.message).not.toContain('secret');
  });

  it.each(['a;b.example', 'a"b.example', '{a,b}.example', "a'b.example", 'a&b.example'])(
    'is refused with the host %s, which another reader may see the end of earlier, though it be public',
    async (host) => {
      const lookup = () => expect.unreachable('looked up');
      const error = await failure(`http://${host}/`, { lookup });
      expect(error).toMatchObject({
        code: 'address-refused',
        message: 'The name of the host in this URL is not a proper one: check it.',
      });
    },
  );

  it.each([
    'http://169.254.169.254/',
    'http://127.0.0.2/',
    'http://user:secret@127.0.0.1/',
    'file:///etc/passwd',
    '//10.0.0.1/',
    'http://[::1]/',
  ])('is refused when it redirects to %s', async (location) => {
    await using server = await serve((_request, response) => response.writeHead(302, { location }).end());
    const dialServer = buildConnector({});
    const dial: OpenUrlOptions['dial'] = (target, callback) => {
      if (!server.url.endsWith(`:${target.port}`)) expect.unreachable('dialled');
      dialServer(target, callback);
    };
    expect((await failure(server.url, { dial })).code).toBe('address-refused');
  });

  it('ends at the fourth redirect', async () => {
    let asked = 0;
    await using server = await serve((_request, response) => {
      asked += 1;
      response.writeHead(302, { location: `/${asked}` }).end();
    });
    expect((await failure(server.url)).code).toBe('fetch-too-many-redirects');
    expect(asked).toBe(4);
  });

  it.each([
    ['itself', ['/0#elsewhere']],
    ['where it came from', ['/1', '/0']],
  ])('ends where it redirects to %s, before it asks there again', async (_title, locations) => {
    let asked = 0;
    await using server = await serve((_request, response) => {
      response.writeHead(302, { location: locations[asked] }).end();
      asked += 1;
    });
    expect((await failure(`${server.url}/0`)).code).toBe('fetch-redirect-loop');
    expect(asked).toBe(locations.length);
  });

  it('ends with fetch-unreachable where nobody listens', async () => {
    const server = await serve(() => {});
    await server[Symbol.asyncDispose]();
    const error = await failure(`${server.url}/?token=secret`);
    expect(error.code).toBe('fetch-unreachable');
    expect(error.message).not.toContain('secret');
  });

  it('ends with fetch-host-unknown where there is no such host, or it has no address', async () => {
    const lookup = async () => {
      throw Object.assign(new Error('getaddrinfo ENOTFOUND nowhere.example'), { code: 'ENOTFOUND' });
    };
    expect((await failure('http://nowhere.example/', { lookup })).message).toBe(
      'There is no host nowhere.example: check the URL.',
    );
    expect((await failure('http://empty.example/', { lookup: async () => [] })).code).toBe('fetch-host-unknown');
  });

  it('is too large by its own word, before a byte of it is read', async () => {
    await using server = await serveRaw('HTTP/1.1 200 OK\r\ncontent-length: 1001\r\n\r\n', false);
    const error = await failure(server.url, { maxBytes: 1000 });
    expect(error.code).toBe('fetch-too-large');
    await expect.poll(() => server.open.size, WAIT).toBe(0);
  });

  it('is too large as soon as more comes than may, however endless it is', async () => {
    await using server = await serve((_request, response) => {
      const more = () => {
        while (!response.destroyed && response.write(Buffer.alloc(16_384))) {}
      };
      response.on('drain', more);
      more();
    });
    expect((await failure(server.url, { maxBytes: 1_000_000 })).code).toBe('fetch-too-large');
    await expect.poll(() => server.open.size, WAIT).toBe(0);
  });

  it('is too large as it is inflated, not as it is sent', async () => {
    const bomb = gzipSync(Buffer.alloc(50_000_000));
    await using server = await serve((_request, response) => {
      response.setHeader('content-encoding', 'gzip');
      response.end(bomb);
    });
    expect(bomb.length).toBeLessThan(100_000);
    expect((await failure(server.url, { maxBytes: 1_000_000 })).code).toBe('fetch-inflates-too-large');
  });

  it('takes exactly the most that is allowed', async () => {
    await using server = await serve((_request, response) => response.end(Buffer.alloc(1000)));
    expect((await read(server.url, { maxBytes: 1000 })).bytes).toHaveLength(1000);
  });
});

describe('the deadline', () => {
  it.each([
    ['before it answers', ''],
    ['in its headers', 'HTTP/1.1 200 OK\r\n'],
    ['in its body', 'HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nsome'],
  ])('ends a server that goes silent %s', async (_title, answer) => {
    const clock = createManualClock();
    await using server = await serveRaw(answer, false);
    const ended = failure(server.url, { clock, deadlineMs: 60_000, idleMs: 60_001 });
    await expect.poll(() => server.open.size, WAIT).toBe(1);
    await clock.advance(60_000);
    const error = await ended;
    expect(error.code).toBe('fetch-timeout');
    expect(error.message).toBe('The URL could not be fetched within 60 s: try again later, or send the file itself.');
    await expect.poll(() => server.open.size, WAIT).toBe(0);
    expect(clock.sleepers).toBe(0);
  });

  it('ends a server that drips a byte at a time', async () => {
    const clock = createManualClock();
    await using server = await serve((_request, response) => {
      const drip = () => {
        if (!response.destroyed) response.write('x', () => setImmediate(drip));
      };
      drip();
    });
    await using download = await openUrl(server.url, { ...ALLOWED, clock, deadlineMs: 1_000 });
    let bytes = 0;
    const reading = (async () => {
      for await (const chunk of download.body) {
        bytes += chunk.byteLength;
        if (bytes > 100) await clock.advance(10);
      }
    })();
    await expect(reading).rejects.toMatchObject({ code: 'fetch-timeout' });
  });

  it('ends a host whose name is never resolved', async () => {
    const clock = createManualClock();
    const ended = failure('http://slow.example/', { clock, idleMs: 60_001, lookup: () => new Promise(() => {}) });
    await clock.advance(60_000);
    expect((await ended).code).toBe('fetch-timeout');
  });

  it('lets its timer and its connection go when the body is not wanted after all', async () => {
    const clock = createManualClock();
    await using server = await serveRaw('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nsome', false);
    {
      await using _download = await openUrl(server.url, { ...ALLOWED, clock });
      expect(clock.sleepers).toBeGreaterThan(0);
    }
    expect(clock.sleepers).toBe(0);
    await expect.poll(() => server.open.size, WAIT).toBe(0);
  });
});

describe('an abort', () => {
  it.each([
    ['before the answer', ''],
    ['in the body', 'HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nsome'],
  ])('%s ends the fetch with the reason of the abort', async (_title, answer) => {
    await using server = await serveRaw(answer, false);
    const abort = new AbortController();
    const reason = new Error('cancelled');
    const ended = read(server.url, { signal: abort.signal }).catch((error: unknown) => error);
    await expect.poll(() => server.open.size, WAIT).toBe(1);
    abort.abort(reason);
    expect(await ended).toBe(reason);
    await expect.poll(() => server.open.size, WAIT).toBe(0);
  });

  it('that came before connects to nothing', async () => {
    const dial = () => expect.unreachable('dialled');
    const reason = new Error('cancelled');
    await expect(read('http://127.0.0.1/', { signal: AbortSignal.abort(reason), dial })).rejects.toBe(reason);
  });
});
