import { once } from 'node:events';
import {
  ApiGatewayManagementApiClient,
  DeleteConnectionCommand,
  GetConnectionCommand,
  GoneException,
  PostToConnectionCommand,
} from '@aws-sdk/client-apigatewaymanagementapi';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import type { AuthorizeManagement } from '../../../local/apigateway/management-api.ts';
import {
  type RunningWebSocketApi,
  startWebSocketApi,
  type WebSocketApiOptions,
} from '../../../local/apigateway/websocket-api.ts';
import {
  type AnyEvent,
  CollectedLog,
  call,
  FakeClock,
  type FakeFunction,
  FakeLambda,
  rawSocket,
  until,
} from './support.ts';

const MINUTE = 60_000;

let clock: FakeClock;
let lambda: FakeLambda;
let log: CollectedLog;
let api: RunningWebSocketApi;
let management: ApiGatewayManagementApiClient;

const ok: FakeFunction = () => ({ statusCode: 200 });

async function start(changed: Partial<WebSocketApiOptions> = {}): Promise<RunningWebSocketApi> {
  return startWebSocketApi({
    apiId: 'sock123',
    stage: 'live',
    region: 'eu-central-1',
    accountId: '000000000000',
    routes: { $connect: 'connect', $disconnect: 'disconnect', $default: 'message', special: 'special' },
    routeSelectionExpression: '$request.body.action',
    lambda,
    clock,
    log,
    ...changed,
  });
}

beforeEach(async () => {
  clock = new FakeClock();
  log = new CollectedLog();
  lambda = new FakeLambda({ connect: ok, disconnect: ok, message: ok, special: ok });
  api = await start();
  management = new ApiGatewayManagementApiClient({
    endpoint: `${api.url}/live`,
    region: 'eu-central-1',
    credentials: { accessKeyId: 'LOCALKEY', secretAccessKey: 'secret' },
    maxAttempts: 1,
  });
});

afterEach(async () => {
  management.destroy();
  await api[Symbol.asyncDispose]();
});

interface Client {
  readonly socket: WebSocket;
  readonly connectionId: string;
  readonly messages: string[];
  readonly closed: Promise<{ readonly code: number; readonly reason: string }>;
}

async function open(query = '?ws-uuid=u1', protocols: string[] = []): Promise<Client> {
  const socket = new WebSocket(`${api.url.replace('http', 'ws')}/live${query}`, protocols);
  const messages: string[] = [];
  socket.on('message', (data) => messages.push(data.toString()));
  socket.on('error', () => {});
  const closed = once(socket, 'close').then(([code, reason]) => ({ code, reason: String(reason) }));
  await once(socket, 'open');
  const { connectionId } = lambda.eventsOf('connect').at(-1)!.requestContext;
  await until(() => clock.sleeping > 0);
  return { socket, connectionId, messages, closed };
}

/** @returns the status and the body that an upgrade was refused with. */
async function refusal(path: string, headers: Record<string, string> = {}): Promise<{ status: number; text: string }> {
  const answered = await call(`${api.url}${path}`, {
    headers: {
      Connection: 'Upgrade',
      Upgrade: 'websocket',
      'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
      'Sec-WebSocket-Version': '13',
      ...headers,
    },
  });
  return { status: answered.status, text: answered.text };
}

const HANDSHAKE =
  'GET /live HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n' +
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n';

async function rawHandshake() {
  const raw = await rawSocket(api.url);
  raw.socket.setNoDelay(true);
  raw.socket.write(HANDSHAKE);
  await until(() => raw.received().includes('\r\n\r\n'));
  return raw;
}

const post = (ConnectionId: string, Data: string | Buffer) =>
  management.send(new PostToConnectionCommand({ ConnectionId, Data: Buffer.from(Data) }));

