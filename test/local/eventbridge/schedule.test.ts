import { expect, onTestFinished, test, vi } from 'vitest';
import { createManualClock } from '../../../adapters/memory/clock.ts';
import { parseRate, type ScheduleOptions, startSchedule } from '../../../local/eventbridge/schedule.ts';
import { memoryLog } from '../../../local/log.ts';

const RULE_ARN = 'arn:aws:events:eu-central-1:123456789012:rule/every-minute';

function schedule(options: Partial<ScheduleOptions> = {}) {
  const clock = createManualClock(Date.UTC(2025, 0, 1, 12));
  const log = memoryLog();
  const invokeAsync = vi.fn();
  const lambda = { invokeAsync };
  const started = startSchedule({
    rateMs: 60_000,
    functionName: 'sweeper',
    ruleArn: RULE_ARN,
    lambda,
    clock,
    log,
    ...options,
  });
  onTestFinished(() => started[Symbol.asyncDispose]());
  return { clock, log, invokeAsync, started };
}

test('the function is invoked once per interval, the first time after one', async () => {
  const { clock, invokeAsync } = schedule();
  await clock.advance(59_999);
  expect(invokeAsync).not.toHaveBeenCalled();
  await clock.advance(1);
  expect(invokeAsync).toHaveBeenCalledTimes(1);
  await clock.advance(10 * 60_000);
  expect(invokeAsync).toHaveBeenCalledTimes(11);
});

test('the event is the scheduled event of EventBridge', async () => {
  const { clock, invokeAsync } = schedule();
  await clock.advance(60_000);
  expect(invokeAsync).toHaveBeenCalledExactlyOnceWith('sweeper', {
    version: '0',
    id: expect.stringMatching(/^[0-9a-f-]{36}$/),
    'detail-type': 'Scheduled Event',
    source: 'aws.events',
    account: '123456789012',
    time: '2025-01-01T12:01:00Z',
    region: 'eu-central-1',
    resources: [RULE_ARN],
    detail: {},
  });
});

test('where the target has an input, that is the event', async () => {
  const { clock, invokeAsync } = schedule({ input: { shard: 1 } });
  await clock.advance(60_000);
  expect(invokeAsync).toHaveBeenCalledExactlyOnceWith('sweeper', { shard: 1 });
});

test('a timer that is a millisecond early does not make one tick two', async () => {
  const clock = createManualClock();
  const sleeps: number[] = [];
  const early = {
    now: clock.now,
    sleep: (ms: number, signal?: AbortSignal) => {
      sleeps.push(ms);
      return clock.sleep(ms - 1, signal);
    },
  };
  const { invokeAsync } = schedule({ clock: early });
  await clock.advance(3 * 60_000);
  expect(invokeAsync).toHaveBeenCalledTimes(3);
  expect(sleeps).toEqual([60_000, 60_001, 60_001, 60_001]);
});

test('what was missed while the machine slept is not caught up with', async () => {
  const clock = createManualClock();
  let asleepMs = 0;
  const { invokeAsync } = schedule({ clock: { now: () => clock.now() + asleepMs, sleep: clock.sleep } });
  await clock.advance(30_000);
  asleepMs = 10 * 60_000;
  await clock.advance(30_000);
  expect(invokeAsync).toHaveBeenCalledTimes(1);
  await clock.advance(60_000);
  expect(invokeAsync).toHaveBeenCalledTimes(2);
});

test('a function that is not there is told, and the schedule goes on', async () => {
  const invokeAsync = vi.fn(() => {
    throw new Error('Function not found');
  });
  const { clock, log } = schedule({ lambda: { invokeAsync } });
  await clock.advance(2 * 60_000);
  expect(invokeAsync).toHaveBeenCalledTimes(2);
  expect(log.entries[0]).toMatchObject({ level: 'error', source: 'sweeper' });
});

test('after it was stopped nothing is invoked any more, and nobody sleeps', async () => {
  const { clock, invokeAsync, started } = schedule();
  await started[Symbol.asyncDispose]();
  expect(clock.sleepers).toBe(0);
  await clock.advance(60_000);
  expect(invokeAsync).not.toHaveBeenCalled();
});

test.each([
  ['rate(1 minute)', 60_000],
  ['rate(5 minutes)', 300_000],
  ['rate(1 hour)', 3_600_000],
  ['rate(2 days)', 172_800_000],
])('%s is %d ms', (expression, ms) => {
  expect(parseRate(expression)).toBe(ms);
});

test.each([
  'rate(1 minutes)',
  'rate(5 minute)',
  'rate(0 minutes)',
  'rate(1 second)',
  'rate(1.5 hours)',
  '1 minute',
  '',
])('%s is refused, as EventBridge does', (expression) => {
  expect(() => parseRate(expression)).toThrow('is not valid');
});

test('cron is refused with the reason', () => {
  expect(() => parseRate('cron(0 12 * * ? *)')).toThrow('only rate(…) runs locally');
});
