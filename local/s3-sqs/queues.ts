import type { Resource } from '../template/resource-type.ts';
import { type QueueProperties, queueName } from '../template/types/sqs.ts';
import type { OpenStores, Queue } from './stores.ts';

type SqsStore = OpenStores['sqsStore'];

/** Makes the queues of the template; one that an earlier run left keeps its messages and takes the attributes of now. */
export function createQueues(store: SqsStore, queues: readonly Resource<QueueProperties>[], origin: string): Queue[] {
  return queues.map((resource) => {
    const { region, accountId, partition } = resource.environment;
    const name = queueName(resource.ref);
    const url = `${origin}/${accountId}/${name}`;
    const arn = `arn:${partition}:sqs:${region}:${accountId}:${name}`;
    const attributes = queueAttributes(resource.properties);
    const left = store.getQueueByName(name);
    if (!left) return store.createQueue(name, url, arn, attributes);
    left.setAttributes({ RedrivePolicy: '', ...attributes });
    // The port may be another one now; only lookups by name read it.
    Object.assign(left, { url });
    return left;
  });
}

function queueAttributes(properties: QueueProperties): Record<string, string> {
  const { DelaySeconds, MaximumMessageSize, MessageRetentionPeriod, RedrivePolicy } = properties;
  const { ReceiveMessageWaitTimeSeconds, VisibilityTimeout } = properties;
  const numbers = {
    DelaySeconds,
    MaximumMessageSize,
    MessageRetentionPeriod,
    ReceiveMessageWaitTimeSeconds,
    VisibilityTimeout,
  };
  const attributes: Record<string, string> = {};
  for (const [name, value] of Object.entries(numbers)) if (value !== undefined) attributes[name] = String(value);
  if (RedrivePolicy) attributes.RedrivePolicy = JSON.stringify(RedrivePolicy);
  return attributes;
}

/** fauxqs keeps messages for ever; SQS drops them at the end of their retention, wherever they were received before. */
export function dropExpiredMessages(store: SqsStore, now: number): void {
  for (const queue of store.allQueues()) {
    const oldest = now - Number(queue.attributes.MessageRetentionPeriod) * 1000;
    const expired = queue.messages.filter(({ sentTimestamp }) => sentTimestamp < oldest);
    if (expired.length === 0) continue;
    queue.messages = queue.messages.filter((message) => !expired.includes(message));
    for (const { messageId } of expired) queue.persistence?.deleteMessage(messageId);
  }
}
