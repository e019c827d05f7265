import { createHash } from 'node:crypto';
import type { APIGatewayProxyEvent } from 'aws-lambda';
import { afterEach, expect, it, vi } from 'vitest';
import { restHandler } from '../../../adapters/http/rest.ts';
import { createLog } from '../../../adapters/log.ts';
import { createMemoryApiKeys } from '../../../adapters/memory/api-keys.ts';
import { RequestError } from '../../../domain/errors.ts';
import template from '../../../events/source-status.json' with { type: 'json' };

const KEY = 'key-of-user-1';
const GATEWAYS_OWN = template.requestContext.requestId;

afterEach(() => {
  vi.restoreAllMocks();
});

function capture(): () => Record<string, unknown>[] {
  const written: string[] = [];
  const write = (chunk: unknown) => written.push(String(chunk)) > 0;
  vi.spyOn(process.stdout, 'write').mockImplementation(write);
  vi.spyOn(process.stderr, 'write').mockImplementation(write);
  return () => written.map((line) => JSON.parse(line));
}

const event = (headers: Record<string, string> = {}) =>
  ({
    ...template,
    headers: { 'X-User-ID': '1', 'X-API-Key': KEY, ...headers },
  }) as unknown as APIGatewayProxyEvent;

const apiKeys = createMemoryApiKeys({ [createHash('sha256').update(KEY).digest('hex')]: '1' });

function handlerThat(handle: Parameters<typeof restHandler>[1], allowOrigins: readonly string[] = []) {
  return restHandler({ apiKeys, log: createLog({ service: 'rest' }), allowOrigins }, handle);
}

it.each([
  ['its caller', 'my-request_0001', 'my-request_0001'],
  ['the gateway, where its caller has none', undefined, GATEWAYS_OWN],
  ['the gateway, where that of its caller is too short', 'a', GATEWAYS_OWN],
  ['the gateway, where that of its caller is too long', 'a'.repeat(65), GATEWAYS_OWN],
  ['the gateway, where that of its caller could break a line', 'a\nb: injected-by-header', GATEWAYS_OWN],
  ['the gateway, where that of its caller could be a URL', 'https://example.com', GATEWAYS_OWN],
])('is known by the id of %s, to its handler, in its log and in its answer', async (_whose, sent, known) => {
  const lines = capture();
  const log = createLog({ service: 'inside' });
  const handler = handlerThat(async (_event, userId, correlationId) => {
    log.info('at work');
    return { status: 200, body: { userId, correlationId } };
  });
  const { headers, body } = await handler(event(sent === undefined ? {} : { 'X-Correlation-Id': sent }));
  expect(JSON.parse(body)).toEqual({ userId: '1', correlationId: known });
  expect(lines()).toMatchObject([{ message: 'at work', correlationId: known }]);
  expect(headers).toMatchObject({
    'x-correlation-id': known,
    'access-control-expose-headers': 'x-correlation-id, retry-after',
  });
});

it.each([
  ['too-many-uploads', '10'],
  ['unavailable', '2'],
  ['internal', '2'],
  ['too-many-channels', undefined],
  ['unknown-source', undefined],
] as const)('is told after %s when to ask again, where that is soon: %s', async (code, seconds) => {
  capture();
  const handler = handlerThat(() => Promise.reject(new RequestError(code, 'Not now.')));
  expect((await handler(event())).headers?.['retry-after']).toBe(seconds);
});

it('is answered with the id of the request that it goes on with, where there is one', async () => {
  capture();
  const handler = handlerThat(async () => ({ status: 200, body: {}, correlationId: 'the-first-request' }));
  expect((await handler(event())).headers).toMatchObject({ 'x-correlation-id': 'the-first-request' });
});

it.each([
  ['refused', new RequestError('unknown-source', 'There is none.'), 404],
  ['failed', new Error('broken'), 500],
])('that is %s has its id too, and its line', async (what, error, status) => {
  const lines = capture();
  const handler = handlerThat(async () => {
    throw error;
  });
  const answer = await handler(event());
  expect([answer.statusCode, answer.headers!['x-correlation-id']]).toEqual([status, GATEWAYS_OWN]);
  expect(lines()).toMatchObject([{ message: `request-${what}`, correlationId: GATEWAYS_OWN }]);
});

it.each([
  [[], 'https://page.example.com', { 'access-control-allow-origin': '*' }],
  [[], undefined, { 'access-control-allow-origin': '*' }],
  [
    ['https://a.example', 'https://page.example.com'],
    'https://page.example.com',
    { 'access-control-allow-origin': 'https://page.example.com', vary: 'origin' },
  ],
  [['https://page.example.com'], 'https://elsewhere.example.com', { vary: 'origin' }],
  [['https://page.example.com'], 'null', { vary: 'origin' }],
  [['https://page.example.com'], undefined, { vary: 'origin' }],
])('with the list %j may be read by a page of %j as its headers say: %j', async (list, origin, expected) => {
  capture();
  const handler = handlerThat(async () => ({ status: 200, body: {} }), list);
  const { headers } = await handler(event(origin === undefined ? {} : { Origin: origin }));
  const { vary, 'access-control-allow-origin': allowed } = headers as Record<string, string>;
  expect({ ...(vary && { vary }), ...(allowed && { 'access-control-allow-origin': allowed }) }).toEqual(expected);
});
