import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type RestApiOptions, type RunningRestApi, startRestApi } from '../../../local/apigateway/rest-api.ts';
import {
  type AnyEvent,
  answerBeforeBody,
  type Call,
  CollectedLog,
  call,
  FakeClock,
  FakeLambda,
  rawSocket,
  until,
} from './support.ts';

let clock: FakeClock;
let lambda: FakeLambda;
let log: CollectedLog;
let api: RunningRestApi;

/** What the CDK renders for `defaultCorsPreflightOptions`. */
const preflight = {
  type: 'MOCK',
  integration: {
    RequestTemplates: { 'application/json': '{ statusCode: 200 }' },
    IntegrationResponses: [
      {
        StatusCode: '204',
        ResponseParameters: {
          'method.response.header.Access-Control-Allow-Headers': "'X-User-ID,X-API-Key,Content-Type'",
          'method.response.header.Access-Control-Allow-Origin': "'*'",
          'method.response.header.Access-Control-Allow-Methods': "'GET,POST'",
        },
      },
    ],
  },
  methodResponses: [
    {
      StatusCode: '204',
      ResponseParameters: {
        'method.response.header.Access-Control-Allow-Headers': true,
        'method.response.header.Access-Control-Allow-Origin': true,
        'method.response.header.Access-Control-Allow-Methods': true,
      },
    },
  ],
} as const;

const toFunction = (functionName: string) => ({ type: 'AWS_PROXY', functionName }) as const;

const options: Omit<RestApiOptions, 'lambda' | 'clock' | 'log'> = {
  apiId: 'rest123',
  stage: 'live',
  region: 'eu-central-1',
  accountId: '000000000000',
  binaryMediaTypes: ['multipart/form-data', 'image/*'],
  gatewayResponses: [
    {
      ResponseType: 'DEFAULT_4XX',
      ResponseParameters: { 'gatewayresponse.header.Access-Control-Allow-Origin': "'*'" },
    },
    {
      ResponseType: 'DEFAULT_5XX',
      ResponseParameters: { 'gatewayresponse.header.Access-Control-Allow-Origin': "'*'" },
    },
    {
      ResponseType: 'REQUEST_TOO_LARGE',
      ResponseParameters: { 'gatewayresponse.header.Access-Control-Allow-Origin': "'*'" },
      ResponseTemplates: { 'application/json': '{"error": $context.error.messageString, "code": "too-large"}' },
    },
  ],
  routes: [
    { method: 'POST', path: '/public/sources/ws', integration: toFunction('echo') },
    { method: 'GET', path: '/public/sources/{source-uuid}', integration: toFunction('echo') },
    { method: 'OPTIONS', path: '/public/sources/{source-uuid}', integration: preflight },
    { method: 'ANY', path: '/files/{proxy+}', integration: toFunction('echo') },
    { method: 'POST', path: '/answer', integration: toFunction('answer') },
    { method: 'GET', path: '/answer', integration: toFunction('answer') },
    { method: 'GET', path: '/fails', integration: toFunction('fails') },
    { method: 'GET', path: '/missing', integration: toFunction('nobody') },
    { method: 'GET', path: '/hangs', integration: toFunction('hangs') },
  ],
};

let answer: unknown;

async function start(changed: Partial<RestApiOptions> = {}): Promise<RunningRestApi> {
  return startRestApi({ ...options, lambda, clock, log, ...changed });
}

beforeEach(async () => {
  clock = new FakeClock();
  log = new CollectedLog();
  lambda = new FakeLambda({
    echo: (event) => ({ statusCode: 200, body: JSON.stringify(event) }),
    answer: () => answer,
    fails: () => {
      throw new Error('broken');
    },
    hangs: () => new Promise(() => {}),
  });
  api = await start();
});

afterEach(() => api[Symbol.asyncDispose]());

async function echo(path: string, request?: Call): Promise<AnyEvent> {
  const answered = await call(`${api.url}/live${path}`, request);
  expect(answered.status).toBe(200);
  return JSON.parse(answered.text);
}

