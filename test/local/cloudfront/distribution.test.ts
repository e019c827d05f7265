import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, connect, createServer as createTcpServer, type Socket } from 'node:net';
import { networkInterfaces } from 'node:os';
import type { Duplex } from 'node:stream';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import {
  type DistributionOptions,
  type RunningDistribution,
  startDistribution,
} from '../../../local/cloudfront/distribution.ts';
import type { FetchObject } from '../../../local/cloudfront/origins.ts';
import { answerBeforeBody, CollectedLog, call, rawSocket, until } from '../apigateway/support.ts';

const ALL_VIEWER_EXCEPT_HOST = 'b689b0a8-53d0-40ab-baf2-68738e2966ac';
const CACHING_DISABLED = '4135ea2d-6df8-44a3-9df3-4b5a84be39ad';
const ALL_METHODS = ['GET', 'HEAD', 'OPTIONS', 'PUT', 'PATCH', 'POST', 'DELETE'];

/** The distribution's own function for sockets, in the manner of what is deployed. */
const REWRITE_WS = `
function handler(event) {
  var request = event.request;
  var match = /^\\/ws\\/([0-9a-f-]{36})$/.exec(request.uri);
  if (!match) {
    return { statusCode: 404, statusDescription: 'Not Found', headers: { 'x-from': { value: 'function' } }, body: 'no such socket' };
  }
  var query = { 'ws-uuid': { value: match[1] } };
  if (request.querystring['last-event-id']) query['last-event-id'] = request.querystring['last-event-id'];
  request.uri = '/live';
  request.querystring = query;
  return request;
}`;

const VIEWER_HOST = `
function handler(event) {
  event.request.headers['x-viewer-host'] = { value: event.request.headers.host.value };
  return event.request;
}`;

let log: CollectedLog;
let origin: Server;
let originUrl: string;
let onRequest: (request: IncomingMessage, response: ServerResponse) => void;
let onUpgrade: (request: IncomingMessage, socket: Duplex, head: Buffer) => void;
let distribution: RunningDistribution | undefined;
const objects: Record<string, { status: number; headers: Record<string, string>; body: Uint8Array }> = {};

const fetchObject: FetchObject = async (bucket, key) =>
  objects[`${bucket}/${key}`] ?? {
    status: 404,
    headers: { 'content-type': 'application/xml' },
    body: Buffer.from(`<Key>${key}</Key>`),
  };

beforeEach(async () => {
  log = new CollectedLog();
  objects['web/index.html'] = {
    status: 200,
    headers: { 'content-type': 'text/html' },
    body: Buffer.from('<h1>page</h1>'),
  };
  onRequest = (request, response) =>
    response.end(JSON.stringify({ url: request.url, headers: request.headers, method: request.method }));
  origin = createServer((request, response) => onRequest(request, response));
  origin.on('upgrade', (request, socket, head) => onUpgrade(request, socket, head));
  origin.listen(0, '127.0.0.1');
  await once(origin, 'listening');
  originUrl = `http://127.0.0.1:${(origin.address() as AddressInfo).port}`;
});

afterEach(async () => {
  await distribution?.[Symbol.asyncDispose]();
  distribution = undefined;
  origin.closeAllConnections();
  origin.close();
});

async function start(changed: Partial<DistributionOptions> = {}): Promise<RunningDistribution> {
  const toApi = {
    originId: 'api',
    allowedMethods: ALL_METHODS,
    originRequestPolicyId: ALL_VIEWER_EXCEPT_HOST,
    cachePolicyId: CACHING_DISABLED,
  };
  distribution = await startDistribution({
    port: 0,
    behaviors: [
      { pathPattern: '/public/*', ...toApi, viewerRequestFunctionCode: VIEWER_HOST },
      { pathPattern: '/ws/*', ...toApi, originId: 'sockets', viewerRequestFunctionCode: REWRITE_WS },
      { pathPattern: '/plain/*', originId: 'sockets', allowedMethods: ALL_METHODS, cachePolicyId: CACHING_DISABLED },
    ],
    defaultBehavior: { originId: 'web' },
    origins: {
      api: { kind: 'http', url: originUrl, originPath: '/live' },
      sockets: { kind: 'http', url: originUrl },
      web: { kind: 's3', bucket: 'web' },
    },
    fetchObject,
    defaultRootObject: 'index.html',
    log,
    ...changed,
  });
  return distribution;
}

