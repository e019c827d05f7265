import { Duration } from 'aws-cdk-lib';
import { type IMetric, MathExpression, Metric } from 'aws-cdk-lib/aws-cloudwatch';
import type { FunctionName } from '../bundle.ts';

interface ObservedCache {
  readonly name: string;
  readonly maxBytes: number;
  readonly maxEcpuPerSecond: number;
}

/** What there is to look at, by the names that CloudWatch has for it. */
export interface Observed {
  readonly functionName: (name: FunctionName) => string;
  readonly restApi: { readonly name: string; readonly stageName: string };
  readonly webSocketApiId: string;
  readonly queueName: string;
  readonly deadLetterQueueName: string;
  readonly tables: { readonly sources: string; readonly connections: string };
  /** Undefined: Redis is somebody else's, and so are its metrics. */
  readonly cache: ObservedCache | undefined;
}

/** As `adapters/metrics.ts` writes them, with their units. */
export type OwnMetric =
  | 'SourcesAccepted'
  | 'SourcesSucceeded'
  | 'SourcesFailed'
  | 'SourcesCancelled'
  | 'SourcesGivenUp'
  | 'FramesReplayed'
  | 'SocketsGone'
  | 'LeasesLost'
  | 'SweepPartsFailed'
  | 'TimeToFirstStatus'
  | 'TimeToEnd'
  | 'DeliveryLag';

export const OWN_NAMESPACE = 'SourceUpload';
export const OWN_DIMENSIONS = { service: 'source-upload' };

export const PERIOD = Duration.minutes(5);

/** The metrics that alarms and the dashboard are made of. All are of five minutes. */
export class ServiceMetrics {
  readonly #observed: Observed;

  constructor(observed: Observed) {
    this.#observed = observed;
  }

  /** Nothing is written, and so nothing is paid for, while nothing happens. */
  own(metricName: OwnMetric, statistic: string = 'Sum'): Metric {
    return metric(OWN_NAMESPACE, metricName, OWN_DIMENSIONS, statistic);
  }

  ofFunction(name: FunctionName, metricName: string, statistic: string = 'Sum'): Metric {
    const { functionName } = this.#observed;
    return metric('AWS/Lambda', metricName, { FunctionName: functionName(name) }, statistic).with({ label: name });
  }

  /** Of all functions of the account in this region: they share what is scarce. */
  ofAllFunctions(metricName: string, statistic: string = 'Sum'): Metric {
    return metric('AWS/Lambda', metricName, {}, statistic);
  }

  ofRestApi(metricName: string, statistic: string): Metric {
    const { name, stageName } = this.#observed.restApi;
    return metric('AWS/ApiGateway', metricName, { ApiName: name, Stage: stageName }, statistic);
  }

  ofWebSocketApi(metricName: string): Metric {
    return metric('AWS/ApiGateway', metricName, { ApiId: this.#observed.webSocketApiId }, 'Sum');
  }

  ofQueue(metricName: string, statistic: string): Metric {
    return metric('AWS/SQS', metricName, { QueueName: this.#observed.queueName }, statistic);
  }

  ofDeadLetters(metricName: string, statistic: string): Metric {
    return metric('AWS/SQS', metricName, { QueueName: this.#observed.deadLetterQueueName }, statistic);
  }

  /** Not writes of connections: API Gateway opens 500 sockets a second at most, half of what one partition takes. */
  throttles(): Readonly<Record<'source_reads' | 'source_writes' | 'connection_reads', Metric>> {
    const { sources, connections } = this.#observed.tables;
    return {
      source_reads: ofTable(sources, 'ReadThrottleEvents'),
      source_writes: ofTable(sources, 'WriteThrottleEvents'),
      connection_reads: ofTable(connections, 'ReadThrottleEvents'),
    };
  }

  get hasCache(): boolean {
    return this.#observed.cache !== undefined;
  }

  ofCache(metricName: string, statistic: string): Metric {
    return metric('AWS/ElastiCache', metricName, { clusterId: this.#cache.name }, statistic);
  }

  get #cache(): ObservedCache {
    if (!this.#observed.cache) throw new Error('There is no cache of our own to look at.');
    return this.#observed.cache;
  }

  /** Of the nearer of the two limits that the cache has. */
  cacheLimitPercent(): MathExpression {
    const [memory, rate] = [this.cacheMemoryPercent(), this.cacheRatePercent()];
    return new MathExpression({
      expression: `MAX([${memory.expression}, ${rate.expression}])`,
      usingMetrics: { ...memory.usingMetrics, ...rate.usingMetrics },
      label: 'Used of the limits of Redis (%)',
      period: PERIOD,
    });
  }

  cacheMemoryPercent(): MathExpression {
    return new MathExpression({
      expression: `100 * FILL(bytes, 0) / ${this.#cache.maxBytes}`,
      usingMetrics: { bytes: this.ofCache('BytesUsedForCache', 'Maximum') },
      label: 'memory (%)',
      period: PERIOD,
    });
  }

  cacheRatePercent(): MathExpression {
    return new MathExpression({
      expression: `100 * FILL(ecpu, 0) / ${this.#cache.maxEcpuPerSecond * PERIOD.toSeconds()}`,
      usingMetrics: { ecpu: this.ofCache('ElastiCacheProcessingUnits', 'Sum') },
      label: 'rate (%)',
      period: PERIOD,
    });
  }
}

/** Where one of them has no value it counts as 0: CloudWatch would make no sum at all. */
export function sum(label: string, metrics: Readonly<Record<string, IMetric>>): MathExpression {
  const expression = Object.keys(metrics)
    .map((name) => `FILL(${name}, 0)`)
    .join(' + ');
  return new MathExpression({ expression, usingMetrics: { ...metrics }, label, period: PERIOD });
}

function ofTable(tableName: string, metricName: string): Metric {
  return metric('AWS/DynamoDB', metricName, { TableName: tableName }, 'Sum');
}

function metric(
  namespace: string,
  metricName: string,
  dimensionsMap: Record<string, string>,
  statistic: string,
): Metric {
  return new Metric({ namespace, metricName, dimensionsMap, statistic, period: PERIOD });
}