describe('the event', () => {
  test('has the shape of a REST proxy event', async () => {
    const event = await echo('/public/sources/ws?a=1&b=2&a=3', {
      method: 'POST',
      headers: { 'X-User-ID': '1', 'Content-Type': 'application/json', 'User-Agent': 'tester', Host: 'example.org' },
      body: '{"ws-uuid": "x"}',
    });
    expect(event).toMatchObject({
      resource: '/public/sources/ws',
      path: '/public/sources/ws',
      httpMethod: 'POST',
      queryStringParameters: { a: '3', b: '2' },
      multiValueQueryStringParameters: { a: ['1', '3'], b: ['2'] },
      pathParameters: null,
      stageVariables: null,
      body: '{"ws-uuid": "x"}',
      isBase64Encoded: false,
    });
    expect(event.headers).toMatchObject({
      'X-User-ID': '1',
      Host: 'example.org',
      'X-Forwarded-For': '127.0.0.1',
      'X-Forwarded-Proto': 'http',
      'X-Forwarded-Port': new URL(api.url).port,
    });
    expect(event.headers['X-Amzn-Trace-Id']).toMatch(/^Root=1-[0-9a-f]{8}-[0-9a-f]{24}$/);
    expect(event.requestContext).toMatchObject({
      resourcePath: '/public/sources/ws',
      httpMethod: 'POST',
      path: '/live/public/sources/ws',
      stage: 'live',
      apiId: 'rest123',
      accountId: '000000000000',
      domainName: 'rest123.execute-api.eu-central-1.amazonaws.com',
      domainPrefix: 'rest123',
      protocol: 'HTTP/1.1',
      requestTime: '02/Jan/2026:03:04:05 +0000',
      requestTimeEpoch: clock.now(),
      identity: { sourceIp: '127.0.0.1', userAgent: 'tester', apiKey: null },
    });
    expect(event.requestContext.requestId).toMatch(/^[0-9a-f-]{36}$/);
  });

  test('has null for what a request lacks', async () => {
    const event = await echo('/files/a');
    expect(event).toMatchObject({ queryStringParameters: null, multiValueQueryStringParameters: null, body: null });
    expect(event.isBase64Encoded).toBe(false);
  });

  test('has the last value of a repeated header, and all of them beside it', async () => {
    const event = await echo('/files/a', { headers: ['X-Tag', 'one', 'x-tag', 'two', 'Host', 'h'] });
    expect(event.headers['X-Tag']).toBe('two');
    expect(event.multiValueHeaders['X-Tag']).toEqual(['one', 'two']);
  });

  test('has the hops in X-Forwarded-For, and no scheme that the caller made up', async () => {
    const event = await echo('/files/a', {
      headers: { 'X-Forwarded-For': '203.0.113.9', 'X-Forwarded-Proto': 'https' },
    });
    expect(event.headers['X-Forwarded-For']).toBe('203.0.113.9, 127.0.0.1');
    expect(event.headers['X-Forwarded-Proto']).toBe('http');
    expect(event.multiValueHeaders['X-Forwarded-Proto']).toEqual(['http']);
  });

  test('has the path parameters, decoded', async () => {
    expect((await echo('/public/sources/a%20b')).pathParameters).toEqual({ 'source-uuid': 'a b' });
    expect((await echo('/files/x/y/z')).pathParameters).toEqual({ proxy: 'x/y/z' });
  });

  test('carries a body of a binary media type in base64', async () => {
    const body = Buffer.from([0, 255, 254, 13, 10]);
    const headers = { 'Content-Type': 'Multipart/Form-Data; boundary=x' };
    const event = await echo('/files/a', { method: 'POST', headers, body });
    expect(event.isBase64Encoded).toBe(true);
    expect(Buffer.from(event.body, 'base64')).toEqual(body);
  });

  test('takes a wildcard among the binary media types, and nothing else for binary', async () => {
    const image = await echo('/files/a', { method: 'POST', headers: { 'Content-Type': 'image/png' }, body: 'x' });
    expect(image.isBase64Encoded).toBe(true);
    const text = await echo('/files/a', { method: 'POST', headers: { 'Content-Type': 'text/plain' }, body: 'x' });
    expect(text).toMatchObject({ isBase64Encoded: false, body: 'x' });
  });

  test('has a chunked body as one', async () => {
    const { socket, received } = await rawSocket(api.url);
    socket.write('POST /live/files/a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n');
    await until(() => lambda.events.length === 0 && socket.bytesWritten > 0);
    socket.write('2\r\nde\r\n0\r\n\r\n');
    await until(() => received().includes('200 OK'));
    expect(lambda.events[0]!.event.body).toBe('abcde');
    socket.destroy();
  });
});