describe('connecting', () => {
  test('invokes $connect with an event of the real shape', async () => {
    const client = await open('?ws-uuid=u1&last-event-id=e-3&a=1&a=2');
    const event = lambda.eventsOf('connect')[0];
    expect(event).toMatchObject({
      queryStringParameters: { 'ws-uuid': 'u1', 'last-event-id': 'e-3', a: '2' },
      multiValueQueryStringParameters: { a: ['1', '2'] },
      isBase64Encoded: false,
      requestContext: {
        routeKey: '$connect',
        eventType: 'CONNECT',
        messageDirection: 'IN',
        stage: 'live',
        apiId: 'sock123',
        domainName: 'sock123.execute-api.eu-central-1.amazonaws.com',
        connectedAt: clock.now(),
        requestTimeEpoch: clock.now(),
        requestTime: '02/Jan/2026:03:04:05 +0000',
        identity: { sourceIp: '127.0.0.1' },
      },
    });
    expect(event.headers).toMatchObject({
      'X-Forwarded-For': '127.0.0.1',
      'X-Forwarded-Proto': 'http',
      'Sec-WebSocket-Version': '13',
    });
    expect(event.multiValueHeaders.Host).toEqual([new URL(api.url).host]);
    expect(client.connectionId).toMatch(/^[\w-]{15}=$/);
    expect(event).not.toHaveProperty('body');
  });

  test('has no query parameters in the event where there is no query', async () => {
    await open('');
    expect(lambda.eventsOf('connect')[0]).not.toHaveProperty('queryStringParameters');
  });

  test('holds the upgrade until $connect returns, and the connection is 410 until then', async () => {
    const release = Promise.withResolvers<void>();
    const seen: string[] = [];
    lambda.functions.connect = async (event) => {
      for (const attempt of [1, 2]) {
        const error = await post(event.requestContext.connectionId, 'early').catch((each: Error) => each);
        seen.push(error instanceof GoneException ? 'gone' : `attempt ${attempt}: ${error}`);
      }
      await release.promise;
      return { statusCode: 200 };
    };
    const opening = open();
    let opened = false;
    opening.then(() => {
      opened = true;
    });
    await until(() => seen.length === 2);
    expect(seen).toEqual(['gone', 'gone']);
    expect(opened).toBe(false);
    release.resolve();
    const client = await opening;
    await post(client.connectionId, 'now');
    await until(() => client.messages.length === 1);
  });

  test('passes the status of a refusing $connect on, and opens nothing', async () => {
    lambda.functions.connect = () => ({ statusCode: 401, body: 'no' });
    expect(await refusal('/live?ws-uuid=u1')).toEqual({ status: 401, text: '' });
    const { connectionId } = lambda.eventsOf('connect')[0].requestContext;
    await expect(post(connectionId, 'x')).rejects.toBeInstanceOf(GoneException);
    expect(lambda.eventsOf('disconnect')).toEqual([]);
  });

  test.each<[string, FakeFunction]>([
    [
      'fails',
      () => {
        throw new Error('broken');
      },
    ],
    ['returns nothing', () => undefined],
    ['returns no status', () => ({ body: 'x' })],
  ])('is 502 when $connect %s', async (_what, connect) => {
    lambda.functions.connect = connect;
    const refused = await refusal('/live');
    expect(refused.status).toBe(502);
    expect(JSON.parse(refused.text)).toMatchObject({ message: 'Internal server error' });
  });

  test('is 504 when $connect takes 29 s', async () => {
    lambda.functions.connect = () => new Promise(() => {});
    const waiting = refusal('/live');
    await until(() => clock.sleeping === 1);
    await clock.advance(29_000);
    expect((await waiting).status).toBe(504);
  });

  test('refuses every path but that of the stage with 403, without invoking anything', async () => {
    for (const path of ['/', '/ws/u1', '/live/', '/live/u1', '/liver', '/Live']) {
      expect((await refusal(path)).status, path).toBe(403);
    }
    expect(lambda.events).toEqual([]);
  });

  test('refuses what is no WebSocket handshake with 400, and a plain request with 403', async () => {
    expect((await refusal('/live', { 'Sec-WebSocket-Version': '8' })).status).toBe(400);
    expect((await refusal('/live', { 'Sec-WebSocket-Key': 'short' })).status).toBe(400);
    expect((await refusal(`/live?a=${'b'.repeat(4096)}`)).status).toBe(414);
    expect((await call(`${api.url}/live`)).status).toBe(403);
    expect(lambda.events).toEqual([]);
  });

  test('takes the subprotocol that the function answers with', async () => {
    lambda.functions.connect = () => ({ statusCode: 200, headers: { 'sec-websocket-protocol': 'two' } });
    const client = await open('', ['one', 'two']);
    expect(client.socket.protocol).toBe('two');
    expect(lambda.eventsOf('connect')[0].headers['Sec-WebSocket-Protocol']).toBe('one,two');
  });

  test('invokes $disconnect for a client that left while it was held', async () => {
    const release = Promise.withResolvers<void>();
    lambda.functions.connect = () => release.promise.then(() => ({ statusCode: 200 }));
    const raw = await rawSocket(api.url);
    raw.socket.write(HANDSHAKE);
    await until(() => lambda.events.length === 1);
    raw.socket.resetAndDestroy();
    await raw.closed;
    release.resolve();
    await until(() => lambda.eventsOf('disconnect').length === 1);
    const [connected, disconnected] = lambda.events.map((each) => each.event.requestContext.connectionId);
    expect(disconnected).toBe(connected);
  });

  test('invokes $disconnect where the handshake fails after $connect', async () => {
    expect((await refusal('/live', { 'Sec-WebSocket-Protocol': ',' })).status).toBe(400);
    await until(() => lambda.eventsOf('disconnect').length === 1);
  });

  test('needs no $connect route', async () => {
    await api[Symbol.asyncDispose]();
    api = await start({ routes: { $default: 'message' } });
    const socket = new WebSocket(`${api.url.replace('http', 'ws')}/live`);
    await once(socket, 'open');
    socket.close();
    await once(socket, 'close');
  });
});

