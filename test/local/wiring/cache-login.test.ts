import { Redis } from 'ioredis';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createIamCredentials } from '../../../adapters/redis/iam-token.ts';
import { systemClock } from '../../../local/clock.ts';
import { AccessControl } from '../../../local/iam/access-control.ts';
import { type CredentialStore, openCredentialStore } from '../../../local/iam/credentials.ts';
import { memoryLog } from '../../../local/log.ts';
import { startEmbeddedRedis } from '../../../local/redis/embedded/server.ts';
import { type RedisProxy, startRedisProxy } from '../../../local/redis/proxy.ts';
import { LOCAL_ENVIRONMENT } from '../../../local/template/template.ts';
import { checkCacheLogin } from '../../../local/wiring/cache-login.ts';

/** Logins as the functions make them, through the proxy in front of Redis. */

const NOW = Date.UTC(2026, 0, 31, 12);
const CACHE = 'app-cache';
const USER = 'app-work';
const ARN = 'arn:aws:elasticache:us-east-1:000000000000:';
const CONNECT = [`${ARN}serverlesscache:${CACHE}`, `${ARN}user:${USER}`];
const REFUSED = 'WRONGPASS invalid username-password pair or user is disabled.';

let now: number;
let log: ReturnType<typeof memoryLog>;
let credentials: CredentialStore;
let access: AccessControl;
let proxy: RedisProxy;
let running: AsyncDisposableStack;

beforeEach(async () => {
  now = NOW;
  log = memoryLog();
  running = new AsyncDisposableStack();
  credentials = await openCredentialStore();
  access = new AccessControl({ environment: LOCAL_ENVIRONMENT, log });
  proxy = running.use(await startRedisProxy());
  const server = running.use(
    await startEmbeddedRedis({ announcedPort: proxy.port, clock: systemClock, onDefect: () => {} }),
  );
  proxy.forwardTo(server.port);
  const direct = running.adopt(new Redis({ port: server.port }), (client) => client.disconnect());
  await direct.call('ACL', 'SETUSER', USER, 'on', 'nopass', '-@all', '+ping', '+cluster|slots');
  proxy.checkLogins(
    checkCacheLogin({ access, credentials, clock: { now: () => now }, log, cache: CACHE, users: [{ name: USER }] }),
  );
  may(CONNECT);
});

afterEach(() => running[Symbol.asyncDispose]());

function may(resources: readonly string[]): void {
  const statements = [{ Effect: 'Allow' as const, Action: ['elasticache:Connect'], Resource: [...resources] }];
  access.attach('App-work', { functionName: 'App-work', roleName: 'role', statements, context: {} });
}

async function token({ user = USER, cache = CACHE, signer = credentials.issue('App-work') } = {}): Promise<string> {
  const create = createIamCredentials({
    user,
    cache,
    credentials: async () => signer,
    region: async () => 'us-east-1',
    now: () => NOW,
  });
  return (await create()).password;
}

/** @returns the answer to a PING, or why there is none. */
async function ping(password: string, username = USER): Promise<string> {
  const login = {
    port: proxy.port,
    username,
    password,
    lazyConnect: true,
    enableReadyCheck: false,
    retryStrategy: () => null,
  };
  const client = new Redis({ ...login, maxRetriesPerRequest: 0, disableClientInfo: true });
  const trouble = new Promise<string>((resolve) => client.once('error', (error: Error) => resolve(error.message)));
  try {
    await client.connect();
    return await client.ping();
  } catch {
    return await trouble;
  } finally {
    client.disconnect();
  }
}

test('a function logs in with a request that it signed', async () => {
  expect(await ping(await token())).toBe('PONG');
  expect(log.entries).toEqual([]);
});

test.each(CONNECT)('not where its role does not allow it to connect to %s', async (arn) => {
  may(CONNECT.filter((each) => each !== arn));
  expect(await ping(await token())).toBe(REFUSED);
  expect(log.entries).toEqual([
    {
      level: 'error',
      source: 'iam',
      text: expect.stringContaining(`App-work was refused elasticache:Connect on ${arn}`),
    },
  ]);
});

test.each<[string, () => Promise<string>, RegExp]>([
  ['was signed for another user', () => token({ user: 'app-other' }), /signed for something else/],
  ['was signed for another cache', () => token({ cache: 'other-cache' }), /no signed request to this cache/],
  ['is no request', async () => 'secret', /no signed request to this cache/],
  ['was changed', async () => (await token()).replace('Expires=900', 'Expires=901'), /does not match/],
  [
    'was signed by nobody',
    () => token({ signer: { accessKeyId: 'ASIANOBODY', secretAccessKey: 'x' } }),
    /does not exist in our records/,
  ],
])('not with a password that %s', async (_, make, reason) => {
  expect(await ping(await make())).toBe(REFUSED);
  expect(log.entries).toEqual([{ level: 'error', source: 'iam', text: expect.stringMatching(reason) }]);
});

test('not after the quarter of an hour that a token lives', async () => {
  const password = await token();
  now += 15 * 60_000 + 1;
  expect(await ping(password)).toBe(REFUSED);
});

test('users that are not of the template are no matter of IAM', async () => {
  expect(await ping('none', 'default')).toBe('PONG');
});

test('a login that comes in pieces is one login', async () => {
  const { connect } = await import('node:net');
  const socket = running.adopt(connect(proxy.port, '127.0.0.1'), (each) => void each.destroy());
  const said = new Promise<string>((resolve) => {
    let text = '';
    socket.on('data', (chunk) => {
      text += chunk;
      if (text.includes('PONG')) resolve(text);
    });
  });
  const password = await token();
  const login = `*3\r\n$4\r\nAUTH\r\n$${USER.length}\r\n${USER}\r\n$${password.length}\r\n${password}\r\n*1\r\n$4\r\nPING\r\n`;
  for (const piece of login.match(/.{1,50}/gs)!) await new Promise((resolve) => socket.write(piece, resolve));
  expect(await said).toBe('+OK\r\n+PONG\r\n');
});
