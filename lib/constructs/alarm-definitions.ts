import { type AlarmProps, MathExpression } from 'aws-cdk-lib/aws-cloudwatch';
import type { FunctionName } from '../bundle.ts';
import { PERIOD, type ServiceMetrics, sum } from './service-metrics.ts';

export interface AlarmDefinition extends Pick<AlarmProps, 'metric' | 'threshold'> {
  /** In a sentence, without what to do: that is in the runbook. */
  readonly says: string;
  /** Of the last `of` periods of five minutes, so many have to be bad. Default: one of one. */
  readonly bad?: number;
  readonly of?: number;
  /** Which side of the threshold is bad. Default: above. */
  readonly when?: 'above' | 'below';
  /** What it means that there is no value. Default: all is well. */
  readonly missing?: 'bad';
}

type Definitions = Readonly<Record<string, AlarmDefinition>>;

/** By the heading of each in the runbook. AWS takes $0.10 a month for every metric in them, after the first ten of an account. */
export function alarmDefinitions(metrics: ServiceMetrics): Definitions {
  return { ...losses(metrics), ...standstills(metrics), ...shortages(metrics) };
}

/** Somebody's upload has not ended as it should have, or nobody would notice if it did not. */
function losses(metrics: ServiceMetrics): Definitions {
  return {
    // Not the length of the queue: the function takes them out of it at once. Nor its calls: one a day only keeps it active.
    'dead-letters': {
      says: 'A message of an accepted source was received ten times and was never done with.',
      metric: metrics.ofDeadLetters('NumberOfMessagesReceived', 'Sum'),
      threshold: 0,
    },
    'sources-given-up': {
      says: 'A source ended as processing-failed: the service could not process it, and its client is not to blame.',
      metric: metrics.own('SourcesGivenUp'),
      threshold: 0,
    },
    'sweeper-not-running': {
      says: 'The sweeper has to run every minute. In ten minutes it came through less than six times.',
      metric: new MathExpression({
        expression: 'FILL(runs, 0) - FILL(failed, 0)',
        usingMetrics: {
          runs: metrics.ofFunction('sweeper', 'Invocations'),
          failed: metrics.ofFunction('sweeper', 'Errors'),
        },
        period: PERIOD,
      }),
      threshold: 3,
      when: 'below',
      bad: 2,
      of: 2,
      missing: 'bad',
    },
    'sweep-failing': {
      says: 'Parts of the sweep fail, run after run.',
      metric: metrics.own('SweepPartsFailed'),
      threshold: 3,
      bad: 2,
      of: 2,
    },
  };
}

/**
 * The functions whose crash stops sources or messages. Those of the REST calls answer 5xx, and whatever `dead-letter`
 * is given is a dead letter: both are alarms of their own.
 */
const WORKERS: readonly FunctionName[] = ['process', 'subscriber', 'connect'];

/** Sources or messages do not move, or callers are turned away. */
function standstills(metrics: ServiceMetrics): Definitions {
  const errors = WORKERS.map((name) => [name.replaceAll('-', '_'), metrics.ofFunction(name, 'Errors')]);
  return {
    // The first attempt may take 5 min, and what fails for a moment comes again after some minutes.
    'queue-age': {
      says: 'An accepted source has been waiting in the queue for more than 15 minutes.',
      metric: metrics.ofQueue('ApproximateAgeOfOldestMessage', 'Maximum'),
      threshold: 15 * 60,
      bad: 2,
      of: 2,
    },
    'delivery-lag': {
      says: 'Of the messages to sockets, one in a hundred takes more than 10 seconds.',
      metric: metrics.own('DeliveryLag', 'p99'),
      threshold: 10_000,
      bad: 2,
      of: 3,
    },
    // A rate, so that it means the same by day and by night; twice, so that one bad answer in a quiet night is none.
    'api-errors': {
      says: 'More than 5% of the HTTP calls are answered with a 5xx.',
      metric: metrics.ofRestApi('5XXError', 'Average'),
      threshold: 0.05,
      bad: 2,
      of: 3,
    },
    'function-errors': {
      says: 'Functions crash or run out of time or memory: process, subscriber or connect.',
      metric: sum('Errors of the workers', Object.fromEntries(errors)),
      threshold: 2,
    },
  };
}

function cacheShortages(metrics: ServiceMetrics): Definitions {
  return {
    'redis-throttled': {
      says: 'Redis turns commands away.',
      metric: metrics.ofCache('ThrottledCmds', 'Sum'),
      threshold: 0,
      bad: 2,
      of: 3,
    },
    'redis-limits': {
      says: 'Redis has come to 80% of the memory or of the rate that it is allowed.',
      metric: metrics.cacheLimitPercent(),
      threshold: 80,
      bad: 2,
      of: 2,
    },
  };
}

/** What the service stands on turns it away. */
function shortages(metrics: ServiceMetrics): Definitions {
  return {
    'lambda-throttled': {
      says: 'Lambda refuses to run functions: the concurrency of the account is used up.',
      metric: metrics.ofAllFunctions('Throttles'),
      threshold: 0,
      bad: 2,
      of: 3,
    },
    ...(metrics.hasCache ? cacheShortages(metrics) : {}),
    'dynamodb-throttled': {
      says: 'DynamoDB turns reads or writes of sources, or reads of connections, away.',
      metric: sum('Throttled', metrics.throttles()),
      threshold: 0,
      bad: 2,
      of: 3,
    },
  };
}