describe('messages', () => {
  test('go to the route that they name, else to $default', async () => {
    const client = await open();
    const sent = ['{"action":"special","n":1}', '{"action":"other"}', '{"n":2}', 'no json', '[1]', 'null'];
    for (const text of sent) client.socket.send(text);
    await until(() => lambda.events.length === 1 + sent.length);
    expect(lambda.eventsOf('special').map((event) => event.body)).toEqual(sent.slice(0, 1));
    expect(lambda.eventsOf('message').map((event) => event.body)).toEqual(sent.slice(1));
  });

  test('cannot name $connect or $disconnect, nor what every object has', async () => {
    const client = await open();
    for (const action of ['$connect', '$disconnect', '$default', 'constructor', '__proto__'])
      client.socket.send(JSON.stringify({ action }));
    await until(() => lambda.eventsOf('message').length === 5);
    expect(lambda.eventsOf('connect')).toHaveLength(1);
    expect(lambda.eventsOf('disconnect')).toHaveLength(0);
  });

  test('come as events of the real shape', async () => {
    const client = await open();
    const connectedAt = clock.now();
    await clock.advance(1000);
    client.socket.send('{"action":"ping"}');
    const event = await until(() => lambda.eventsOf('message')[0]);
    expect(event).toMatchObject({
      body: '{"action":"ping"}',
      isBase64Encoded: false,
      requestContext: {
        routeKey: '$default',
        eventType: 'MESSAGE',
        connectionId: client.connectionId,
        connectedAt,
        requestTimeEpoch: connectedAt + 1000,
        stage: 'live',
        domainName: 'sock123.execute-api.eu-central-1.amazonaws.com',
      },
    });
    expect(event.requestContext.messageId).toMatch(/=$/);
    expect(event).not.toHaveProperty('headers');
  });

  test('of one connection are served at the same time', async () => {
    const release = Promise.withResolvers<void>();
    lambda.functions.message = () => release.promise.then(() => ({ statusCode: 200 }));
    const client = await open();
    client.socket.send('one');
    client.socket.send('two');
    await until(() => lambda.eventsOf('message').length === 2);
    release.resolve();
  });

  test('get no answer from what the function returns', async () => {
    lambda.functions.message = () => ({ statusCode: 500, body: 'lost' });
    const client = await open();
    client.socket.send('one');
    await until(() => lambda.eventsOf('message').length === 1);
    await post(client.connectionId, 'last');
    await until(() => client.messages.length === 1);
    expect(client.messages).toEqual(['last']);
  });

  test.each<[string, FakeFunction]>([
    [
      'fails',
      () => {
        throw new Error('broken');
      },
    ],
    ['returns nothing', () => undefined],
  ])('get an error message when the function %s, and the socket stays open', async (_what, message) => {
    lambda.functions.message = message;
    const client = await open();
    client.socket.send('one');
    const text = await until(() => client.messages[0]);
    const { requestId } = lambda.eventsOf('message')[0].requestContext;
    expect(text).toBe(
      `{"message": "Internal server error", "connectionId":"${client.connectionId}", "requestId":"${requestId}"}`,
    );
    expect(client.socket.readyState).toBe(WebSocket.OPEN);
  });

  test('get an error message when the function takes 29 s', async () => {
    lambda.functions.message = () => new Promise(() => {});
    const client = await open();
    client.socket.send('one');
    await until(() => clock.sleeping === 2);
    await clock.advance(29_000);
    expect(JSON.parse(await until(() => client.messages[0])).message).toBe('Endpoint request timed out');
  });

  test('get Forbidden where no route takes them', async () => {
    await api[Symbol.asyncDispose]();
    api = await start({ routes: { $connect: 'connect', special: 'special' } });
    const client = await open();
    client.socket.send('{"action":"other"}');
    expect(JSON.parse(await until(() => client.messages[0]))).toMatchObject({
      message: 'Forbidden',
      connectionId: client.connectionId,
    });
  });

  test('need a route selection that is understood', async () => {
    await expect(start({ routeSelectionExpression: '$request.header.x' })).rejects.toThrow('Not simulated');
  });
});

