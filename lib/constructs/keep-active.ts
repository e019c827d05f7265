import { Duration } from 'aws-cdk-lib';
import * as events from 'aws-cdk-lib/aws-events';
import * as targets from 'aws-cdk-lib/aws-events-targets';
import { Construct } from 'constructs';
import type { ServiceFunction } from './service-function.ts';

export interface KeepActiveProps {
  readonly connect: ServiceFunction;
  readonly message: ServiceFunction;
  readonly cancelSource: ServiceFunction;
  readonly process: ServiceFunction;
  readonly deadLetter: ServiceFunction;
  readonly subscriber: ServiceFunction;
}

/** Lambda says no more than "a long period of time"; those who measured it speak of two weeks. */
const INTERVAL = Duration.days(1);

/** What the logs show as the name of the request, where a caller's has one. */
const REQUEST_ID = 'keep-active';

/** No source and no dead letter. */
const EMPTY_BATCH = { Records: [] };

/** Every service has this shard. A subscriber that finds another one at work, or nothing to deliver, leaves. */
const FIRST_SHARD = { shard: 0 };

/** A handshake without a ws-uuid and a token is refused before anything is read. */
const BARE_HANDSHAKE = { requestContext: { connectionId: REQUEST_ID, requestId: REQUEST_ID } };

/** Is refused with a 401 before anything is read. */
const CALL_WITHOUT_CREDENTIALS = { headers: {}, requestContext: { requestId: REQUEST_ID } };

/** Not understood, and there is no address that this could be answered to: a warning in the log, and no post. */
const MESSAGE_OF_NOBODY = { body: '', requestContext: { requestId: REQUEST_ID } };

/**
 * Calls every function of the VPC once a day with an event that is nothing to it, so that none becomes `Inactive`. From a function
 * that nobody called for weeks Lambda takes its network interfaces; the next call only fails and brings them back, which can
 * take minutes: sockets and calls would be answered with 5xx meanwhile, and messages wait for their visibility timeout. The
 * sweeper runs each minute, and those outside of the VPC have nothing that could be taken.
 */
export class KeepActive extends Construct {
  constructor(scope: Construct, id: string, functions: KeepActiveProps) {
    super(scope, id);
    const { connect, message, cancelSource, process, deadLetter, subscriber } = functions;
    // Two, since a rule has five targets at the most.
    this.#callDaily('Callers', 'Keeps active what clients call', [
      [connect, BARE_HANDSHAKE],
      [message, MESSAGE_OF_NOBODY],
      [cancelSource, CALL_WITHOUT_CREDENTIALS],
    ]);
    this.#callDaily('Workers', 'Keeps active what works on sources and delivers', [
      [process, EMPTY_BATCH],
      [deadLetter, EMPTY_BATCH],
      [subscriber, FIRST_SHARD],
    ]);
  }

  #callDaily(id: string, description: string, calls: ReadonlyArray<readonly [ServiceFunction, object]>): void {
    new events.Rule(this, id, {
      description,
      schedule: events.Schedule.rate(INTERVAL),
      targets: calls.map(
        ([fn, event]) => new targets.LambdaFunction(fn.lambda, { event: events.RuleTargetInput.fromObject(event) }),
      ),
    });
  }
}