describe('routing', () => {
  test('refuses an unknown path and an unknown method alike, with the headers of the gateway response', async () => {
    for (const [path, method] of [
      ['/nowhere', 'GET'],
      ['/public/sources/ws/', 'POST'],
      ['/files', 'GET'],
      ['/files/', 'GET'],
      ['/public/sources/x', 'DELETE'],
      ['/public/sources/x/y', 'GET'],
    ]) {
      const refused = await call(`${api.url}/live${path}`, { method });
      expect(refused.status, path).toBe(403);
      expect(refused.text).toBe('{"message":"Missing Authentication Token"}');
      expect(refused.headers['access-control-allow-origin']).toBe('*');
      expect(refused.headers['x-amzn-errortype']).toBe('MissingAuthenticationTokenException');
    }
    expect(lambda.events).toEqual([]);
  });

  test('does not fall back to a parameter where the literal resource lacks the method', async () => {
    expect((await call(`${api.url}/live/public/sources/ws`)).status).toBe(403);
  });

  test('refuses another stage', async () => {
    expect((await call(`${api.url}/liver/files/a`)).text).toBe('{"message":"Forbidden"}');
    expect((await call(`${api.url}/files/a`)).status).toBe(403);
  });

  test('answers a preflight from the mock integration of the template', async () => {
    const answered = await call(`${api.url}/live/public/sources/x`, {
      method: 'OPTIONS',
      headers: { Origin: 'http://a' },
    });
    expect(answered.status).toBe(204);
    expect(answered.headers).toMatchObject({
      'access-control-allow-origin': '*',
      'access-control-allow-methods': 'GET,POST',
      'access-control-allow-headers': 'X-User-ID,X-API-Key,Content-Type',
    });
    expect(lambda.events).toEqual([]);
  });

  test('answers a preflight with the origin of the caller where it is one of several', async () => {
    const [first] = preflight.integration.IntegrationResponses;
    const template = [
      '#set($origin = $input.params().header.get("Origin"))',
      '#if($origin == "")',
      '  #set($origin = $input.params().header.get("origin"))',
      '#end',
      '#if($origin == "https://b.example" || $origin == "https://c.example")',
      '  #set($context.responseOverride.header.Access-Control-Allow-Origin = $origin)',
      '#end',
    ].join('\n');
    const one = {
      ...first,
      ResponseParameters: {
        ...first.ResponseParameters,
        'method.response.header.Access-Control-Allow-Origin': "'https://a.example'",
      },
      ResponseTemplates: { 'application/json': template },
    };
    const integration = { ...preflight, integration: { ...preflight.integration, IntegrationResponses: [one] } };
    await using several = await start({ routes: [{ method: 'OPTIONS', path: '/', integration }] });
    const allowed = async (Origin: string) =>
      (await call(`${several.url}/live`, { method: 'OPTIONS', headers: { Origin } })).headers[
        'access-control-allow-origin'
      ];
    expect(await allowed('https://b.example')).toBe('https://b.example');
    expect(await allowed('https://c.example')).toBe('https://c.example');
    for (const other of ['https://a.example', 'https://d.example', 'https://b.example.evil.example']) {
      expect(await allowed(other)).toBe('https://a.example');
    }
    const odd = { ...one, ResponseTemplates: { 'application/json': template.replace('==', '!=') } };
    const wrong = { ...preflight, integration: { ...preflight.integration, IntegrationResponses: [odd] } };
    await expect(start({ routes: [{ method: 'OPTIONS', path: '/', integration: wrong }] })).rejects.toThrow(
      'Not simulated',
    );
  });

  test('breaks preflights when every media type is binary, as API Gateway does', async () => {
    await using broken = await start({ binaryMediaTypes: ['*/*'] });
    const answered = await call(`${broken.url}/live/public/sources/x`, { method: 'OPTIONS' });
    expect(answered.status).toBe(500);
  });

  test('fails a preflight whose headers the method response does not declare', async () => {
    const integration = { ...preflight, methodResponses: [{ StatusCode: '204' }] };
    await using broken = await start({ routes: [{ method: 'OPTIONS', path: '/', integration }] });
    expect((await call(`${broken.url}/live`, { method: 'OPTIONS' })).status).toBe(500);
  });

  test('refuses to start with a template that would behave differently here', async () => {
    const vtl = { 'application/json': '#set($x = 1)' };
    const mock = { ...preflight, integration: { RequestTemplates: vtl } };
    await expect(start({ routes: [{ method: 'OPTIONS', path: '/', integration: mock }] })).rejects.toThrow(
      'Not simulated',
    );
    const gatewayResponses = [
      { ResponseType: 'DEFAULT_4XX', ResponseTemplates: { 'application/json': '$context.identity.sourceIp' } },
    ];
    await expect(start({ gatewayResponses })).rejects.toThrow('Not simulated');
  });
});

