import { once } from 'node:events';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { type RunningRestApi, startRestApi } from '../../../local/apigateway/rest-api.ts';
import { type RunningWebSocketApi, startWebSocketApi } from '../../../local/apigateway/websocket-api.ts';
import { type RunningDistribution, startDistribution } from '../../../local/cloudfront/distribution.ts';
import { CollectedLog, call, FakeClock, FakeLambda } from '../apigateway/support.ts';

const MB = 1024 * 1024;
const everything = {
  allowedMethods: ['GET', 'HEAD', 'OPTIONS', 'PUT', 'PATCH', 'POST', 'DELETE'],
  originRequestPolicyId: 'b689b0a8-53d0-40ab-baf2-68738e2966ac',
  cachePolicyId: '4135ea2d-6df8-44a3-9df3-4b5a84be39ad',
};

let lambda: FakeLambda;
let rest: RunningRestApi;
let sockets: RunningWebSocketApi;
let front: RunningDistribution;

beforeEach(async () => {
  const clock = new FakeClock();
  const log = new CollectedLog();
  lambda = new FakeLambda({ upload: () => ({ statusCode: 200, body: '{}' }), connect: () => ({ statusCode: 200 }) });
  const api = { stage: 'live', region: 'eu-central-1', accountId: '000000000000', lambda, clock, log };
  rest = await startRestApi({
    ...api,
    apiId: 'rest123',
    routes: [{ method: 'POST', path: '/public/upload', integration: { type: 'AWS_PROXY', functionName: 'upload' } }],
    binaryMediaTypes: ['multipart/form-data'],
    gatewayResponses: [],
  });
  sockets = await startWebSocketApi({
    ...api,
    apiId: 'sock123',
    routes: { $connect: 'connect' },
    routeSelectionExpression: '$request.body.action',
  });
  front = await startDistribution({
    port: 0,
    behaviors: [{ pathPattern: '/live*', originId: 'sockets', ...everything }],
    defaultBehavior: { originId: 'rest', ...everything },
    origins: {
      rest: { kind: 'http', url: rest.url, originPath: '/live' },
      sockets: { kind: 'http', url: sockets.url },
    },
    log,
  });
});

afterEach(async () => {
  for (const each of [front, sockets, rest]) await each[Symbol.asyncDispose]();
});

test('an upload comes to the function byte for byte, with the viewer in X-Forwarded-For', async () => {
  const body = Buffer.from(Array.from({ length: 300_000 }, (_, n) => (n * 7) % 256));
  const headers = { 'Content-Type': 'multipart/form-data; boundary=x', 'X-API-Key': 'k' };
  expect((await call(`${front.url}/public/upload?a=1`, { method: 'POST', headers, body })).status).toBe(200);
  const event = lambda.events[0]!.event;
  expect(Buffer.from(event.body, 'base64').equals(body)).toBe(true);
  expect(event.path).toBe('/public/upload');
  expect(event.queryStringParameters).toEqual({ a: '1' });
  expect(event.headers['X-Forwarded-For']).toMatch(/^(127\.0\.0\.1|::1), 127\.0\.0\.1$/);
});

test('an upload that is too large gets the answer of the API, not a broken connection', async () => {
  for (const headers of [undefined, { 'Transfer-Encoding': 'chunked' }]) {
    const refused = await call(`${front.url}/public/upload`, { method: 'POST', headers, body: Buffer.alloc(12 * MB) });
    expect(refused.status).toBe(413);
  }
  expect(lambda.events).toEqual([]);
});

test('a socket opens, is closed by the API, and is refused with the status of $connect', async () => {
  const url = `${front.url.replace('http', 'ws')}/live?ws-uuid=u1`;
  const client = new WebSocket(url);
  await once(client, 'open');
  const { connectionId } = lambda.events[0]!.event.requestContext;
  const management = `${sockets.url}/live/@connections/${encodeURIComponent(connectionId)}`;
  const received = once(client, 'message');
  await call(management, { method: 'POST', body: 'hello' });
  expect(String((await received)[0])).toBe('hello');
  expect((await call(management, { method: 'DELETE' })).status).toBe(204);
  expect((await once(client, 'close'))[0]).toBe(1000);

  lambda.functions.connect = () => ({ statusCode: 403 });
  const [, refused] = await once(new WebSocket(url), 'unexpected-response');
  expect(refused.statusCode).toBe(403);
});

test('a client that leaves the front leaves the API', async () => {
  const client = new WebSocket(`${front.url.replace('http', 'ws')}/live`);
  await once(client, 'open');
  const { connectionId } = lambda.events[0]!.event.requestContext;
  client.terminate();
  const connection = `${sockets.url}/live/@connections/${encodeURIComponent(connectionId)}`;
  // As often as it takes: a time-out of the test is the failure.
  while ((await call(connection)).status !== 410);
});
