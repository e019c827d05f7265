import { once } from 'node:events';
import { DeleteMessageBatchCommand, type Message, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { Clock } from '../clock.ts';
import type { LocalLog } from '../log.ts';
import type { LambdaService } from './lambda-service.ts';
import { failedMessageIds, sqsRecord } from './sqs-records.ts';

export interface SqsEventSourceOptions {
  /** `http://127.0.0.1:<port>`. */
  readonly sqsEndpoint: string;
  readonly queueUrl: string;
  readonly queueArn: string;
  readonly functionName: string;
  /** Of the mapping. More than 10 needs a batching window, as on AWS. */
  readonly batchSize: number;
  /** How long a batch that is not full waits for more. 0: not at all. */
  readonly maximumBatchingWindowMs: number;
  /** Batches that are with the function at one time. */
  readonly maximumConcurrency: number;
  /** FunctionResponseTypes has ReportBatchItemFailures: the function's answer names the messages that it failed on. */
  readonly reportBatchItemFailures: boolean;
  readonly lambda: Pick<LambdaService, 'invoke'>;
  readonly clock: Clock;
  readonly log: LocalLog;
  /** Default: a pair that means nothing. */
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string };
}

/** SQS's own limits: messages of one receive or delete, and seconds of one long poll. */
const MAX_MESSAGES = 10;
const MAX_WAIT_SECONDS = 20;

/** Ours: after a poll that failed. */
const POLL_RETRY_MS = 1000; // 1 s

/**
 * `AWS::Lambda::EventSourceMapping` of a queue: receives, invokes, and deletes what succeeded. What failed is left
 * to the queue, whose visibility time-out and redrive decide when and whether it comes again.
 */
export function startSqsEventSource(options: SqsEventSourceOptions): AsyncDisposable {
  const source = new SqsEventSource(options);
  const polling = source.poll();
  return {
    async [Symbol.asyncDispose]() {
      source.stop();
      await polling;
    },
  };
}

class SqsEventSource {
  readonly #options: SqsEventSourceOptions;
  readonly #client: SQSClient;
  readonly #stopped = new AbortController();
  readonly #running = new EventTarget();
  #batches = 0;

  constructor(options: SqsEventSourceOptions) {
    this.#options = options;
    this.#client = new SQSClient({
      endpoint: options.sqsEndpoint,
      region: options.queueArn.split(':')[3] ?? 'us-east-1',
      credentials: options.credentials ?? { accessKeyId: 'local', secretAccessKey: 'local' },
    });
  }

  /** What the function still works on is left alone: its messages come again with the next start. */
  stop(): void {
    this.#stopped.abort();
    this.#client.destroy();
  }

  async poll(): Promise<void> {
    const { clock, log, functionName, maximumConcurrency } = this.#options;
    const { signal } = this.#stopped;
    while (!signal.aborted) {
      try {
        const messages = await this.#nextBatch();
        if (messages.length > 0) void this.#process(messages);
        while (this.#batches >= maximumConcurrency) await once(this.#running, 'end', { signal });
      } catch (error) {
        if (signal.aborted) return;
        log.warn(functionName, `Its queue cannot be polled: ${(error as Error).message}`);
        await clock.sleep(POLL_RETRY_MS, signal);
      }
    }
  }

  /** Waits for the first message, and with a batching window for more of them. */
  async #nextBatch(): Promise<Message[]> {
    const { batchSize, maximumBatchingWindowMs, clock } = this.#options;
    const messages = await this.#receive(batchSize, MAX_WAIT_SECONDS);
    const windowEnd = clock.now() + maximumBatchingWindowMs;
    while (messages.length > 0 && messages.length < batchSize) {
      const remaining = Math.ceil((windowEnd - clock.now()) / 1000);
      if (remaining <= 0) break;
      messages.push(...(await this.#receive(batchSize - messages.length, remaining)));
    }
    return messages;
  }

  async #receive(limit: number, waitSeconds: number): Promise<Message[]> {
    const command = new ReceiveMessageCommand({
      QueueUrl: this.#options.queueUrl,
      MaxNumberOfMessages: Math.min(limit, MAX_MESSAGES),
      WaitTimeSeconds: Math.min(waitSeconds, MAX_WAIT_SECONDS),
      MessageSystemAttributeNames: ['All'],
      MessageAttributeNames: ['All'],
    });
    const { Messages = [] } = await this.#client.send(command, { abortSignal: this.#stopped.signal });
    return Messages;
  }

  async #process(messages: Message[]): Promise<void> {
    const { log, functionName } = this.#options;
    this.#batches += 1;
    try {
      const failed = await this.#invoke(messages);
      if (this.#stopped.signal.aborted) return;
      await this.#delete(messages.filter(({ MessageId = '' }) => !failed.has(MessageId)));
    } catch (error) {
      if (!this.#stopped.signal.aborted) {
        log.error(functionName, `A batch of ${messages.length} stays in its queue: ${(error as Error).message}`);
      }
    } finally {
      this.#batches -= 1;
      this.#running.dispatchEvent(new Event('end'));
    }
  }

  /** @returns the ids of the messages that failed. */
  async #invoke(messages: Message[]): Promise<ReadonlySet<string>> {
    const { lambda, functionName, queueArn, reportBatchItemFailures, log } = this.#options;
    const ids = messages.map(({ MessageId = '' }) => MessageId);
    const Records = messages.map((message) => sqsRecord(message, queueArn));
    const { functionError, payload } = await lambda.invoke(functionName, { Records });
    let failed: ReadonlySet<string> = new Set();
    if (functionError) failed = new Set(ids);
    else if (reportBatchItemFailures) failed = failedMessageIds(payload, ids);
    if (failed.size > 0) log.line(functionName, `${failed.size} of ${ids.length} messages stay in the queue.`);
    return failed;
  }

  async #delete(messages: Message[]): Promise<void> {
    for (let start = 0; start < messages.length; start += MAX_MESSAGES) {
      const Entries = messages
        .slice(start, start + MAX_MESSAGES)
        .map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle }));
      await this.#client.send(new DeleteMessageBatchCommand({ QueueUrl: this.#options.queueUrl, Entries }));
    }
  }
}