describe('limits', () => {
  const KB = 1024;

  test('a frame of 32 KB is taken, a message of 128 KB in such frames too', async () => {
    const client = await open();
    client.socket.send('a'.repeat(32 * KB));
    for (const part of [1, 2, 3, 4]) client.socket.send('b'.repeat(32 * KB), { fin: part === 4 });
    await until(() => lambda.eventsOf('message').length === 2);
    expect(lambda.eventsOf('message').map((event) => event.body.length)).toEqual([32 * KB, 128 * KB]);
  });

  test('a larger frame closes with 1009 and is not delivered', async () => {
    const client = await open();
    client.socket.send('a'.repeat(32 * KB + 1));
    expect((await client.closed).code).toBe(1009);
    expect(lambda.eventsOf('message')).toEqual([]);
    await until(() => lambda.eventsOf('disconnect').length === 1);
  });

  test.each([1, 100, 60_000])(
    'the messages before a frame that is too large are delivered, those after it not: chunks of %i bytes',
    async (bytes) => {
      const raw = await rawHandshake();
      const masked = (length: number) => [0x81, 0x80 | 126, length >> 8, length & 255, 0, 0, 0, 0];
      const good = [...masked(200), ...Buffer.alloc(200, 'a')];
      const tooLarge = [0x81, 0x80 | 127, 0, 0, 0, 0, 0, 0, 0x80, 0x01, 0, 0, 0, 0, ...Buffer.alloc(0x8001, 'b')];
      const frames = Buffer.from([...good, ...tooLarge, ...good]);
      for (let at = 0; at < frames.length; at += bytes) raw.socket.write(frames.subarray(at, at + bytes));
      await until(() => raw.received().includes(`\x88${String.fromCharCode(2 + 'Frame too large'.length)}\x03\xf1`));
      expect(lambda.eventsOf('message')).toHaveLength(1);
      raw.socket.destroy();
    },
  );

  test('a message over 128 KB closes with 1009', async () => {
    const client = await open();
    for (const part of [1, 2, 3, 4, 5]) client.socket.send('b'.repeat(30 * KB), { fin: part === 5 });
    expect((await client.closed).code).toBe(1009);
    expect(lambda.eventsOf('message')).toEqual([]);
  });

  test('a binary frame closes with 1003', async () => {
    const client = await open();
    client.socket.send(Buffer.from([1, 2, 3]));
    client.socket.send('after it');
    expect((await client.closed).code).toBe(1003);
    expect(lambda.eventsOf('message')).toEqual([]);
  });

  test('10 minutes without a message close with 1001, to the millisecond', async () => {
    const client = await open();
    await clock.advance(10 * MINUTE - 1);
    await expect(post(client.connectionId, 'still here')).resolves.toBeDefined();
    await clock.advance(10 * MINUTE - 1);
    client.socket.send('so am I');
    await until(() => lambda.eventsOf('message').length === 1);
    await clock.advance(10 * MINUTE - 1);
    expect(client.socket.readyState).toBe(WebSocket.OPEN);
    await clock.advance(1);
    expect(await client.closed).toEqual({ code: 1001, reason: 'Going away' });
    const event = await until(() => lambda.eventsOf('disconnect')[0]);
    expect(event.requestContext).toMatchObject({ disconnectStatusCode: 1001, disconnectReason: 'Going away' });
  });

  test('2 hours close with 1001, whatever was sent', async () => {
    const client = await open();
    for (let minute = 0; minute < 120; minute += 5) {
      expect(client.socket.readyState).toBe(WebSocket.OPEN);
      await post(client.connectionId, 'x');
      await clock.advance(5 * MINUTE);
    }
    expect((await client.closed).code).toBe(1001);
    await expect(post(client.connectionId, 'x')).rejects.toBeInstanceOf(GoneException);
  });
});

