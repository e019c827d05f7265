import { Stack } from 'aws-cdk-lib';
import { Alarm, ComparisonOperator, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as sns from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { Construct } from 'constructs';
import { type AlarmDefinition, alarmDefinitions } from './alarm-definitions.ts';
import type { ServiceMetrics } from './service-metrics.ts';

export interface AlarmsProps {
  readonly metrics: ServiceMetrics;
  /** Gets a mail at each alarm, and when it is over. Default: nobody; whoever wants to know subscribes to the topic. */
  readonly email?: string | undefined;
  /** Where the runbook is read: an alarm is of no use to somebody who has to look for its page first. */
  readonly runbook: string;
}

/**
 * What somebody has to be woken for: that sources were lost or given up, that they stop moving, or soon will. The name of
 * each is its heading in the runbook. What the service mends by itself is on the dashboard and wakes nobody.
 */
export class Alarms extends Construct {
  readonly topic: sns.Topic;
  readonly all: readonly Alarm[];

  constructor(scope: Construct, id: string, { metrics, email, runbook }: AlarmsProps) {
    super(scope, id);
    this.topic = this.#createTopic(email);
    this.all = Object.entries(alarmDefinitions(metrics)).map(([name, definition]) =>
      this.#create(name, definition, runbook),
    );
  }

  #create(name: string, definition: AlarmDefinition, runbook: string): Alarm {
    const { says, bad = 1, of = 1, when = 'above', missing, ...rest } = definition;
    const alarm = new Alarm(this, name, {
      ...rest,
      alarmName: `${Stack.of(this).stackName}-${name}`,
      alarmDescription: `${says} ${runbook}#${name}`,
      datapointsToAlarm: bad,
      evaluationPeriods: of,
      comparisonOperator:
        when === 'above' ? ComparisonOperator.GREATER_THAN_THRESHOLD : ComparisonOperator.LESS_THAN_THRESHOLD,
      treatMissingData: missing === 'bad' ? TreatMissingData.BREACHING : TreatMissingData.NOT_BREACHING,
    });
    alarm.addAlarmAction(new SnsAction(this.topic));
    alarm.addOkAction(new SnsAction(this.topic));
    return alarm;
  }

  #createTopic(email: string | undefined): sns.Topic {
    const topic = new sns.Topic(this, 'Topic', { displayName: 'Source upload', enforceSSL: true });
    // A topic with a policy of its own has lost the one that let this account, and so its alarms, publish.
    topic.addToResourcePolicy(
      new iam.PolicyStatement({
        principals: [new iam.ServicePrincipal('cloudwatch.amazonaws.com')],
        actions: ['sns:Publish'],
        resources: [topic.topicArn],
        conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(this).account } },
      }),
    );
    if (email !== undefined) topic.addSubscription(new EmailSubscription(email));
    return topic;
  }
}
