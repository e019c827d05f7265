import { afterEach, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { createManualClock, type ManualClock } from '../../../adapters/memory/clock.ts';
import { CATALOGUE } from '../../../local/faults/catalogue.ts';
import { FaultRegistry } from '../../../local/faults/registry.ts';
import { RunningEnvironments } from '../../../local/lambda/running-environments.ts';
import { call, rawSocket } from '../apigateway/support.ts';
import { eventually } from '../eventually.ts';
import { HTTP_SERVICES, type ServiceUnderTest, startBoth } from './services.ts';

const SERVICES = Object.keys(HTTP_SERVICES) as (keyof typeof HTTP_SERVICES)[];

const CALLER = '0123456789abcdef0123456789abcdef';

describe.each(SERVICES)('faults of %s', (service) => {
  let clock: ManualClock;
  let registry: FaultRegistry;
  let underTest: ServiceUnderTest;
  let effectsAtCrash: Promise<number> | undefined;

  beforeEach(async () => {
    clock = createManualClock();
    registry = new FaultRegistry({ clock, functions: new Map([['process', 'Api-process']]) });
    const environments = new RunningEnvironments();
    effectsAtCrash = undefined;
    environments.add({
      id: CALLER,
      pid: 1,
      functionName: 'Api-process',
      busy: true,
      crash() {
        effectsAtCrash = underTest.effects();
      },
    });
    underTest = await HTTP_SERVICES[service]({ registry, environments }, CALLER);
  });

  afterEach(async () => {
    registry.clear();
    await underTest[Symbol.asyncDispose]();
  });

  const set = (fault: Partial<Parameters<FaultRegistry['set']>[0]>) =>
    registry.set({ service, kind: 'error', operation: underTest.operation, ...fault });

  test('without a fault the call is carried out, and other operations than the chosen one too', async () => {
    await underTest.call();
    set({ operation: Object.values(CATALOGUE[service].operations!).find((name) => name !== underTest.operation)! });
    await underTest.call();
    expect(await underTest.effects()).toBe(2);
  });

  test.each(Object.entries(CATALOGUE[service].errors))(
    'error %s is one to the SDK, with nothing done',
    async (code, error) => {
      set({ code, times: 1 });
      const failure: Error = await underTest.call().then(
        () => new Error('carried out'),
        (thrown) => thrown,
      );
      expect(failure).toBeInstanceOf(underTest.errorClass);
      expect(failure).toMatchObject({ name: code, $metadata: { httpStatusCode: error.status } });
      expect(failure.message).toContain(error.message);
      expect(await underTest.effects()).toBe(0);
      await underTest.call();
      expect(await underTest.effects()).toBe(1);
    },
  );

  test('a delayed call is carried out when the time is over', async () => {
    set({ kind: 'delay', ms: 3000 });
    const answer = underTest.call();
    await eventually(() => expect(clock.sleepers).toBe(1));
    expect(await underTest.effects()).toBe(0);
    await clock.advance(3000);
    await answer;
    expect(await underTest.effects()).toBe(1);
  });

  test('a call hangs until the fault is cleared, with nothing done', async () => {
    const { id } = set({ kind: 'hang', times: 1 });
    const failed = expect(underTest.call()).rejects.toMatchObject({ code: 'ECONNRESET' });
    await eventually(() => expect(registry.list()).toMatchObject([{ id, hits: 1, held: 1 }]));
    registry.clear(id);
    await failed;
    expect(await underTest.effects()).toBe(0);
  });

  test('a call that hangs is forgotten when its caller gives up', async () => {
    set({ kind: 'hang', times: 1 });
    const patience = new AbortController();
    const failed = expect(underTest.call(patience.signal)).rejects.toMatchObject({ name: 'AbortError' });
    await eventually(() => expect(registry.list()).toMatchObject([{ held: 1 }]));
    patience.abort();
    await failed;
    await eventually(() => expect(registry.list()).toEqual([]));
    expect(await underTest.effects()).toBe(0);
  });

  test('drop breaks the connection with nothing done', async () => {
    set({ kind: 'drop' });
    await expect(underTest.call()).rejects.toMatchObject({ code: 'ECONNRESET' });
    expect(await underTest.effects()).toBe(0);
  });

  test('lose breaks the connection after the effect', async () => {
    set({ kind: 'lose' });
    await expect(underTest.call()).rejects.toMatchObject({ code: 'ECONNRESET' });
    expect(await underTest.effects()).toBe(1);
  });

  test.each([
    ['crash-before', 0],
    ['crash-after', 1],
  ] as const)('%s kills the caller', async (kind, effects) => {
    set({ kind, function: 'process' });
    await expect(underTest.call()).rejects.toMatchObject({ code: 'ECONNRESET' });
    expect(await effectsAtCrash).toBe(effects);
    expect(await underTest.effects()).toBe(effects);
  });
});

test('a page may read the error that S3 answers it with, and its preflight is no call', async () => {
  const registry = new FaultRegistry({ clock: createManualClock(), functions: new Map() });
  const service = await startBoth({ registry, environments: new RunningEnvironments() });
  onTestFinished(() => service[Symbol.asyncDispose]());
  registry.set({ service: 's3', kind: 'error', times: 1 });
  const headers = { origin: 'https://page.example.com' };
  const preflight = { headers: { ...headers, 'access-control-request-method': 'PUT' }, method: 'OPTIONS' };
  expect((await call(`${service.url}/files/k?partNumber=1&uploadId=u`, preflight)).status).toBe(200);
  const answer = await call(`${service.url}/files/k?partNumber=1&uploadId=u`, { method: 'PUT', headers, body: 'part' });
  expect(answer).toMatchObject({ status: 503, text: expect.stringContaining('<Code>SlowDown</Code>') });
  expect(answer.headers['access-control-allow-origin']).toBe('https://page.example.com');
});

test('a call that hangs is forgotten when its caller leaves in the middle of a large body', async () => {
  const registry = new FaultRegistry({ clock: createManualClock(), functions: new Map() });
  const service = await startBoth({ registry, environments: new RunningEnvironments() });
  onTestFinished(() => service[Symbol.asyncDispose]());
  registry.set({ service: 's3', kind: 'hang', times: 1 });
  const { socket } = await rawSocket(service.url);
  socket.write('PUT /files/k HTTP/1.1\r\nHost: h\r\nContent-Length: 10000000\r\n\r\n');
  socket.write(Buffer.alloc(4_000_000));
  await eventually(() => expect(registry.list()).toMatchObject([{ held: 1 }]));
  socket.end();
  await eventually(() => expect(registry.list()).toEqual([]));
});

test('crash kinds, and faults of one function, leave the calls of anybody else alone', async () => {
  const registry = new FaultRegistry({ clock: createManualClock(), functions: new Map([['process', 'Api-process']]) });
  const faults = { registry, environments: new RunningEnvironments() };
  const underTest = await HTTP_SERVICES.sqs(faults, CALLER);
  onTestFinished(() => underTest[Symbol.asyncDispose]());
  registry.set({ service: 'sqs', kind: 'crash-before' });
  registry.set({ service: 'sqs', kind: 'error', function: 'process' });
  await underTest.call();
  expect(await underTest.effects()).toBe(1);
  expect(registry.list()).toMatchObject([{ hits: 0 }, { hits: 0 }]);
});
