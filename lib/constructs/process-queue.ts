import { Duration } from 'aws-cdk-lib';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { ServiceFunction } from './service-function.ts';

/** Longer than `process` may run (300 s): a delivery must not come again while its worker still works. */
const VISIBILITY_TIMEOUT = Duration.seconds(330);

/** Bounds what a burst costs in parsers and Redis connections; what is over it waits in the queue. */
const MAX_CONCURRENCY = 100;

/** `process` itself gives a source up after four attempts; a delivery that finds another one at work counts here as well. */
const MAX_RECEIVE_COUNT = 10;

/** Accepted sources that wait for their processing, and those that failed too often. */
export class ProcessQueue extends Construct {
  readonly #queue: sqs.Queue;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    const deadLetters = new sqs.Queue(this, 'DeadLetters', {
      encryption: sqs.QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      retentionPeriod: Duration.days(14),
    });
    this.#queue = new sqs.Queue(this, 'Queue', {
      encryption: sqs.QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      visibilityTimeout: VISIBILITY_TIMEOUT,
      deadLetterQueue: { queue: deadLetters, maxReceiveCount: MAX_RECEIVE_COUNT },
    });
  }

  grantSend(fn: ServiceFunction): void {
    fn.allow(['sqs:SendMessage'], [this.#queue.queueArn]);
    fn.reach('sqs');
    fn.environment('PROCESS_QUEUE_URL', this.#queue.queueUrl);
  }

  /** One source at a time for each environment; a delivery that failed is reported, and so comes again by itself. */
  consumedBy(fn: ServiceFunction): void {
    fn.allow(
      ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes', 'sqs:ChangeMessageVisibility'],
      [this.#queue.queueArn],
    );
    fn.environment('PROCESS_QUEUE_URL', this.#queue.queueUrl);
    fn.reach('sqs');
    new lambda.EventSourceMapping(fn, 'Deliveries', {
      target: fn.lambda,
      eventSourceArn: this.#queue.queueArn,
      batchSize: 1,
      reportBatchItemFailures: true,
      maxConcurrency: MAX_CONCURRENCY,
    });
  }
}