describe('the response of the function', () => {
  const ask = (request?: Call) => call(`${api.url}/live/answer`, request);

  test('passes status, headers and body on, JSON unless it says otherwise', async () => {
    answer = { statusCode: 201, headers: { 'X-One': 'a', 'X-Number': 3 }, body: '{"a":1}' };
    const answered = await ask();
    expect(answered.status).toBe(201);
    expect(answered.headers).toMatchObject({
      'x-one': 'a',
      'x-number': '3',
      'content-type': 'application/json',
      'content-length': '7',
    });
    expect(answered.text).toBe('{"a":1}');
  });

  test('sends every value of a multi-value header, several cookies for one', async () => {
    answer = {
      statusCode: 200,
      headers: { 'set-cookie': 'lost=1', 'Content-Type': 'text/plain' },
      multiValueHeaders: { 'Set-Cookie': ['a=1', 'b=2'] },
      body: 'x',
    };
    const answered = await ask();
    expect(answered.headers['set-cookie']).toEqual(['a=1', 'b=2']);
    expect(answered.headers['content-type']).toBe('text/plain');
  });

  test('decodes base64 only for a client that accepts a binary media type first', async () => {
    const bytes = Buffer.from([137, 80, 78, 71, 0]);
    answer = {
      statusCode: 200,
      headers: { 'content-type': 'image/png' },
      body: bytes.toString('base64'),
      isBase64Encoded: true,
    };
    expect((await ask({ headers: { Accept: 'image/png, text/html' } })).body).toEqual(bytes);
    expect((await ask({ headers: { Accept: 'text/html, image/png' } })).text).toBe(bytes.toString('base64'));
    expect((await ask()).text).toBe(bytes.toString('base64'));
  });

  test('ignores the framing that a function sets', async () => {
    answer = {
      statusCode: 200,
      headers: { 'Content-Length': '1', 'Transfer-Encoding': 'chunked', Connection: 'close' },
      body: 'abc',
    };
    expect((await ask()).text).toBe('abc');
  });

  test.each([
    ['no object', 'text'],
    ['an array', []],
    ['null', null],
    ['no status', { body: 'x' }],
    ['a status that is none', { statusCode: 99 }],
    ['a body that is an object', { statusCode: 200, body: { a: 1 } }],
    ['a header that is an object', { statusCode: 200, headers: { a: {} }, body: '' }],
    ['multi-value headers without a list', { statusCode: 200, multiValueHeaders: { a: 'b' }, body: '' }],
    ['a header with a line break', { statusCode: 200, headers: { a: 'b\r\nc: d' }, body: '' }],
    ['a header name with a blank', { statusCode: 200, headers: { 'a b': 'c' }, body: '' }],
  ])('is 502 when malformed: %s', async (_what, malformed) => {
    answer = malformed;
    const answered = await ask();
    expect(answered.status).toBe(502);
    expect(answered.text).toBe('{"message":"Internal server error"}');
    expect(answered.headers['access-control-allow-origin']).toBe('*');
  });

  test('is 502 when the function fails, and when it cannot be invoked', async () => {
    expect(await call(`${api.url}/live/fails`)).toMatchObject({
      status: 502,
      text: '{"message":"Internal server error"}',
    });
    expect((await call(`${api.url}/live/missing`)).status).toBe(502);
    expect(log.lines.join()).toContain('nobody could not be invoked');
  });

  test('is 504 after 29 s', async () => {
    const waiting = call(`${api.url}/live/hangs`);
    await until(() => clock.sleeping === 1);
    await clock.advance(28_999);
    expect(clock.sleeping).toBe(1);
    await clock.advance(1);
    expect(await waiting).toMatchObject({ status: 504, text: '{"message":"Endpoint request timed out"}' });
  });
});