describe('@connections', () => {
  test('posts arrive in order', async () => {
    const client = await open();
    for (let n = 0; n < 200; n++) await post(client.connectionId, `message ${n}`);
    await until(() => client.messages.length === 200);
    expect(client.messages).toEqual(Array.from({ length: 200 }, (_, n) => `message ${n}`));
  });

  test('a post of 128 KB arrives whole, in frames of 32 KB at the most', async () => {
    const client = await open();
    const text = 'ü'.repeat(64 * 1024);
    await post(client.connectionId, text);
    expect(await until(() => client.messages[0])).toBe(text);

    const raw = await rawHandshake();
    const { connectionId } = lambda.eventsOf('connect').at(-1)!.requestContext;
    await post(connectionId, text);
    const headBytes = raw.received().indexOf('\r\n\r\n') + 4;
    const frame = 4 + 32 * 1024;
    await until(() => raw.received().length === headBytes + 4 * frame);
    const headers = [0, 1, 2, 3].map((n) => raw.received().slice(headBytes + n * frame, headBytes + n * frame + 4));
    expect(headers).toEqual(['\x01\x7e\x80\x00', '\x00\x7e\x80\x00', '\x00\x7e\x80\x00', '\x80\x7e\x80\x00']);
    raw.socket.destroy();
  });

  test('a larger post is 413, and sends nothing', async () => {
    const client = await open();
    await expect(post(client.connectionId, 'a'.repeat(128 * 1024 + 1))).rejects.toMatchObject({
      name: 'PayloadTooLargeException',
      $metadata: { httpStatusCode: 413 },
    });
    await post(client.connectionId, 'small');
    await until(() => client.messages.length === 1);
    expect(client.messages).toEqual(['small']);
  });

  test('an unknown connection is 410 for every call, named so for the SDK', async () => {
    const gone = { name: 'GoneException', $metadata: { httpStatusCode: 410 } };
    await expect(post('unknownAAAAAAA=', 'x')).rejects.toMatchObject(gone);
    await expect(management.send(new GetConnectionCommand({ ConnectionId: 'a/b=' }))).rejects.toMatchObject(gone);
    await expect(management.send(new DeleteConnectionCommand({ ConnectionId: 'x' }))).rejects.toMatchObject(gone);
  });

  test('GET tells since when and from where', async () => {
    const client = await open();
    const connectedAt = new Date(clock.now());
    await clock.advance(5000);
    await post(client.connectionId, 'x');
    const found = await management.send(new GetConnectionCommand({ ConnectionId: client.connectionId }));
    expect(found).toMatchObject({
      $metadata: { httpStatusCode: 200 },
      ConnectedAt: connectedAt,
      LastActiveAt: new Date(clock.now()),
      Identity: { SourceIp: '127.0.0.1' },
    });
  });

  test('DELETE closes the socket, which is gone from then on', async () => {
    const client = await open();
    const deleted = await management.send(new DeleteConnectionCommand({ ConnectionId: client.connectionId }));
    expect(deleted.$metadata.httpStatusCode).toBe(204);
    await expect(post(client.connectionId, 'x')).rejects.toBeInstanceOf(GoneException);
    expect((await client.closed).code).toBe(1000);
    const event = await until(() => lambda.eventsOf('disconnect')[0]);
    expect(event.requestContext).toMatchObject({ connectionId: client.connectionId, disconnectStatusCode: 1000 });
  });

  test('what was posted before a DELETE still arrives before the close', async () => {
    const client = await open();
    await post(client.connectionId, 'a'.repeat(100_000));
    await post(client.connectionId, 'last');
    await management.send(new DeleteConnectionCommand({ ConnectionId: client.connectionId }));
    await client.closed;
    expect(client.messages.map((text) => text.length)).toEqual([100_000, 4]);
  });

  test('a client that does not read earns its posts 429, and delays nobody', async () => {
    const slow = await open();
    const other = await open();
    slow.socket.pause();
    const payload = 'a'.repeat(128 * 1024);
    let refused: unknown;
    let accepted = 0;
    while (!refused && accepted < 200) {
      await post(slow.connectionId, payload).then(
        () => accepted++,
        (error: unknown) => {
          refused = error;
        },
      );
    }
    expect(refused).toMatchObject({ name: 'LimitExceededException', $metadata: { httpStatusCode: 429 } });
    await post(other.connectionId, 'x');
    await until(() => other.messages.length === 1);
    slow.socket.resume();
    await until(() => slow.messages.length === accepted);
    await post(slow.connectionId, 'again');
    await until(() => slow.messages.at(-1) === 'again');
  });

  test('is only below the stage, and only for ids that can be read', async () => {
    const { connectionId } = await open();
    const at = (path: string) =>
      call(`${api.url}${path}`).then(({ status, headers }) => [status, headers['x-amzn-errortype']]);
    expect(await at(`/other/@connections/${connectionId}`)).toEqual([403, 'ForbiddenException']);
    expect(await at(`/live/connections/${connectionId}`)).toEqual([403, 'ForbiddenException']);
    expect(await at(`/live/@connections/${connectionId}/x`)).toEqual([403, 'ForbiddenException']);
    expect(await at('/live/@connections/%')).toEqual([400, 'BadRequestException']);
    expect(await at(`/live/%40connections/${encodeURIComponent(connectionId)}`)).toEqual([200, undefined]);
  });

  test('asks for leave with the access key, the action and the resource of the call', async () => {
    await api[Symbol.asyncDispose]();
    const calls: unknown[] = [];
    const authorizeManagement: AuthorizeManagement = (each) =>
      calls.push(each) > 1 ? undefined : { error: 'AccessDeniedException', message: 'User: it may not' };
    api = await start({ port: Number(new URL(api.url).port), authorizeManagement });
    const client = await open();
    await expect(post(client.connectionId, 'x')).rejects.toMatchObject({
      name: 'AccessDeniedException',
      message: 'User: it may not',
      $metadata: { httpStatusCode: 403 },
    });
    await post(client.connectionId, 'x');
    expect(calls[0]).toEqual({
      accessKeyId: 'LOCALKEY',
      action: 'execute-api:ManageConnections',
      resource: `arn:aws:execute-api:eu-central-1:000000000000:sock123/live/POST/@connections/${client.connectionId}`,
    });
    const unsigned = await call(`${api.url}/live/@connections/x`);
    expect([unsigned.status, unsigned.headers['x-amzn-errortype']]).toEqual([
      403,
      'MissingAuthenticationTokenException',
    ]);
  });
});

