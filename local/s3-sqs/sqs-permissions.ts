import type { Permission } from '../iam/policy.ts';
import { arn, type Environment } from '../template/resource-type.ts';
import { queueName } from '../template/types/sqs.ts';

/** A call for several messages needs what a call for one needs. */
const BATCH = /Batch$/;

/**
 * What a call needs to be allowed.
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsqs.html
 */
export function sqsPermissions(operation: string, body: unknown, environment: Environment): Permission[] {
  const { QueueUrl, QueueName } = (body ?? {}) as { readonly QueueUrl?: string; readonly QueueName?: string };
  const name = QueueName ?? (QueueUrl === undefined ? '*' : queueName(QueueUrl));
  return [{ action: `sqs:${operation.replace(BATCH, '')}`, resource: arn({ environment }, 'sqs', name) }];
}