/** One behaviour for everything, with this function. */
function withFunction(code: string): Promise<RunningDistribution> {
  const behavior = {
    originId: 'sockets',
    originRequestPolicyId: ALL_VIEWER_EXCEPT_HOST,
    viewerRequestFunctionCode: code,
  };
  return start({ behaviors: [], defaultBehavior: behavior });
}

describe('requests to an HTTP origin', () => {
  test('carry the viewer’s headers but Host, and tell of the hop', async () => {
    const { url, port } = await start();
    const answered = await call(`${url}/public/sources/ws?a=1&a=2&b=%20`, {
      headers: {
        'X-API-Key': 'k',
        Cookie: 'c=1; d=2',
        'User-Agent': 'tester',
        'X-Forwarded-For': '203.0.113.9',
        Host: 'example.org:8811',
      },
    });
    const seen = JSON.parse(answered.text);
    expect(seen.url).toBe('/live/public/sources/ws?a=1&a=2&b=%20');
    expect(seen.headers).toMatchObject({
      host: new URL(originUrl).host,
      'x-viewer-host': 'example.org:8811',
      'x-api-key': 'k',
      cookie: 'c=1; d=2',
      'user-agent': 'tester',
    });
    expect(seen.headers['x-forwarded-for']).toMatch(/^203\.0\.113\.9, (127\.0\.0\.1|::1)$/);
    expect(seen.headers.via).toContain('cloudfront.net (CloudFront)');
    expect(seen.headers['x-amz-cf-id']).toBe(answered.headers['x-amz-cf-id']);
    expect(answered.headers).toMatchObject({ 'x-cache': 'Miss from cloudfront' });
    expect(port).toBeGreaterThan(0);
  });

  test('carry neither query, cookies nor other headers without an origin request policy', async () => {
    const { url } = await start();
    const headers = { 'X-API-Key': 'k', Cookie: 'c=1', 'User-Agent': 'tester', 'Content-Type': 'text/plain' };
    const seen = JSON.parse((await call(`${url}/plain/x?a=1`, { headers })).text);
    expect(seen.url).toBe('/plain/x');
    expect(seen.headers).toMatchObject({ 'user-agent': 'Amazon CloudFront', 'content-type': 'text/plain' });
    expect(seen.headers).not.toHaveProperty('x-api-key');
    expect(seen.headers).not.toHaveProperty('cookie');
  });

  test('stream both ways: the origin sees the first bytes before the last are sent, and so does the viewer', async () => {
    const { url } = await start();
    let received = '';
    onRequest = (request, response) => {
      response.writeHead(201, { 'X-Tag': ['a', 'b'] });
      request.on('data', (chunk) => {
        received += chunk;
        response.write(`got ${chunk};`);
      });
      request.on('end', () => response.end('end'));
    };
    const raw = await rawSocket(url.replace('localhost', '127.0.0.1'));
    raw.socket.write('POST /public/x HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\n');
    await until(() => raw.received().includes('got one;'));
    expect(received).toBe('one');
    expect(raw.received()).toMatch(/^HTTP\/1.1 201/);
    expect(raw.received()).toContain('x-tag: a\r\nx-tag: b\r\n');
    raw.socket.write('3\r\ntwo\r\n0\r\n\r\n');
    await until(() => raw.received().includes('end'));
    expect(received).toBe('onetwo');
    raw.socket.destroy();
  });

  test('carry a large body whole', async () => {
    const { url } = await start();
    onRequest = async (request, response) => {
      let bytes = 0;
      for await (const chunk of request) bytes += chunk.length;
      response.end(String(bytes));
    };
    const answered = await call(`${url}/public/x`, { method: 'POST', body: Buffer.alloc(20_000_000) });
    expect(answered.text).toBe('20000000');
  });

  test('get the origin’s early refusal, though the body is still on its way', async () => {
    const { url } = await start();
    onRequest = (_request, response) => response.writeHead(413, { 'Content-Length': 9 }).end('too large');
    for (let n = 0; n < 5; n++) {
      const answered = await call(`${url}/public/x`, { method: 'POST', body: Buffer.alloc(20_000_000) });
      expect(answered).toMatchObject({ status: 413, text: 'too large' });
    }
    const { text, failure } = await answerBeforeBody(url.replace('localhost', '127.0.0.1'), '/public/x', 20_000_000);
    expect(text).toMatch(/^HTTP\/1.1 413.*too large$/s);
    expect(failure).toBeUndefined();
  });

  test('get the end of an early answer without a length, though the body never comes', async () => {
    const { url } = await start();
    onRequest = (_request, response) => response.writeHead(413).end('too large');
    const raw = await rawSocket(url.replace('localhost', '127.0.0.1'));
    raw.socket.write('POST /public/x HTTP/1.1\r\nHost: h\r\nContent-Length: 100\r\n\r\n');
    await until(() => raw.received().endsWith('too large\r\n0\r\n\r\n'));
    raw.socket.destroy();
  });

  test('are left by the origin when the viewer leaves', async () => {
    const { url } = await start();
    const left = Promise.withResolvers<void>();
    const arrived = Promise.withResolvers<void>();
    onRequest = (request, response) => {
      response.on('close', () => left.resolve());
      request.resume();
      arrived.resolve();
    };
    const raw = await rawSocket(url.replace('localhost', '127.0.0.1'));
    raw.socket.write('GET /public/x HTTP/1.1\r\nHost: h\r\n\r\n');
    await arrived.promise;
    raw.socket.destroy();
    await left.promise;
  });

  test('break off for the viewer too when the origin breaks off', async () => {
    const { url } = await start();
    onRequest = (_request, response) => {
      response.writeHead(200, { 'Content-Length': '100' });
      response.write('part', () => response.destroy());
    };
    await expect(call(`${url}/public/x`)).rejects.toThrow(/aborted|hang up|ECONNRESET/);
  });

  test('serve many requests on one connection', async () => {
    const { url } = await start();
    const raw = await rawSocket(url.replace('localhost', '127.0.0.1'));
    for (let n = 0; n < 15; n++) {
      raw.socket.write(`GET /public/${n} HTTP/1.1\r\nHost: h\r\n\r\n`);
      await until(() => raw.received().includes(`/live/public/${n}"`));
    }
    raw.socket.destroy();
  });

  test('are answered with the headers of the policy, and with the origin’s own where the policy leaves those', async () => {
    onRequest = (_, response) => response.writeHead(200, { 'x-frame-options': 'SAMEORIGIN', 'x-own': '1' }).end();
    const responseHeaders = [
      { name: 'x-frame-options', value: 'DENY', override: true },
      { name: 'x-own', value: '2', override: false },
      { name: 'x-content-type-options', value: 'nosniff', override: false },
    ];
    const api = { originId: 'api', allowedMethods: ALL_METHODS };
    const { url } = await start({
      behaviors: [{ pathPattern: '/public/*', ...api, responseHeaders }],
      defaultBehavior: api,
    });
    const { headers } = await call(`${url}/public/x`);
    expect(headers).toMatchObject({ 'x-frame-options': 'DENY', 'x-own': '1', 'x-content-type-options': 'nosniff' });
    expect((await call(`${url}/other`)).headers).not.toHaveProperty('x-content-type-options');
  });

  test('answer HEAD without a body', async () => {
    const { url } = await start();
    expect(await call(`${url}/public/x`, { method: 'HEAD' })).toMatchObject({ status: 200, text: '' });
    expect(await call(`${url}/index.html`, { method: 'HEAD' })).toMatchObject({ status: 200, text: '' });
  });
});

