import {
  ChangeMessageVisibilityCommand,
  GetQueueAttributesCommand,
  MessageNotInflight,
  SendMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import * as z from 'zod';
import type { ProcessQueue } from '../../app/ports.ts';
import { formatProcessMessage } from './process-message.ts';

/** SQS hides a message for 12 h at the most. */
export const MAX_DELAY_SECONDS = 43_200;

/** As text, as all attributes of a queue are. */
const backlogSize = z.string().regex(/^\d+$/).transform(Number);

export interface SqsProcessQueueOptions {
  readonly client: SQSClient;
  readonly queueUrl: string;
}

export function createSqsProcessQueue({ client, queueUrl }: SqsProcessQueueOptions): ProcessQueue {
  return {
    async send(source) {
      await client.send(new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: formatProcessMessage(source) }));
    },
    async backlog() {
      const waiting = 'ApproximateNumberOfMessages';
      const command = new GetQueueAttributesCommand({ QueueUrl: queueUrl, AttributeNames: [waiting] });
      const { Attributes } = await client.send(command);
      return backlogSize.parse(Attributes?.[waiting]);
    },
    async returnAfter(receiptHandle, delaySeconds) {
      const command = new ChangeMessageVisibilityCommand({
        QueueUrl: queueUrl,
        ReceiptHandle: receiptHandle,
        VisibilityTimeout: wholeDelay(delaySeconds),
      });
      try {
        await client.send(command);
      } catch (error) {
        if (!(error instanceof MessageNotInflight)) throw error; // else it is back in the queue, or done with
      }
    },
  };
}

/** Rounded up, so that it does not come back before it was meant to. Throws RangeError. */
export function wholeDelay(delaySeconds: number): number {
  const whole = Math.ceil(delaySeconds);
  if (whole >= 0 && whole <= MAX_DELAY_SECONDS) return whole;
  throw new RangeError(`a delay has to be 0 to ${MAX_DELAY_SECONDS} seconds, not ${delaySeconds}`);
}
