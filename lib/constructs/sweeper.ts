import { Duration } from 'aws-cdk-lib';
import * as events from 'aws-cdk-lib/aws-events';
import * as targets from 'aws-cdk-lib/aws-events-targets';
import type { Construct } from 'constructs';
import { type FunctionNetwork, ServiceFunction } from './service-function.ts';

const INTERVAL = Duration.minutes(1);

/** A run that failed or came late is worth nothing: the next one looks for all that it would have found. */
const ONE_TRY = { retryAttempts: 0, maxEventAge: INTERVAL };

/** Finds once a minute what a crash or an outage has left: sources past their deadline, shards that nobody serves. */
export class Sweeper extends ServiceFunction {
  constructor(scope: Construct, id: string, props: { readonly codeDir: string; readonly network: FunctionNetwork }) {
    super(scope, id, {
      name: 'sweeper',
      description: 'Looks after what a crash or an outage has left',
      timeout: INTERVAL,
      memorySize: 512,
      untraced: true,
      asyncInvoke: ONE_TRY,
      ...props,
    });
    new events.Rule(this, 'Schedule', {
      description: 'Runs the sweeper',
      schedule: events.Schedule.rate(INTERVAL),
      targets: [new targets.LambdaFunction(this.lambda, ONE_TRY)],
    });
  }
}
