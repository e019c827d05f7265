import { Aws, Stack } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import { FUNCTION_NAMES } from '../bundle.ts';
import type { ServiceMetrics } from './service-metrics.ts';

export interface DashboardProps {
  readonly metrics: ServiceMetrics;
  readonly alarms: readonly cloudwatch.IAlarm[];
  readonly runbook: string;
}

/** Of the 24 columns: three graphs in a row. */
const WIDTH = 8;
const HEIGHT = 6;

/** One page, from what clients feel down to what the service stands on. An account has three of them free. */
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
      ...percentiles(metrics, 'TimeToFirstStatus'),
      ...percentiles(metrics, 'TimeToEnd'),
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
    graph('Delivery lag (ms)', percentiles(metrics, 'DeliveryLag')),
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
  return [
    graph('HTTP calls', [
      metrics.ofRestApi('Count', 'Sum'),
      metrics.ofRestApi('4XXError', 'Sum'),
      metrics.ofRestApi('5XXError', 'Sum'),
    ]),
    graph('HTTP calls answered 5xx (of 1)', [metrics.ofRestApi('5XXError', 'Average')]),
    graph('Time of HTTP calls (ms)', [metrics.ofRestApi('Latency', 'p50'), metrics.ofRestApi('Latency', 'p99')]),
  ];
}

function functionsRow(metrics: ServiceMetrics): cloudwatch.IWidget[] {
  const ofEach = (metricName: string, statistic: string) =>
    FUNCTION_NAMES.map((name) => metrics.ofFunction(name, metricName, statistic));
  return [
    graph('Functions: errors', ofEach('Errors', 'Sum')),
    graph('Functions: time (ms, maximum)', ofEach('Duration', 'Maximum')),
    graph('All functions of the account: at once, and throttled', [
      metrics.ofAllFunctions('ConcurrentExecutions', 'Maximum'),
      metrics.ofAllFunctions('Throttles'),
    ]),
  ];
}

function storesRow(metrics: ServiceMetrics): cloudwatch.IWidget[] {
  const throttles = Object.values(metrics.tables).flatMap((table) =>
    ['ReadThrottleEvents', 'WriteThrottleEvents'].map((name) => metrics.ofTable(table, name)),
  );
  return [graph('DynamoDB: throttled', throttles), ...(metrics.hasCache ? ofCache(metrics) : [])];
}

function ofCache(metrics: ServiceMetrics): cloudwatch.IWidget[] {
  return [
    graph(
      'Redis: used of its limits (%), throttled',
      [metrics.cacheLimitPercent()],
      [metrics.ofCache('ThrottledCmds', 'Sum')],
    ),
    graph(
      'Redis: memory (bytes), connections',
      [metrics.ofCache('BytesUsedForCache', 'Maximum')],
      [metrics.ofCache('CurrConnections', 'Maximum')],
    ),
  ];
}

function percentiles(metrics: ServiceMetrics, name: Parameters<ServiceMetrics['own']>[0]): cloudwatch.IMetric[] {
  return ['p50', 'p99'].map((statistic) => metrics.own(name, statistic).with({ label: `${name} ${statistic}` }));
}

function graph(title: string, left: cloudwatch.IMetric[], right: cloudwatch.IMetric[] = []): cloudwatch.IWidget {
  return new cloudwatch.GraphWidget({ title, left, right, width: WIDTH, height: HEIGHT, leftYAxis: { min: 0 } });
}