describe('behaviours', () => {
  test('are chosen in order by pattern, after dot segments are resolved', async () => {
    await start({
      behaviors: [
        { pathPattern: 'a/?.txt', originId: 'api' },
        { pathPattern: '/a/*', originId: 'sockets' },
      ],
    });
    const seen = async (path: string) => {
      const raw = await rawSocket(distribution!.url.replace('localhost', '127.0.0.1'));
      raw.socket.write(`GET ${path} HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n`);
      await raw.closed;
      return /"url":"([^"]*)"/.exec(raw.received())?.[1] ?? raw.received().split(' ')[1];
    };
    expect(await seen('/a/1.txt')).toBe('/live/a/1.txt');
    expect(await seen('/a/12.txt')).toBe('/a/12.txt');
    expect(await seen('/b/../a/x')).toBe('/b/../a/x');
    expect(await seen('/A/1.txt')).toBe('404');
    expect(await seen('/xa/1.txt')).toBe('404');
  });

  test('refuse a method that they do not allow with 403, before any function or origin', async () => {
    const { url } = await start();
    const refused = await call(`${url}/index.html`, { method: 'POST', body: 'x' });
    expect(refused.status).toBe(403);
    expect(refused.text).toContain('not configured to allow the HTTP request method');
    expect(refused.headers['x-cache']).toBe('Error from cloudfront');
  });

  test('refuse what comes without a Host, which no function is ever shown', async () => {
    const { url } = await start();
    for (const path of ['/public/x', '/ws/x', '/']) {
      const raw = await rawSocket(url.replace('localhost', '127.0.0.1'));
      raw.socket.write(`GET ${path} HTTP/1.0\r\n\r\n`);
      await raw.closed;
      expect(raw.received()).toMatch(/^HTTP\/1\.1 400 /);
    }
  });

  test('refuse a URL over 8,192 bytes', async () => {
    const { url } = await start();
    expect((await call(`${url}/public/${'a'.repeat(8192)}`)).status).toBe(414);
  });

  test('name origins and policies that exist, or the distribution does not start', async () => {
    await expect(start({ defaultBehavior: { originId: 'nowhere' } })).rejects.toMatchObject({ code: 'UNKNOWN_ORIGIN' });
    await expect(start({ defaultBehavior: { originId: 'web', cachePolicyId: 'x' } })).rejects.toMatchObject({
      code: 'UNKNOWN_POLICY',
    });
    await expect(start({ defaultBehavior: { originId: 'web', originRequestPolicyId: 'x' } })).rejects.toMatchObject({
      code: 'UNKNOWN_POLICY',
    });
    await expect(start({ fetchObject: undefined })).rejects.toThrow('fetchObject');
  });
});

