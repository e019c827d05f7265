import { CfnOutput, Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { ApiStack } from './api-stack.ts';
import { Alarms } from './constructs/alarms.ts';
import { Dashboard } from './constructs/dashboard.ts';
import { functionName } from './constructs/service-function.ts';
import { ServiceMetrics } from './constructs/service-metrics.ts';
import type { NetworkStack } from './network-stack.ts';
import type { Settings } from './settings.ts';
import type { StateStack } from './state-stack.ts';

export interface ObserveStackProps extends StackProps {
  readonly settings: Pick<Settings, 'alarmEmail' | 'runbookUrl'>;
  readonly state: StateStack;
  readonly network: NetworkStack;
  readonly api: ApiStack;
}

/** Who looks at all of it: nothing else depends on this stack, and the service runs as well without it. */
export class ObserveStack extends Stack {
  constructor(scope: Construct, id: string, { settings, state, network, api, ...props }: ObserveStackProps) {
    super(scope, id, props);
    const runbook = settings.runbookUrl;
    const metrics = new ServiceMetrics({
      functionName: (name) => functionName(api, name),
      restApi: api.publicApi,
      webSocketApiId: api.webSocket.apiId,
      queueName: state.processQueue.name,
      deadLetterQueueName: state.processQueue.deadLettersName,
      tables: { sources: state.sources.tableName, connections: state.connections.tableName },
      cache: network.cache,
    });
    const alarms = new Alarms(this, 'Alarms', { metrics, runbook, email: settings.alarmEmail });
    const dashboard = new Dashboard(this, 'Dashboard', { metrics, runbook, alarms: alarms.all });
    new CfnOutput(this, 'DashboardName', { description: 'The dashboard in CloudWatch', value: dashboard.name });
    new CfnOutput(this, 'AlarmTopic', {
      description: 'Where the alarms go: subscribe to it, or deploy with -c alarmEmail=…',
      value: alarms.topic.topicArn,
    });
  }
}
