import { afterEach, beforeEach, expect, test } from 'vitest';
import { createManualClock } from '../../../adapters/memory/clock.ts';
import type { FaultCommand } from '../../../local/faults/command.ts';
import { startFaultControl } from '../../../local/faults/control-api.ts';
import { createFaults, type Faults } from '../../../local/faults/faults.ts';
import { FaultRegistry } from '../../../local/faults/registry.ts';
import { RunningEnvironments } from '../../../local/lambda/running-environments.ts';
import type { RunningRedis } from '../../../local/redis/start-redis.ts';
import { call } from '../apigateway/support.ts';

let control: Awaited<ReturnType<typeof startFaultControl>>;
let faults: Faults;
let killed: string[];
const done: string[] = [];

const redis: RunningRedis = {
  url: 'redis://127.0.0.1:1',
  kind: 'embedded',
  description: 'embedded',
  async setUsers() {},
  checkLogins() {},
  lose: async () => void done.push('lose'),
  join() {},
  async [Symbol.asyncDispose]() {},
};

beforeEach(async () => {
  killed = [];
  done.length = 0;
  const functions = new Map([['process', 'Api-process']]);
  const environments = new RunningEnvironments();
  for (const [id, busy] of Object.entries({ a: false, b: true, c: true })) {
    environments.add({ id, pid: 1, functionName: 'Api-process', busy, crash: () => void killed.push(id) });
  }
  faults = createFaults({
    registry: new FaultRegistry({ clock: createManualClock(), functions }),
    environments,
    functions,
    redis,
    dropSockets: ({ disconnect }) => (disconnect ? 2 : 1),
  });
  control = await startFaultControl(faults);
});

afterEach(() => control[Symbol.asyncDispose]());

const JSON_TYPE = { 'content-type': 'application/json' };

async function send(command: FaultCommand | object) {
  const { status, text } = await call(control.url, {
    method: 'POST',
    headers: { ...JSON_TYPE, 'content-length': String(Buffer.byteLength(JSON.stringify(command))) },
    body: JSON.stringify(command),
  });
  return { status, ...(JSON.parse(text) as { message?: string; error?: string }) };
}

test('a fault is set, listed and cleared', async () => {
  expect(await send({ command: 'list' })).toEqual({ status: 200, message: 'No fault is set.' });
  expect(await send({ command: 'set', fault: { service: 's3', kind: 'delay', ms: 500, times: 2 } })).toEqual({
    status: 200,
    message: 'Set: #1 s3 delay 500 ms, times 2: 0 calls hit',
  });
  await send({ command: 'set', fault: { service: 'sqs', kind: 'error' } });
  expect((await send({ command: 'list' })).message).toBe(
    '#1 s3 delay 500 ms, times 2: 0 calls hit\n#2 sqs error ServiceUnavailable: 0 calls hit',
  );
  expect(await send({ command: 'clear', id: 9 })).toEqual({
    status: 400,
    error: 'There is no fault 9. See: npm run fault -- list',
  });
  expect((await send({ command: 'clear', id: 1 })).message).toBe('Fault 1 cleared.');
  expect((await send({ command: 'clear' })).message).toBe('1 fault cleared.');
  expect(faults.list()).toEqual([]);
});

test('actions say what they did', async () => {
  expect((await send({ command: 'kill', function: 'process' })).message).toBe('1 environment of process killed.');
  expect(killed).toEqual(['b']);
  expect((await send({ command: 'kill', function: 'process', all: true })).message).toContain('3 environments');
  expect((await send({ command: 'sockets' })).message).toBe('2 WebSockets cut.');
  expect((await send({ command: 'sockets', disconnect: false })).message).toBe('1 WebSocket cut.');
  expect((await send({ command: 'redis', action: 'lose' })).message).toBe('Redis has lost all its data.');
  expect(done).toEqual(['lose']);
});

test.each<[object, RegExp]>([
  [{ command: 'set', fault: { service: 's3', kind: 'eror' } }, /^There is no kind "eror": /],
  [{ command: 'set' }, /^A fault has a service and a kind\.$/],
  [{ command: 'kill', function: 'proces' }, /^There is no function "proces": it is one of process\.$/],
  [{ command: 'redis', action: 'kill' }, /^The embedded Redis is a part of this process/],
  [{ command: 'redis', action: 'constructor' }, /^There is no such command\.$/],
  [{ command: 'explode' }, /^There is no such command\.$/],
  [{}, /^There is no such command\.$/],
])('%o is refused with a sentence', async (command, sentence) => {
  expect(await send(command)).toEqual({ status: 400, error: expect.stringMatching(sentence) });
});

test('no web page reaches it', async () => {
  const body = JSON.stringify({ command: 'set', fault: { service: 's3', kind: 'drop' } });
  const port = new URL(control.url).port;
  const attempts: [string, Record<string, string>, number][] = [
    ['POST', { ...JSON_TYPE, origin: 'https://example.com' }, 403],
    ['POST', { ...JSON_TYPE, origin: `http://localhost:${port}` }, 403],
    ['POST', { ...JSON_TYPE, 'sec-fetch-site': 'same-origin' }, 403],
    ['POST', { ...JSON_TYPE, host: `rebound.example.com:${port}` }, 403],
    ['POST', { 'content-type': 'text/plain' }, 415],
    ['POST', {}, 415],
    ['OPTIONS', { origin: 'https://example.com', 'access-control-request-method': 'POST' }, 403],
    ['GET', {}, 405],
  ];
  for (const [method, headers, expected] of attempts) {
    const answer = await call(control.url, { method, headers, ...(method === 'POST' && { body }) });
    expect.soft(answer.status, `${method} ${JSON.stringify(headers)}`).toBe(expected);
    expect.soft(answer.headers['access-control-allow-origin']).toBeUndefined();
  }
  expect(faults.list()).toEqual([]);
});