describe('viewer-request functions', () => {
  test('get an event of the real shape', async () => {
    const { url } = await withFunction(
      `function handler(event) { return { statusCode: 200, body: JSON.stringify(event) }; }`,
    );
    const raw = await rawSocket(url.replace('localhost', '127.0.0.1'));
    raw.socket.write(
      'GET /a%20b?q=1&q=%202&empty HTTP/1.1\r\nHost: h:1\r\nX-One: 1\r\nx-one: 2\r\nCookie: a=1; b=2\r\nX-Forwarded-Proto: https\r\nConnection: close\r\n\r\n',
    );
    await raw.closed;
    const event = JSON.parse(raw.received().split('\r\n\r\n')[1]!);
    expect(event).toEqual({
      version: '1.0',
      context: expect.objectContaining({ eventType: 'viewer-request', requestId: expect.any(String) }),
      viewer: { ip: '127.0.0.1' },
      request: {
        method: 'GET',
        uri: '/a%20b',
        querystring: { q: { value: '1', multiValue: [{ value: '1' }, { value: '%202' }] }, empty: { value: '' } },
        headers: { host: { value: 'h:1' }, 'x-one': { value: '1', multiValue: [{ value: '1' }, { value: '2' }] } },
        cookies: { a: { value: '1' }, b: { value: '2' } },
      },
    });
  });

  test('change the request that the origin gets, multiple values and cookies included', async () => {
    const { url } = await withFunction(`
      async function handler(event) {
        const request = event.request;
        request.uri = '/changed' + request.uri;
        request.querystring.extra = { value: 'x', multiValue: [{ value: 'x' }, { value: 'y' }] };
        request.headers['x-added'] = { value: 'added' };
        delete request.headers['x-removed'];
        request.cookies.third = { value: '3' };
        return request;
      }`);
    const answered = await call(`${url}/p?a=1`, { headers: { 'X-Removed': 'r', Cookie: 'first=1; second=2' } });
    const seen = JSON.parse(answered.text);
    expect(seen.url).toBe('/changed/p?a=1&extra=x&extra=y');
    expect(seen.headers).toMatchObject({ 'x-added': 'added', cookie: 'first=1; second=2; third=3' });
    expect(seen.headers).not.toHaveProperty('x-removed');
  });

  test('answer by themselves, without the origin', async () => {
    const { url } = await start();
    const answered = await call(`${url}/ws/nonsense`);
    expect(answered).toMatchObject({ status: 404, text: 'no such socket' });
    expect(answered.headers['x-from']).toBe('function');
  });

  test('answer with base64', async () => {
    const { url } = await withFunction(
      `function handler() { return { statusCode: 200, body: { encoding: 'base64', data: 'AP8=' } }; }`,
    );
    expect((await call(url)).body).toEqual(Buffer.from([0, 255]));
  });

  test.each([
    ['throws', `function handler() { throw new Error('broken'); }`, 503],
    ['rejects', `async function handler() { throw new Error('broken'); }`, 503],
    ['loops for ever', `function handler() { for (;;) {} }`, 503],
    ['never settles', `function handler() { return new Promise(function () {}); }`, 503],
    [
      'spins in a promise',
      `function handler() { return Promise.resolve().then(function spin() { for (;;) {} }); }`,
      503,
    ],
    ['returns nothing', `function handler() {}`, 503],
    [
      'returns a uri without a slash',
      `function handler(event) { event.request.uri = 'x'; return event.request; }`,
      503,
    ],
    ['changes the method', `function handler(event) { event.request.method = 'POST'; return event.request; }`, 503],
    [
      'returns a header without a value',
      `function handler(event) { event.request.headers.a = 'b'; return event.request; }`,
      503,
    ],
    ['returns an impossible status', `function handler() { return { statusCode: 20 }; }`, 503],
    [
      'changes Host',
      `function handler(event) { event.request.headers.host = { value: 'x' }; return event.request; }`,
      502,
    ],
    [
      'adds X-Forwarded-Proto',
      `function handler(event) { event.request.headers['x-forwarded-proto'] = { value: 'https' }; return event.request; }`,
      502,
    ],
    ['reaches for the process', `function handler() { return { statusCode: 200, body: String(process.pid) }; }`, 503],
    ['reaches for a module', `function handler() { return { statusCode: 200, body: require('fs') }; }`, 503],
    [
      'reaches out of its realm',
      `function handler(event) { return { statusCode: 200, body: event.constructor.constructor('return process')().version }; }`,
      503,
    ],
  ])('that one %s is an error page, and a line in the log', async (_what, code, status) => {
    const { url } = await withFunction(code);
    const answered = await call(url);
    expect(answered.status).toBe(status);
    expect(log.lines.join()).toContain('viewer-request function');
  });

  test('leave nothing to the next request', async () => {
    const { url } = await withFunction(
      `var n = 0; function handler() { n += 1; globalThis.m = (globalThis.m || 0) + 1; return { statusCode: 200, body: n + ' ' + m }; }`,
    );
    expect((await call(url)).text).toBe('1 1');
    expect((await call(url)).text).toBe('1 1');
  });

  test('write to the log', async () => {
    const { url } = await withFunction(
      `function handler(event) { console.log('seen', event.request.uri); return { statusCode: 204 }; }`,
    );
    expect((await call(`${url}/x`)).status).toBe(204);
    expect(log.lines.join()).toContain('seen /x');
  });

  test.each([
    ['does not parse', 'function handler( {'],
    ['has no handler', 'var x = 1;'],
    ['is over 10 KB', `function handler() {} // ${'x'.repeat(10_240)}`],
    ['imports', `import cf from 'cloudfront'; function handler() {}`],
  ])('are refused at start when the code %s', async (_what, code) => {
    await expect(withFunction(code)).rejects.toMatchObject({ code: 'FUNCTION_CODE' });
  });
});

