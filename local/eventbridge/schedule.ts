import { randomUUID } from 'node:crypto';
import type { Clock } from '../clock.ts';
import type { LambdaService } from '../lambda/lambda-service.ts';
import type { LocalLog } from '../log.ts';

export interface ScheduleOptions {
  readonly rateMs: number;
  /** The target's Input. Undefined: the scheduled event that EventBridge makes. */
  readonly input?: unknown;
  readonly functionName: string;
  /** Named in the scheduled event, and gives its region and account. */
  readonly ruleArn?: string;
  readonly lambda: Pick<LambdaService, 'invokeAsync'>;
  readonly clock: Clock;
  readonly log: LocalLog;
}

const UNIT_MS: Record<string, number> = {
  minute: 60_000,
  hour: 60 * 60_000,
  day: 24 * 60 * 60_000,
};

/** @returns milliseconds. Throws for what EventBridge refuses (`rate(1 minutes)`), and for `cron(…)`, which is not done here. */
export function parseRate(expression: string): number {
  const [, digits = '', unit = '', plural = ''] = /^rate\(([1-9]\d*) (minute|hour|day)(s?)\)$/.exec(expression) ?? [];
  const value = Number(digits);
  if (expression.startsWith('cron(')) {
    throw new Error(`Schedule expression ${expression}: only rate(…) runs locally, cron(…) does not.`);
  }
  if (value === 0 || (plural === 's') !== value > 1) {
    throw new Error(`Schedule expression ${expression} is not valid: expected rate(1 minute), rate(5 minutes), …`);
  }
  return value * UNIT_MS[unit]!;
}

/** An `AWS::Events::Rule` with a rate: invokes the function asynchronously, the first time one interval from now. */
export function startSchedule(options: ScheduleOptions): AsyncDisposable {
  const stopped = new AbortController();
  const running = run(options, stopped.signal);
  return {
    async [Symbol.asyncDispose]() {
      stopped.abort();
      await running;
    },
  };
}

async function run(options: ScheduleOptions, stopped: AbortSignal): Promise<void> {
  const { rateMs, input, functionName, lambda, clock, log } = options;
  const startedAt = clock.now();
  for (let tick = 1; !stopped.aborted; tick += 1) {
    const elapsed = clock.now() - startedAt;
    // The next multiple of the rate: no drift, and after the machine has slept no burst of what was missed. A timer
    // may be a millisecond early, which must not make one tick two: hence the count.
    tick = Math.max(tick, Math.floor(elapsed / rateMs) + 1);
    await clock.sleep(tick * rateMs - elapsed, stopped);
    if (stopped.aborted) return;
    try {
      lambda.invokeAsync(functionName, input ?? scheduledEvent(clock.now(), options.ruleArn));
    } catch (error) {
      log.error(functionName, `Its schedule could not invoke it: ${(error as Error).message}`);
    }
  }
}

/** https://docs.aws.amazon.com/eventbridge/latest/ref/events-ref-scheduled-events.html */
function scheduledEvent(now: number, ruleArn = 'arn:aws:events:us-east-1:000000000000:rule/local') {
  const [, , , region, account] = ruleArn.split(':');
  return {
    version: '0',
    id: randomUUID(),
    'detail-type': 'Scheduled Event',
    source: 'aws.events',
    account,
    time: new Date(now).toISOString().replace(/\.\d+Z$/, 'Z'),
    region,
    resources: [ruleArn],
    detail: {},
  };
}
