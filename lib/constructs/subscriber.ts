import { Duration } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { type FunctionNetwork, ServiceFunction } from './service-function.ts';

/** Delivers the events of one shard to the sockets; runs while there is something to deliver. */
export class Subscriber extends ServiceFunction {
  constructor(scope: Construct, id: string, props: { readonly codeDir: string; readonly network: FunctionNetwork }) {
    super(scope, id, {
      name: 'subscriber',
      description: 'Delivers the events of one shard to the sockets',
      timeout: Duration.seconds(900),
      memorySize: 512,
      callsItself: true, // starts its successor before its time is up
      // Whoever rings a doorbell later starts it again, so an old start is worth nothing.
      asyncInvoke: { retryAttempts: 2, maxEventAge: Duration.minutes(5) },
      ...props,
    });
  }

  /** The subscriber is one of its own callers. */
  grantStart(caller: ServiceFunction): void {
    caller.allow(['lambda:InvokeFunction'], [this.ownArn]);
    caller.environment('SUBSCRIBER_FUNCTION', this.ownName);
    caller.reach('lambda');
  }
}