describe('limits', () => {
  const post = (url: string, body: Buffer, headers: Record<string, string> = {}) =>
    call(url, { method: 'POST', headers, body });
  const MB = 1024 * 1024;

  test('10 MB of body are too large at 10 MB and a byte, declared or chunked', async () => {
    answer = { statusCode: 200, body: '' };
    const tooLarge = Buffer.alloc(10 * MB + 1, 'a');
    for (const headers of [undefined, { 'Transfer-Encoding': 'chunked' }]) {
      const refused = await post(`${api.url}/live/answer`, tooLarge, headers);
      expect(refused.status).toBe(413);
      expect(JSON.parse(refused.text).error).toBe('HTTP content length exceeded 10485760 bytes.');
    }
    expect(lambda.events).toEqual([]);
  });

  test('an event over the 6 MB of Lambda is too large, as the gateway response of the template says it', async () => {
    answer = { statusCode: 200, body: '' };
    const multipart = { 'Content-Type': 'multipart/form-data; boundary=x' };
    expect((await post(`${api.url}/live/answer`, Buffer.alloc(4_700_000), multipart)).status).toBe(200);
    const refused = await post(`${api.url}/live/answer`, Buffer.alloc(4_719_000), multipart);
    expect(refused.status).toBe(413);
    expect(JSON.parse(refused.text)).toEqual({ error: 'Request Too Long', code: 'too-large' });
    expect(refused.headers['access-control-allow-origin']).toBe('*');
    expect(lambda.events).toHaveLength(1);
  });

  test('the request line and the header values together are too large over 10,240 bytes', async () => {
    expect((await call(`${api.url}/live/files/a`, { headers: { 'X-Large': 'a'.repeat(10_000) } })).status).toBe(200);
    expect((await call(`${api.url}/live/files/a`, { headers: { 'X-Large': 'a'.repeat(10_240) } })).status).toBe(431);
  });

  test('a refusal that comes before the body lets the client send it, and so read the refusal', async () => {
    for (const path of ['/live/answer', '/live/nowhere', '/other']) {
      const { text, failure } = await answerBeforeBody(api.url, path, 20 * MB);
      expect(text, path).toMatch(/^HTTP\/1.1 4(13|03)/);
      expect(failure, path).toBeUndefined();
    }
  });

  test('a client that waits for 100 Continue gets it, or the refusal in its place', async () => {
    answer = { statusCode: 200, body: '' };
    const ask = async (bytes: number) => {
      const raw = await rawSocket(api.url);
      raw.socket.write(
        `POST /live/answer HTTP/1.1\r\nHost: h\r\nContent-Length: ${bytes}\r\nExpect: 100-continue\r\n\r\n`,
      );
      return raw;
    };
    const small = await ask(3);
    await until(() => small.received().startsWith('HTTP/1.1 100 Continue'));
    small.socket.write('abc');
    await until(() => small.received().includes('200 OK'));
    const large = await ask(20 * MB);
    await until(() => large.received() !== '');
    expect(large.received()).toMatch(/^HTTP\/1.1 413/);
    for (const { socket } of [small, large]) socket.destroy();
  });

  test('a client that is too slow is cut off', async () => {
    await using impatient = await start({ requestTimeoutMs: 50 });
    const slow = await rawSocket(impatient.url);
    slow.socket.write('POST /live/answer HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\nabc');
    await slow.closed;
    expect(slow.received()).toMatch(/^HTTP\/1.1 408/);
    expect(lambda.events).toEqual([]);
  });
});

describe('connections', () => {
  test('a client that leaves in the middle of its body invokes nothing and harms nobody', async () => {
    const leaving = await rawSocket(api.url);
    leaving.socket.write('POST /live/answer HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\nabc');
    leaving.socket.destroy();
    await leaving.closed;
    expect((await call(`${api.url}/live/files/a`)).status).toBe(200);
    expect(lambda.events.map((each) => each.functionName)).toEqual(['echo']);
  });

  test('dispose closes idle and waiting sockets at once and leaves no timer', async () => {
    const idle = await rawSocket(api.url);
    idle.socket.write('GET /live/files/a HTTP/1.1\r\nHost: h\r\n\r\n');
    await until(() => idle.received().includes('200 OK'));
    const waiting = call(`${api.url}/live/hangs`).catch((error: Error) => error);
    await until(() => clock.sleeping === 1);
    await api[Symbol.asyncDispose]();
    await idle.closed;
    expect(await waiting).toBeInstanceOf(Error);
    expect(clock.sleeping).toBe(0);
    await expect(call(`${api.url}/live/files/a`)).rejects.toThrow('ECONNREFUSED');
    api = await start();
  });

  test('a port that is taken is named in the error', async () => {
    const port = Number(new URL(api.url).port);
    await expect(start({ port })).rejects.toMatchObject({ code: 'PORT_IN_USE', port });
  });
});