describe('disconnecting', () => {
  const disconnected = () => until<AnyEvent>(() => lambda.eventsOf('disconnect')[0]);

  test('invokes $disconnect with the code and the reason of the client', async () => {
    const client = await open();
    client.socket.close(4001, 'enough');
    const event = await disconnected();
    expect(event).toMatchObject({
      headers: {
        Host: 'sock123.execute-api.eu-central-1.amazonaws.com',
        'x-api-key': '',
        'X-Forwarded-For': '',
        'x-restapi': '',
      },
      requestContext: {
        routeKey: '$disconnect',
        eventType: 'DISCONNECT',
        connectionId: client.connectionId,
        disconnectStatusCode: 4001,
        disconnectReason: 'enough',
      },
    });
    await expect(post(client.connectionId, 'x')).rejects.toBeInstanceOf(GoneException);
  });

  test('makes a connection gone as soon as the client has said so', async () => {
    const raw = await rawHandshake();
    const { connectionId } = lambda.eventsOf('connect').at(-1)!.requestContext;
    await expect(post(connectionId, 'x')).resolves.toBeDefined();
    raw.socket.write(Buffer.from([0x88, 0x82, 0, 0, 0, 0, 0x03, 0xe8]));
    await until(() => raw.received().endsWith('\x88\x02\x03\xe8'));
    await expect(post(connectionId, 'x')).rejects.toBeInstanceOf(GoneException);
    raw.socket.destroy();
  });

  test('has 1005 for a close without a code, and 1006 for a client that just vanished', async () => {
    const polite = await open();
    polite.socket.close();
    expect((await disconnected()).requestContext).toMatchObject({
      disconnectStatusCode: 1005,
      disconnectReason: 'Client-side close frame status not set',
    });
    const gone = await open();
    gone.socket.terminate();
    const second = await until(() => lambda.eventsOf('disconnect')[1]);
    expect(second.requestContext).toMatchObject({ connectionId: gone.connectionId, disconnectStatusCode: 1006 });
  });

  test('invokes it once per connection, and leaves no timer', async () => {
    const clients = await Promise.all([open(), open(), open()]);
    await management.send(new DeleteConnectionCommand({ ConnectionId: clients[0]!.connectionId }));
    clients[1]!.socket.close();
    clients[2]!.socket.terminate();
    await Promise.all(clients.map((client) => client.closed));
    await until(() => lambda.eventsOf('disconnect').length === 3);
    await until(() => clock.sleeping === 0);
    expect(new Set(lambda.eventsOf('disconnect').map((event) => event.requestContext.connectionId)).size).toBe(3);
  });

  test('a failing $disconnect harms nobody', async () => {
    lambda.functions.disconnect = () => {
      throw new Error('broken');
    };
    (await open()).socket.close();
    await disconnected();
    await open();
  });
});

