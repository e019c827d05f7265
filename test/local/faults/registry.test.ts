import { expect, test } from 'vitest';
import { createManualClock } from '../../../adapters/memory/clock.ts';
import type { Fault } from '../../../local/faults/fault.ts';
import { FaultRegistry } from '../../../local/faults/registry.ts';

const FUNCTIONS = new Map([
  ['process', 'Api-process'],
  ['connect', 'Api-connect'],
]);
const call = { service: 'dynamodb', operation: 'UpdateItem' } as const;
const caller = { id: 'e', pid: 1, functionName: 'Api-process', busy: true, crash() {} };

function create(random?: () => number) {
  const clock = createManualClock();
  return { clock, registry: new FaultRegistry({ clock, functions: FUNCTIONS, ...(random && { random }) }) };
}

test('a fault hits its service, its operation and its function only', () => {
  const { registry } = create();
  expect(registry.any).toBe(false);
  registry.set({ service: 'dynamodb', kind: 'error', operation: 'UpdateItem', function: 'process' });
  expect(registry.any).toBe(true);
  expect(registry.match({ ...call, caller })?.fault).toMatchObject({ kind: 'error', code: 'InternalServerError' });
  expect(registry.match(call)).toBeUndefined();
  expect(registry.match({ ...call, caller: { ...caller, functionName: 'Api-connect' } })).toBeUndefined();
  expect(registry.match({ ...call, operation: 'GetItem', caller })).toBeUndefined();
  expect(registry.match({ ...call, service: 's3', caller })).toBeUndefined();
});

test('the first fault that matches is the one that hits', () => {
  const { registry } = create();
  registry.set({ service: 'dynamodb', kind: 'drop', operation: 'GetItem' });
  registry.set({ service: 'dynamodb', kind: 'lose' });
  registry.set({ service: 'dynamodb', kind: 'drop' });
  expect(registry.match(call)?.fault.kind).toBe('lose');
});

test('a fault clears itself after its calls, and after its time', async () => {
  const { registry, clock } = create();
  registry.set({ service: 'dynamodb', kind: 'drop', times: 2, seconds: 5 });
  registry.set({ service: 'dynamodb', kind: 'lose', seconds: 10 });
  expect([1, 2, 3].map(() => registry.match(call)?.fault.kind)).toEqual(['drop', 'drop', 'lose']);
  await clock.advance(9_999);
  expect(registry.match(call)).toBeDefined();
  await clock.advance(1);
  expect(registry.any).toBe(false);
  expect(clock.sleepers).toBe(0);
});

test('a rate hits a share of the calls, and lets the others through to the next fault', () => {
  const throws = [0.1, 0.2, 0.19, 0.9];
  const { registry } = create(() => throws.shift()!);
  registry.set({ service: 'dynamodb', kind: 'drop', rate: 0.2 });
  registry.set({ service: 'dynamodb', kind: 'lose' });
  expect([1, 2, 3, 4].map(() => registry.match(call)!.fault.kind)).toEqual(['drop', 'lose', 'drop', 'lose']);
});

test('a fault whose calls are used up stays while one of them hangs', async () => {
  const { registry } = create();
  const { id } = registry.set({ service: 'dynamodb', kind: 'hang', times: 1 });
  const held = registry.match(call)!.hold(new AbortController().signal);
  expect(registry.match(call)).toBeUndefined();
  expect(registry.list()).toMatchObject([{ id, hits: 1, held: 1 }]);
  expect(registry.clear(id)).toBe(1);
  await held;
  expect(registry.list()).toEqual([]);
});

test.each([
  [{ service: 'dynamo' }, 'There is no service "dynamo": it is one of dynamodb, s3, sqs, lambda, connections, redis.'],
  [
    { kind: undefined },
    /^The kind is missing: it is one of error, delay, hang, drop, lose, crash-before, crash-after\.$/,
  ],
  [{ operation: 'Update' }, /^There is no operation of dynamodb "Update": it is one of .*UpdateItem\.$/],
  [{ service: 'redis', operation: 'X ADD' }, /^An operation of redis is the name of a command/],
  [{ function: 'proces' }, 'There is no function "proces": it is one of process, connect.'],
  [{ code: '404' }, /^There is no code "404" of dynamodb: it is one of InternalServerError \(500\), /],
  [{ kind: 'drop', code: '500' }, 'Only an error has a code, and this is drop.'],
  [{ kind: 'delay' }, 'A delay needs its time in milliseconds: --ms 500 ."ms": 500 in a request.'],
  [{ ms: 5 }, 'Only a delay has ms, and this is error.'],
  [{ rate: 2 }, '"rate" has to be a number above 0 and at most 1, not 2.'],
  [{ times: 1.5 }, '"times" has to be a whole number above 0, not 1.5.'],
  [{ seconds: 'soon' }, /^"seconds" has to be a number above 0/],
  [{ oops: 1 }, /^A fault has no "oops"; it has service, kind, /],
])('%o is refused with what is right', (wrong, sentence) => {
  const { registry } = create();
  const fault = { service: 'dynamodb', kind: 'error', ...wrong } as unknown as Fault;
  expect(() => registry.set(fault)).toThrow(
    expect.objectContaining({ name: 'FaultError', message: expect.stringMatching(sentence) }),
  );
  expect(registry.any).toBe(false);
});

test('names are taken in any case, and an error by its status too', () => {
  const { registry } = create();
  const fault = { service: 'DynamoDB', kind: 'Error', operation: 'updateitem', code: '400' } as unknown as Fault;
  expect(registry.set(fault).fault).toEqual({
    service: 'dynamodb',
    kind: 'error',
    operation: 'UpdateItem',
    code: 'ProvisionedThroughputExceededException',
  });
});

test('a service can refuse what it cannot do, and is told before the first call', () => {
  const { registry } = create();
  const told: boolean[] = [];
  registry.join('redis', {
    refusal: ({ kind }) => (kind === 'drop' ? 'Not here.' : undefined),
    onSet: () => void told.push(registry.any),
  });
  expect(() => registry.set({ service: 'redis', kind: 'drop' })).toThrow('Not here.');
  registry.set({ service: 'redis', kind: 'lose' });
  expect(told).toEqual([true]);
});
