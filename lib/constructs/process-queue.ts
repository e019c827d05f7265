import { Duration } from 'aws-cdk-lib';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { ServiceFunction } from './service-function.ts';

/** Longer than `process` may run (300 s): a delivery must not come again while its worker still works. */
const VISIBILITY_TIMEOUT = Duration.seconds(330);

/** Bounds what a burst costs in parsers and Redis connections; what is over it waits in the queue. */
const MAX_CONCURRENCY = 100;

/** AWS wants it to be no less than the time that the function has which ends the sources of dead letters. */
const DEAD_LETTER_VISIBILITY_TIMEOUT = Duration.seconds(90);

/** A dead letter costs two writes and a publication, and nobody is in a hurry for it. */
const DEAD_LETTER_MAX_CONCURRENCY = 10;

/** `process` itself gives a source up after four attempts; a delivery that finds another one at work counts here as well. */
const MAX_RECEIVE_COUNT = 10;

/** Accepted sources that wait for their processing, and those that failed too often. */
export class ProcessQueue extends Construct {
  readonly #queue: sqs.Queue;
  readonly #deadLetters: sqs.Queue;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    this.#deadLetters = new sqs.Queue(this, 'DeadLetters', {
      encryption: sqs.QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      visibilityTimeout: DEAD_LETTER_VISIBILITY_TIMEOUT,
      retentionPeriod: Duration.days(14),
    });
    this.#queue = new sqs.Queue(this, 'Queue', {
      encryption: sqs.QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      visibilityTimeout: VISIBILITY_TIMEOUT,
      deadLetterQueue: { queue: this.#deadLetters, maxReceiveCount: MAX_RECEIVE_COUNT },
    });
  }

  get name(): string {
    return this.#queue.queueName;
  }

  get deadLettersName(): string {
    return this.#deadLetters.queueName;
  }

  get url(): string {
    return this.#queue.queueUrl;
  }

  get deadLettersUrl(): string {
    return this.#deadLetters.queueUrl;
  }

  grantSend(fn: ServiceFunction): void {
    fn.allow(['sqs:SendMessage'], [this.#queue.queueArn]);
    fn.reach('sqs');
    fn.environment('PROCESS_QUEUE_URL', this.#queue.queueUrl);
  }

  /** How many sources wait. */
  grantBacklog(fn: ServiceFunction): void {
    fn.allow(['sqs:GetQueueAttributes'], [this.#queue.queueArn]);
    fn.reach('sqs');
    fn.environment('PROCESS_QUEUE_URL', this.#queue.queueUrl);
  }

  consumedBy(fn: ServiceFunction): void {
    feed(fn, 'Deliveries', this.#queue, MAX_CONCURRENCY);
    fn.environment('PROCESS_QUEUE_URL', this.#queue.queueUrl);
  }

  deadLettersConsumedBy(fn: ServiceFunction): void {
    feed(fn, 'DeadLetters', this.#deadLetters, DEAD_LETTER_MAX_CONCURRENCY);
    fn.environment('DEAD_LETTER_QUEUE_URL', this.#deadLetters.queueUrl);
  }
}

/** One source at a time for each environment; a delivery that failed is reported, and so comes again by itself. */
function feed(fn: ServiceFunction, id: string, queue: sqs.Queue, maxConcurrency: number): void {
  fn.allow(
    ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes', 'sqs:ChangeMessageVisibility'],
    [queue.queueArn],
  );
  fn.reach('sqs');
  new lambda.EventSourceMapping(fn, id, {
    target: fn.lambda,
    eventSourceArn: queue.queueArn,
    batchSize: 1,
    reportBatchItemFailures: true,
    maxConcurrency,
  });
}
