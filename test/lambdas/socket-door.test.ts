import { createHash, randomUUID } from 'node:crypto';
import { beforeEach, expect, it, vi } from 'vitest';
import { createMemoryApiKeys } from '../../adapters/memory/api-keys.ts';
import { createMemorySocketKeys } from '../../adapters/memory/socket-keys.ts';
import type { SocketKeys } from '../../app/ports.ts';
import { SOCKET_TOKEN_TTL_MS } from '../../domain/limits.ts';
import connectEvent from '../../events/connect.json' with { type: 'json' };
import addressEvent from '../../events/ws-address.json' with { type: 'json' };
import { createWorld, type World } from '../app/world.ts';

/** The two handlers together: the one gives the address that the other lets in by. */

const KEY = 'key-of-user-1';
const PAGE = 'https://page.example.com';

let world: World;
let keys: SocketKeys | undefined;
let allowOrigins: readonly string[];
// biome-ignore lint/suspicious/noExplicitAny: events and answers are checked where they are used
type Handler = (event: any) => Promise<any>;
let address: Handler;
let connect: Handler;

beforeEach(() => {
  world = createWorld();
  keys = createMemorySocketKeys();
  allowOrigins = [];
});

async function load(): Promise<void> {
  vi.resetModules();
  vi.doMock('../../adapters/clock.ts', () => ({ systemClock: world.clock }));
  vi.doMock('../../lambdas/wiring.ts', () => ({
    log: () => world.log,
    apiKeys: () => createMemoryApiKeys({ [createHash('sha256').update(KEY).digest('hex')]: '1' }),
    channels: () => world.channels,
    connections: () => world.connections,
    bus: () => world.bus,
    subscribers: () => ({ start: async () => {} }),
    websocketUrl: () => 'wss://direct.example.com/live',
    shards: () => 1,
    limits: () => world.limits,
    allowOrigins: () => allowOrigins,
    socketKeys: async () => keys,
  }));
  ({ handler: address } = await import('../../lambdas/ws-address.ts'));
  ({ handler: connect } = await import('../../lambdas/connect.ts'));
}

async function register(wsUuid: string, more: Record<string, string> = {}): Promise<URL> {
  const answer = await address({
    ...addressEvent,
    headers: { 'X-User-ID': '1', 'X-API-Key': KEY, ...more },
    body: JSON.stringify({ 'ws-uuid': wsUuid }),
    isBase64Encoded: false,
  });
  expect(answer.statusCode).toBe(200);
  return new URL(JSON.parse(answer.body)['ws-address']);
}

function open(query: Record<string, string>, headers: Record<string, string> = {}) {
  return connect({ ...connectEvent, headers, queryStringParameters: query });
}

const codeOf = ({ statusCode, body }: { statusCode: number; body: string }) => [
  statusCode,
  body === '' ? undefined : JSON.parse(body).code,
];

it('opens a socket by the query of the address that was given, and by nothing less', async () => {
  await load();
  const wsUuid = randomUUID();
  const direct = Object.fromEntries((await register(wsUuid)).searchParams);
  expect(Object.keys(direct)).toEqual(['ws-uuid', 'token']);
  expect(await open(direct)).toMatchObject({ statusCode: 200 });
  expect(codeOf(await open({ 'ws-uuid': wsUuid }))).toEqual([401, 'token-missing']);
  const other = Object.fromEntries((await register(randomUUID())).searchParams);
  expect(codeOf(await open({ 'ws-uuid': wsUuid, token: other.token! }))).toEqual([401, 'token-invalid']);
});

it('fails where it cannot tell whom to let in: an answer with a 500 would be a success to Lambda, and to its alarm', async () => {
  await load();
  const direct = Object.fromEntries((await register(randomUUID())).searchParams);
  world.channels.failNext('get');
  await expect(open(direct)).rejects.toMatchObject({ code: 'internal' });
  expect(await open(direct)).toMatchObject({ statusCode: 200 });
});

it('gives an address that works for an hour', async () => {
  await load();
  const wsUuid = randomUUID();
  const front = await register(wsUuid, { 'X-Viewer-Host': 'upload.example.com', 'X-Forwarded-Proto': 'https' });
  expect(front.href).toMatch(/^wss:\/\/upload\.example\.com\/ws\/[0-9a-f-]{36}\?token=[\w.-]+$/);
  const query = { 'ws-uuid': wsUuid, token: front.searchParams.get('token')! };
  await world.clock.advance(SOCKET_TOKEN_TTL_MS - 2000);
  expect(await open(query)).toMatchObject({ statusCode: 200 });
  await world.clock.advance(2000);
  expect(codeOf(await open(query))).toEqual([401, 'token-expired']);
});

it('tells no more of a channel to who has no token than that a token is missing', async () => {
  await load();
  const wsUuid = randomUUID();
  await register(wsUuid);
  const [there, nowhere] = [await open({ 'ws-uuid': wsUuid }), await open({ 'ws-uuid': randomUUID() })];
  expect(there).toEqual(nowhere);
});

it('gives the address of the original service where no tokens are wanted, and opens it', async () => {
  keys = undefined;
  await load();
  const wsUuid = randomUUID();
  const front = await register(wsUuid, { 'X-Viewer-Host': 'localhost:8811', 'X-Forwarded-Proto': 'http' });
  expect(front.href).toBe(`ws://localhost:8811/ws/${wsUuid}`);
  expect(await open({ 'ws-uuid': wsUuid })).toMatchObject({ statusCode: 200 });
});

it.each(['Origin', 'origin'])('refuses a page that is not in the list, by its header %s', async (name) => {
  allowOrigins = [PAGE];
  await load();
  const query = Object.fromEntries((await register(randomUUID())).searchParams) as Record<string, string>;
  expect(codeOf(await open(query, { [name]: 'https://elsewhere.example.com' }))).toEqual([403, 'origin-not-allowed']);
  expect(await open(query, { [name]: PAGE })).toMatchObject({ statusCode: 200 });
  expect(await open(query)).toMatchObject({ statusCode: 200 });
});

it('refuses a socket too many with 429', async () => {
  world.limits = { ...world.limits, sockets: 1 };
  await load();
  const query = Object.fromEntries((await register(randomUUID())).searchParams) as Record<string, string>;
  expect(await open(query)).toMatchObject({ statusCode: 200 });
  expect(codeOf(await open(query))).toEqual([429, 'too-many-sockets']);
});