describe('an origin that fails', () => {
  test('is 502 when it is down', async () => {
    const { url } = await start({
      origins: {
        api: { kind: 'http', url: 'http://127.0.0.1:1' },
        sockets: { kind: 'http', url: 'http://127.0.0.1:1' },
        web: { kind: 's3', bucket: 'web' },
      },
    });
    const answered = await call(`${url}/public/x`, { method: 'POST', body: 'x' });
    expect(answered.status).toBe(502);
    expect(answered.headers).toMatchObject({ 'x-cache': 'Error from cloudfront', 'content-type': 'text/html' });
    const socket = new WebSocket(`${url.replace('http', 'ws')}/ws/0b2f7c1e-0000-4000-8000-000000000000`);
    const [, refused] = await once(socket, 'unexpected-response');
    expect(refused.statusCode).toBe(502);
  });

  test('is 504 when it does not answer in time', async () => {
    onRequest = () => {};
    const { url } = await start({ originReadTimeoutMs: 20 });
    expect((await call(`${url}/public/x`)).status).toBe(504);
  });

  test('is 502 when it hangs up', async () => {
    onRequest = (request) => request.socket.destroy();
    const { url } = await start();
    expect((await call(`${url}/public/x`)).status).toBe(502);
  });
});

describe('a bucket as origin', () => {
  test('serves the root object, and objects by their decoded key with their headers', async () => {
    objects['web/assets/a b.js'] = {
      status: 200,
      headers: { 'content-type': 'text/javascript', etag: '"1"', connection: 'close' },
      body: Buffer.from('x'),
    };
    const { url } = await start();
    expect(await call(url)).toMatchObject({ status: 200, text: '<h1>page</h1>' });
    const script = await call(`${url}/assets/a%20b.js?v=1`);
    expect(script).toMatchObject({ status: 200, text: 'x' });
    expect(script.headers).toMatchObject({ 'content-type': 'text/javascript', etag: '"1"' });
    expect((await call(`${url}/%`)).status).toBe(400);
  });

  test('passes its errors on, and is 502 when it cannot be read', async () => {
    const { url } = await start();
    expect(await call(`${url}/missing`)).toMatchObject({ status: 404, text: '<Key>missing</Key>' });
    await distribution![Symbol.asyncDispose]();
    await start({ fetchObject: () => Promise.reject(new Error('down')) });
    expect((await call(distribution!.url)).status).toBe(502);
  });

  test('streams a body that comes in pieces', async () => {
    async function* pieces() {
      yield Buffer.from('one ');
      yield Buffer.from('two');
    }
    const { url } = await start({ fetchObject: async () => ({ status: 200, headers: {}, body: pieces() }) });
    expect((await call(url)).text).toBe('one two');
  });
});