describe('a gateway that loses its host', () => {
  test('cuts off all sockets without a close frame: they are gone, and $disconnect follows', async () => {
    const clients = [await open(), await open()];
    expect(api.dropSockets({ disconnect: true })).toBe(2);
    await expect(post(clients[0]!.connectionId, 'x')).rejects.toMatchObject({ name: 'GoneException' });
    for (const client of clients) expect((await client.closed).code).toBe(1006);
    await until(() => lambda.eventsOf('disconnect').length === 2);
    expect(lambda.eventsOf('disconnect')[0].requestContext).toMatchObject({ disconnectStatusCode: 1006 });
    expect(clock.sleeping).toBe(0);
  });

  test('or does not, where even that is lost with it', async () => {
    const client = await open();
    expect(api.dropSockets({ disconnect: false })).toBe(1);
    expect((await client.closed).code).toBe(1006);
    // The next one is told as ever, and would come after it.
    (await open()).socket.terminate();
    await until(() => lambda.eventsOf('disconnect').length > 0);
    expect(lambda.eventsOf('disconnect').map((event) => event.requestContext.connectionId)).not.toContain(
      client.connectionId,
    );
    expect(api.dropSockets({ disconnect: true })).toBe(0);
  });
});

describe('dispose', () => {
  test('cuts off open, held and idle connections at once, invokes nothing more and leaves no timer', async () => {
    const client = await open();
    lambda.functions.connect = () => new Promise(() => {});
    const held = refusal('/live').catch((error: Error) => error);
    await until(() => lambda.eventsOf('connect').length === 2);
    await api[Symbol.asyncDispose]();
    expect((await client.closed).code).toBe(1006);
    expect(await held).toBeInstanceOf(Error);
    expect(clock.sleeping).toBe(0);
    expect(lambda.eventsOf('disconnect')).toEqual([]);
    await expect(call(api.url)).rejects.toThrow('ECONNREFUSED');
    api = await start();
  });
});
