import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { DEVELOPMENT_KEY } from '../../../local/development-key.ts';
import { type LogEntry, memoryLog } from '../../../local/log.ts';
import { type LocalStack, startLocalStack } from '../../../local/stack.ts';
import { type Client, createClient, HandshakeRefused, kindsOf, listen } from '../../e2e/client.ts';
import { eventually } from '../eventually.ts';

/** The whole service with faults, by the object that its starter gets and by the command. */

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

const log = memoryLog();
let stateDir: string;
let stack: LocalStack;
let client: Client;

beforeAll(async () => {
  stateDir = await mkdtemp(join(tmpdir(), 'faults-'));
  stack = await startLocalStack({ port: 0, stateDir, redis: 'embedded', log });
  client = createClient(stack.url, '1', DEVELOPMENT_KEY);
});

afterEach(() => void stack.faults.clear());

afterAll(async () => {
  await stack?.[Symbol.asyncDispose]();
  await rm(stateDir, { recursive: true, force: true });
});

async function openSocket() {
  const { body } = await client.register(randomUUID());
  return await listen(String(body['ws-address']));
}

/** As a person types it. */
function fault(...args: string[]): Promise<{ code: number; output: string }> {
  const env = { ...process.env, LOCAL_STATE_DIR: stateDir };
  return new Promise((resolve) => {
    const child = execFile(process.execPath, ['local/fault.ts', ...args], { cwd: ROOT, env }, (_, out, errors) => {
      resolve({ code: child.exitCode ?? -1, output: (out + errors).trim() });
    });
  });
}

test('the calls of a function are told from those of others, and its environment can be killed by them', async () => {
  stack.faults.set({ service: 'dynamodb', kind: 'crash-before', function: 'connect' });
  stack.faults.set({ service: 'dynamodb', kind: 'crash-after', function: 'ws-address', times: 1 });
  const wsUuid = randomUUID();
  expect((await client.register(wsUuid)).status).toBe(502);
  expect((await client.register(wsUuid)).status).toBe(200);
  expect(log.entries).toContainEqual(
    expect.objectContaining({ source: expect.stringContaining('ws-address'), text: expect.stringContaining('killed') }),
  );
  expect(stack.faults.list()).toMatchObject([{ fault: { function: 'connect' }, hits: 0 }]);
});

test.runIf(process.platform === 'linux')('so are their calls of Redis', async () => {
  stack.faults.set({ service: 'redis', kind: 'crash-before', function: 'connect', times: 1 });
  await expect(openSocket()).rejects.toEqual(new HandshakeRefused(502));
  expect(stack.faults.list()).toEqual([]);
});

test('every socket is cut without a close frame, and $disconnect is invoked', async () => {
  const socket = await openSocket();
  expect(stack.faults.dropSockets()).toBe(1);
  expect(await socket.closed).toBe(1006);
  const isEnd = ({ source, text }: LogEntry) => source.endsWith('-disconnect') && text.startsWith('END');
  await eventually(() => expect(log.entries.filter(isEnd)).toHaveLength(1));
});

test('an upload goes on where the answers to its calls are lost once each', async () => {
  for (const service of ['dynamodb', 's3', 'sqs', 'connections', 'redis'] as const) {
    stack.faults.set({ service, kind: 'lose', times: 1 });
  }
  const { answer, messages } = await client.whole({ file: new Blob(['Two words.']) }, 'test.txt');
  expect(answer.status).toBe(200);
  expect(kindsOf(messages).at(-1)).toBe('success');
  expect(stack.faults.list()).toEqual([]);
});

test('the environment in which an invocation runs is killed, and without one none', async () => {
  expect(stack.faults.kill('ws-address')).toBe(0);
  stack.faults.set({ service: 'dynamodb', kind: 'hang', function: 'ws-address' });
  const answer = client.register(randomUUID());
  await eventually(() => expect(stack.faults.list()).toMatchObject([{ held: 1 }]));
  expect(stack.faults.kill('ws-address')).toBe(1);
  expect((await answer).status).toBe(502);
});

test('npm run fault sets, lists, clears and acts', async () => {
  expect(await fault('dynamodb', 'error', '--operation', 'updateitem', '--rate', '0.2')).toEqual({
    code: 0,
    output: expect.stringMatching(/^Set: #\d+ dynamodb error InternalServerError, operation UpdateItem, rate 0.2: 0/),
  });
  expect(stack.faults.list()).toHaveLength(1);
  expect(await fault('clear')).toEqual({ code: 0, output: '1 fault cleared.' });
  expect(await fault('redis', 'lose')).toEqual({ code: 0, output: 'Redis has lost all its data.' });
  expect(await fault('redis', 'kill')).toEqual({ code: 2, output: expect.stringMatching(/^The embedded Redis is/) });
  expect(await fault('kill', 'proces')).toEqual({
    code: 2,
    output: expect.stringMatching(/^There is no function "proces": it is one of .*process/),
  });
  expect(await fault()).toEqual({ code: 0, output: expect.stringContaining('Examples') });
});

test('it stops with a call that hangs, and then the command says that nothing runs', async () => {
  stack.faults.set({ service: 's3', kind: 'hang' });
  stack.faults.set({ service: 'sqs', kind: 'error', seconds: 3600 });
  const answer = fetch(`${stack.endpoints.s3}/files/key`).catch((error) => error);
  await eventually(() => expect(stack.faults.list()).toMatchObject([{ held: 1 }, {}]));
  await stack[Symbol.asyncDispose]();
  // Its timer would keep the process.
  expect(stack.faults.list()).toEqual([]);
  expect(await answer).toBeInstanceOf(TypeError);
  expect(await fault('list')).toEqual({
    code: 2,
    output: 'The service is not running here. Start it first: npm start',
  });
});