describe('custom error responses', () => {
  const customErrorResponses = [
    { errorCode: 404, responseCode: 200, responsePagePath: '/index.html' },
    { errorCode: 502, responseCode: 500, responsePagePath: '/missing.html' },
    { errorCode: 418 },
  ];

  test('replace the error of any origin, with their own status', async () => {
    const { url } = await start({ customErrorResponses });
    expect(await call(`${url}/deep/link`)).toMatchObject({ status: 200, text: '<h1>page</h1>' });
    onRequest = (_request, response) => response.writeHead(404).end('{}');
    expect(await call(`${url}/public/x`)).toMatchObject({ status: 200, text: '<h1>page</h1>' });
  });

  test('leave the error where the page itself is missing, or none is named', async () => {
    const { url } = await start({ customErrorResponses });
    onRequest = (request, response) =>
      request.url!.endsWith('teapot') ? response.writeHead(418).end('tea') : request.socket.destroy();
    expect((await call(`${url}/public/x`)).status).toBe(502);
    expect(await call(`${url}/public/teapot`)).toMatchObject({ status: 418, text: 'tea' });
  });
});

describe('WebSockets', () => {
  const UUID = '0b2f7c1e-0000-4000-8000-000000000000';
  const sockets = new WebSocketServer({ noServer: true });
  const dial = (path: string) => new WebSocket(`${distribution!.url.replace('http', 'ws')}${path}`);

  test('are tunnelled to the origin at the path that the function gave', async () => {
    await start();
    let seen: IncomingMessage | undefined;
    onUpgrade = (request, socket, head) => {
      seen = request;
      sockets.handleUpgrade(request, socket, head, (peer) => {
        peer.send('first, in the same packet as the 101');
        peer.on('message', (data, isBinary) => peer.send(data, { binary: isBinary }));
      });
    };
    const client = dial(`/ws/${UUID}?last-event-id=e-3&other=1`);
    const [first] = await once(client, 'message');
    expect(String(first)).toContain('first');
    expect(seen!.url).toBe(`/live?ws-uuid=${UUID}&last-event-id=e-3`);
    expect(seen!.headers.host).toBe(new URL(originUrl).host);
    const large = Buffer.alloc(3_000_000, 7);
    client.send(large);
    const [echoed] = await once(client, 'message');
    expect(large.equals(echoed as Buffer)).toBe(true);
    client.close(4002, 'done');
    const [code] = await once(client, 'close');
    expect(code).toBe(4002);
  });

  test('get the close code of the origin', async () => {
    await start();
    onUpgrade = (request, socket, head) =>
      sockets.handleUpgrade(request, socket, head, (peer) => peer.close(1001, 'Going away'));
    const [code, reason] = await once(dial(`/ws/${UUID}`), 'close');
    expect([code, String(reason)]).toEqual([1001, 'Going away']);
  });

  test('get the refusal of the origin, status and body', async () => {
    await start();
    onUpgrade = (_request, socket) =>
      socket.end('HTTP/1.1 401 Unauthorized\r\nContent-Length: 4\r\nConnection: close\r\n\r\nnope');
    const client = dial(`/ws/${UUID}`);
    const [, refused] = await once(client, 'unexpected-response');
    expect(refused.statusCode).toBe(401);
    expect(String((await once(refused, 'data'))[0])).toBe('nope');
  });

  test('get the response of the function, and are refused by a bucket', async () => {
    await start();
    for (const [path, status] of [
      ['/ws/nonsense', 404],
      ['/index.html', 400],
    ] as const) {
      const [, refused] = await once(dial(path), 'unexpected-response');
      expect(refused.statusCode).toBe(status);
    }
  });

  test('end on both sides when either vanishes', async () => {
    await start();
    const peers: WebSocket[] = [];
    const originSockets: Socket[] = [];
    onUpgrade = (request, socket, head) => {
      originSockets.push(socket as Socket);
      sockets.handleUpgrade(request, socket, head, (peer) => peers.push(peer));
    };
    const one = dial(`/ws/${UUID}`);
    await once(one, 'open');
    one.terminate();
    await once(await until(() => peers[0]), 'close');
    const two = dial(`/ws/${UUID}`);
    await once(two, 'open');
    peers[1]!.terminate();
    await once(two, 'close');
    const three = dial(`/ws/${UUID}`);
    await once(three, 'open');
    originSockets.at(-1)!.resetAndDestroy();
    await once(three, 'close');
  });

  test('a request that would upgrade to something else is served as it is', async () => {
    await start();
    const answered = await call(`${distribution!.url}/public/x`, {
      headers: { Connection: 'Upgrade, HTTP2-Settings', Upgrade: 'h2c' },
    });
    expect(answered.status).toBe(200);
    expect(JSON.parse(answered.text).headers).not.toHaveProperty('upgrade');
  });
});

