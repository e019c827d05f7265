import { Metrics as Emf, MetricUnit } from '@aws-lambda-powertools/metrics';
import type { Clock, CountName, DurationName, Metrics } from '../app/ports.ts';

/** Under these two all of the service's own metrics are found. One dimension, of one value: each further one is a metric to pay for. */
export const NAMESPACE = 'SourceUpload';
export const SERVICE = 'source-upload';

type Unit = (typeof MetricUnit)[keyof typeof MetricUnit];

/** Every metric that there is. */
export const METRIC_UNITS: Readonly<Record<CountName | DurationName, Unit>> = {
  SourcesAccepted: MetricUnit.Count,
  SourcesSucceeded: MetricUnit.Count,
  SourcesFailed: MetricUnit.Count,
  SourcesCancelled: MetricUnit.Count,
  SourcesGivenUp: MetricUnit.Count,
  FramesReplayed: MetricUnit.Count,
  SocketsGone: MetricUnit.Count,
  LeasesLost: MetricUnit.Count,
  SweepPartsFailed: MetricUnit.Count,
  TimeToFirstStatus: MetricUnit.Milliseconds,
  TimeToEnd: MetricUnit.Milliseconds,
  DeliveryLag: MetricUnit.Milliseconds,
};

/** A subscriber runs for up to 15 min: what it measured is not to be shown as late as that. */
const FLUSH_AFTER_MS = 10_000;

export interface FlushedMetrics extends Metrics {
  /** Writes what was recorded. MUST be called before a function returns: what is not written by then may never be. */
  flush(): void;
}

/**
 * The embedded metric format: a line of JSON on stdout, of which CloudWatch makes metrics. No call, no permission, and
 * nothing is written, or paid for, where nothing was recorded. Not a timer but the next value writes what is old, since a
 * function that has returned is frozen.
 */
export function createEmfMetrics({ clock }: { readonly clock: Pick<Clock, 'now'> }): FlushedMetrics {
  const emf = new Emf({ namespace: NAMESPACE, serviceName: SERVICE });
  let since: number | undefined;

  function flush(): void {
    if (since === undefined) return;
    since = undefined;
    emf.publishStoredMetrics();
  }

  function record(name: CountName | DurationName, value: number): void {
    const now = clock.now();
    if (since !== undefined && now - since >= FLUSH_AFTER_MS) flush();
    since ??= now;
    emf.addMetric(name, METRIC_UNITS[name], value);
  }

  return {
    count: (name, times = 1) => {
      if (times > 0) record(name, times);
    },
    // Two clocks that differ must not make a negative duration.
    duration: (name, ms) => record(name, Math.max(0, ms)),
    flush,
  };
}

/** The handler, and after it, however it ends, what it measured. */
export function flushing<A extends unknown[], R>(
  metrics: Pick<FlushedMetrics, 'flush'>,
  handle: (...args: A) => Promise<R>,
): (...args: A) => Promise<R> {
  return async (...args) => {
    try {
      return await handle(...args);
    } finally {
      metrics.flush();
    }
  };
}
