import {
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  type Message,
  ReceiveMessageCommand,
  SendMessageCommand,
} from '@aws-sdk/client-sqs';
import { ProcessMessageError, parseProcessMessage } from '../../adapters/sqs/process-message.ts';
import type { Service } from '../service/service.ts';

type Queues = Pick<Service, 'sqs' | 'processQueueUrl' | 'deadLetterQueueUrl'>;

export interface DeadLetters {
  /** Can be moved now. */
  readonly waiting: number;
  /** Are with the function that ends their sources, or were tried by it a moment ago. */
  readonly inFlight: number;
}

export interface Redriven {
  readonly moved: number;
  /** Bodies that name no source: they were left where they are. */
  readonly left: readonly string[];
}

/** SQS gives no more at once. */
const PAGE = 10;

/** Time to send one page on; a message that was not deleted by then is seen again, and moved twice, which is harmless. */
const HIDDEN_SECONDS = 60;

/** Long enough to ask all servers of the queue: a short poll asks some, and may find nothing in a queue that is not empty. */
const WAIT_SECONDS = 2;

export async function countDeadLetters({ sqs, deadLetterQueueUrl }: Queues): Promise<DeadLetters> {
  const command = new GetQueueAttributesCommand({
    QueueUrl: deadLetterQueueUrl,
    AttributeNames: ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'],
  });
  const { Attributes = {} } = await sqs.send(command);
  return {
    waiting: Number(Attributes.ApproximateNumberOfMessages ?? 0),
    inFlight: Number(Attributes.ApproximateNumberOfMessagesNotVisible ?? 0),
  };
}

/**
 * Each message is sent before it is deleted: one that a crash leaves in both queues is worked on once, since a source is
 * claimed. Not by SQS's own task for this, which has no end that can be waited for here as there, and takes back all or nothing.
 */
export async function redrive(queues: Queues, most: number): Promise<Redriven> {
  let moved = 0;
  const left: string[] = [];
  while (moved < most) {
    const messages = await receive(queues, Math.min(PAGE, most - moved));
    if (messages.length === 0) break;
    const outcomes = await Promise.all(messages.map((message) => move(queues, message)));
    moved += outcomes.filter(Boolean).length;
    left.push(...messages.filter((_, index) => !outcomes[index]).map(({ Body = '' }) => Body));
  }
  return { moved, left };
}

async function receive({ sqs, deadLetterQueueUrl }: Queues, most: number): Promise<Message[]> {
  const command = new ReceiveMessageCommand({
    QueueUrl: deadLetterQueueUrl,
    MaxNumberOfMessages: most,
    WaitTimeSeconds: WAIT_SECONDS,
    VisibilityTimeout: HIDDEN_SECONDS,
  });
  return (await sqs.send(command)).Messages ?? [];
}

/** @returns false for a message that is none of ours: whoever put it there has to look at it. */
async function move({ sqs, processQueueUrl, deadLetterQueueUrl }: Queues, message: Message): Promise<boolean> {
  const { Body: body = '', ReceiptHandle: handle } = message;
  try {
    parseProcessMessage(body);
  } catch (error) {
    if (error instanceof ProcessMessageError) return false;
    throw error;
  }
  await sqs.send(new SendMessageCommand({ QueueUrl: processQueueUrl, MessageBody: body }));
  await sqs.send(new DeleteMessageCommand({ QueueUrl: deadLetterQueueUrl, ReceiptHandle: handle }));
  return true;
}