describe('listening', () => {
  const dialTcp = (host: string, port: number) =>
    new Promise<boolean>((resolve) => {
      const socket = connect(port, host, () => {
        socket.destroy();
        resolve(true);
      });
      socket.on('error', () => resolve(false));
    });
  const addresses = Object.values(networkInterfaces()).flatMap((each) => each ?? []);

  test('answers on 127.0.0.1 and, where there is IPv6, on ::1, and on no address of the outside', async () => {
    const { port } = await start();
    expect((await call(`http://127.0.0.1:${port}/`)).status).toBe(200);
    if (addresses.some((each) => each.address === '::1'))
      expect((await call(`http://[::1]:${port}/`)).status).toBe(200);
    for (const { address, family } of addresses.filter((each) => !each.internal && !each.address.startsWith('fe80'))) {
      expect(await dialTcp(address, port), `${family} ${address}`).toBe(false);
    }
  });

  /** A port of `host` that is taken from here, and on the other address by nobody. */
  const takePort = async (host: string): Promise<{ port: number } & Disposable> => {
    const other = createTcpServer().listen(0, host);
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    if (host === '127.0.0.1' || !(await dialTcp('127.0.0.1', port)))
      return { port, [Symbol.dispose]: () => other.close() };
    other.close();
    return takePort(host);
  };

  test('a port that is taken on either address is named in the error, and nothing is left listening', async () => {
    for (const host of ['127.0.0.1', '::1'].filter((each) => addresses.some(({ address }) => address === each))) {
      using taken = await takePort(host);
      const { port } = taken;
      await expect(start({ port })).rejects.toMatchObject({ name: 'PortInUseError', code: 'PORT_IN_USE', port });
      if (host === '::1') expect(await dialTcp('127.0.0.1', port)).toBe(false);
    }
  });

  test('dispose closes idle, waiting and tunnelled sockets at once', async () => {
    const { url, port } = await start();
    const peers = new WebSocketServer({ noServer: true });
    onUpgrade = (request, socket, head) => peers.handleUpgrade(request, socket, head, () => {});
    onRequest = () => {};
    const idle = await rawSocket(`http://127.0.0.1:${port}`);
    const waiting = call(`${url}/public/x`).catch((error: Error) => error);
    const client = new WebSocket(`${url.replace('http', 'ws')}/ws/0b2f7c1e-0000-4000-8000-000000000000`);
    await once(client, 'open');
    const closed = once(client, 'close');
    await distribution![Symbol.asyncDispose]();
    await idle.closed;
    await closed;
    expect(await waiting).toBeInstanceOf(Error);
    await until(() => peers.clients.size === 0);
    expect(await dialTcp('127.0.0.1', port)).toBe(false);
  });
});
