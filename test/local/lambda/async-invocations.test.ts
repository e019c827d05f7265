import { expect, test } from 'vitest';
import { createManualClock } from '../../../adapters/memory/clock.ts';
import { eventually } from '../eventually.ts';
import { type TestService, testService } from './support.ts';

/** Prints each attempt, and fails as often as the event says. */
const FLAKY = `
  let attempts = 0;
  export const handler = async ({ failures }, context) => {
    attempts += 1;
    console.log('attempt', attempts, context.awsRequestId);
    if (attempts <= failures) throw new Error('not yet');
  };`;

function attempts(service: TestService): string[] {
  return service.log.entries.map(({ text }) => text).filter((text) => text.startsWith('attempt '));
}

function errors(service: TestService): string[] {
  return service.log.entries.filter(({ level }) => level === 'error').map(({ text }) => text);
}

test('an asynchronous invocation that fails is tried again after one minute and after two more, under the same id', async () => {
  const clock = createManualClock();
  const service = await testService({ clock });
  await service.add(FLAKY);
  service.invokeAsync('f', { failures: 2 });

  // One retires the idle environment, the other is the retry.
  await eventually(() => expect(clock.sleepers).toBe(2));
  await clock.advance(59_999);
  expect(attempts(service)).toHaveLength(1);
  await clock.advance(1);
  await eventually(() => expect(attempts(service)).toHaveLength(2));

  await eventually(() => expect(clock.sleepers).toBe(2));
  await clock.advance(119_999);
  expect(attempts(service)).toHaveLength(2);
  await clock.advance(1);
  await eventually(() => expect(attempts(service)).toHaveLength(3));

  await eventually(() => expect(clock.sleepers).toBe(1));
  expect(new Set(attempts(service).map((line) => line.split(' ')[2])).size).toBe(1);
  expect(errors(service).filter((text) => text.includes('discarded'))).toEqual([]);
});

test('after its last retry an event is discarded, and the log says so', async () => {
  const clock = createManualClock();
  const service = await testService({ clock });
  await service.add(FLAKY, { maximumRetryAttempts: 1 });
  service.invokeAsync('f', { failures: 9 });
  await eventually(() => expect(clock.sleepers).toBe(2));
  await clock.advance(60_000);
  await eventually(() =>
    expect(errors(service).some((text) => text.includes('discarded: it failed 2 times'))).toBe(true),
  );
  expect(clock.sleepers).toBe(1);
});

test('without retries there is one attempt', async () => {
  const service = await testService({ clock: createManualClock() });
  await service.add(FLAKY, { maximumRetryAttempts: 0 });
  service.invokeAsync('f', { failures: 9 });
  await eventually(() => expect(errors(service).some((text) => text.includes('it failed 1 times'))).toBe(true));
});

test('an event whose retry would come after its maximum age is discarded', async () => {
  const service = await testService({ clock: createManualClock() });
  await service.add(FLAKY, { maximumEventAgeMs: 60_000 });
  service.invokeAsync('f', { failures: 9 });
  await eventually(() => expect(errors(service).some((text) => text.includes('maximum age'))).toBe(true));
  expect(attempts(service)).toHaveLength(1);
});

test('an event that grew too old in the line is not begun', async () => {
  const clock = createManualClock();
  const service = await testService({ clock, maxEnvironmentsPerFunction: 1 });
  await service.add(
    `export const handler = ({ n }) => {
       console.log('attempt', n);
       return n === 1 ? new Promise((resolve) => process.once('SIGUSR2', resolve).ref && setInterval(() => {}, 1000)) : null;
     };`,
    { maximumEventAgeMs: 60_000, timeoutMs: 900_000 },
  );
  service.invokeAsync('f', { n: 1 });
  service.invokeAsync('f', { n: 2 });
  await eventually(() => expect(attempts(service)).toEqual(['attempt 1']));
  await clock.advance(60_000);
  process.kill(service.environmentIds()[0]!, 'SIGUSR2');
  await eventually(() => expect(errors(service).some((text) => text.includes('waited longer'))).toBe(true));
  expect(attempts(service)).toEqual(['attempt 1']);
});

test('stopping ends the wait for a retry', async () => {
  const clock = createManualClock();
  const service = await testService({ clock });
  await service.add(FLAKY);
  service.invokeAsync('f', { failures: 9 });
  await eventually(() => expect(clock.sleepers).toBe(2));
  await service[Symbol.asyncDispose]();
  expect(clock.sleepers).toBe(0);
  expect(attempts(service)).toHaveLength(1);
});
