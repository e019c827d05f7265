import { Aws, Stack } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import { FUNCTION_NAMES, type FunctionName } from '../bundle.ts';
import { type OwnMetric, PERIOD, type ServiceMetrics } from './service-metrics.ts';

export interface DashboardProps {
  readonly metrics: ServiceMetrics;
  readonly alarms: readonly cloudwatch.IAlarm[];
  readonly runbook: string;
}

/** Of the 24 columns: three graphs in a row. */
const WIDTH = 8;
const HEIGHT = 6;

/**
 * Whose time nothing else on the page tells: that of the functions behind HTTP calls is in the time of the calls, that of the
 * subscriber in the delivery lag.
 */
const TIMED: readonly FunctionName[] = ['connect', 'process', 'fetch'];

/**
 * One page, from what clients feel down to what the service stands on. An account has three free, of up to 50 metrics each: so
 * it has no more lines than that. Whether two statistics of one metric count once or twice is not said; here they are two. Nor is
 * it said how a search counts: there is none.
 */
export class Dashboard extends Construct {
  readonly name: string;

  constructor(scope: Construct, id: string, { metrics, alarms, runbook }: DashboardProps) {
    super(scope, id);
    this.name = `${Stack.of(this).stackName}-${Aws.REGION}`; // an account has its dashboards of all regions in one list
    new cloudwatch.Dashboard(this, 'Dashboard', {
      dashboardName: this.name,
      widgets: [
        [new cloudwatch.TextWidget({ markdown: `What to do at each alarm: ${runbook}`, width: 24, height: 1 })],
        [new cloudwatch.AlarmStatusWidget({ alarms: [...alarms], title: 'Alarms', width: 24, height: 3 })],
        sourcesRow(metrics),
        deliveryRow(metrics),
        edgeRow(metrics),
        functionsRow(metrics),
        storesRow(metrics),
      ],
    });
  }
}

function sourcesRow(metrics: ServiceMetrics): cloudwatch.IWidget[] {
  return [
    graph('Sources: accepted and ended', [
      metrics.own('SourcesAccepted'),
      metrics.own('SourcesSucceeded'),
      metrics.own('SourcesFailed'),
      metrics.own('SourcesCancelled'),
      metrics.own('SourcesGivenUp'),
    ]),
    graph('From upload to first messages, and to the end (ms)', [
      percentile(metrics, 'TimeToFirstStatus', 'p99'),
      percentile(metrics, 'TimeToEnd', 'p50'),
      percentile(metrics, 'TimeToEnd', 'p99'),
    ]),
    graph(
      'Queue: age of the oldest (s), waiting, at work, dead letters',
      [metrics.ofQueue('ApproximateAgeOfOldestMessage', 'Maximum')],
      [
        metrics.ofQueue('ApproximateNumberOfMessagesVisible', 'Maximum'),
        metrics.ofQueue('ApproximateNumberOfMessagesNotVisible', 'Maximum'),
        metrics.ofDeadLetters('ApproximateNumberOfMessagesVisible', 'Maximum').with({ label: 'dead letters' }),
      ],
    ),
  ];
}

function deliveryRow(metrics: ServiceMetrics): cloudwatch.IWidget[] {
  return [
    graph('Delivery lag (ms)', [percentile(metrics, 'DeliveryLag', 'p99')]),
    graph('Replays, sockets gone, leases lost, sweeps failed', [
      metrics.own('FramesReplayed'),
      metrics.own('SocketsGone'),
      metrics.own('LeasesLost'),
      metrics.own('SweepPartsFailed'),
    ]),
    graph('Sockets: opened, messages of clients and to them, errors', [
      metrics.ofWebSocketApi('ConnectCount'),
      metrics.ofWebSocketApi('MessageCount'),
      metrics.ofWebSocketApi('ClientError'),
      metrics.ofWebSocketApi('IntegrationError'),
    ]),
  ];
}

function edgeRow(metrics: ServiceMetrics): cloudwatch.IWidget[] {
  const [calls, errors] = [metrics.ofRestApi('Count', 'Sum'), metrics.ofRestApi('5XXError', 'Sum')];
  const share = new cloudwatch.MathExpression({
    expression: '100 * errors / calls',
    usingMetrics: { errors, calls },
    label: 'answered 5xx (%)',
    period: PERIOD,
  });
  return [
    graph('HTTP calls, and those answered 5xx (%)', [calls, metrics.ofRestApi('4XXError', 'Sum'), errors], [share]),
    graph('Time of HTTP calls (ms)', [metrics.ofRestApi('Latency', 'p99')]),
  ];
}

function functionsRow(metrics: ServiceMetrics): cloudwatch.IWidget[] {
  const errors = FUNCTION_NAMES.map((name) => metrics.ofFunction(name, 'Errors'));
  const times = TIMED.map((name) => metrics.ofFunction(name, 'Duration', 'Maximum'));
  return [
    graph('Functions: errors', errors),
    graph('Functions: time (ms, maximum)', times),
    graph('All functions of the account: at once, and throttled', [
      metrics.ofAllFunctions('ConcurrentExecutions', 'Maximum'),
      metrics.ofAllFunctions('Throttles'),
    ]),
  ];
}

function storesRow(metrics: ServiceMetrics): cloudwatch.IWidget[] {
  return [
    graph('DynamoDB: throttled', Object.values(metrics.throttles())),
    ...(metrics.hasCache ? ofCache(metrics) : []),
  ];
}

function ofCache(metrics: ServiceMetrics): cloudwatch.IWidget[] {
  return [
    graph(
      'Redis: used of its limits (%), throttled',
      [metrics.cacheMemoryPercent(), metrics.cacheRatePercent()],
      [metrics.ofCache('ThrottledCmds', 'Sum')],
    ),
    graph('Redis: connections', [metrics.ofCache('CurrConnections', 'Maximum')]),
  ];
}

function percentile(metrics: ServiceMetrics, name: OwnMetric, statistic: string): cloudwatch.IMetric {
  return metrics.own(name, statistic).with({ label: `${name} ${statistic}` });
}

function graph(title: string, left: cloudwatch.IMetric[], right: cloudwatch.IMetric[] = []): cloudwatch.IWidget {
  return new cloudwatch.GraphWidget({ title, left, right, width: WIDTH, height: HEIGHT, leftYAxis: { min: 0 } });
}
