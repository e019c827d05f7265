import { z } from 'zod';
import { arn, generatedName, ignored, integer, resourceType, tags } from '../resource-type.ts';
import { policyDocument } from './iam.ts';

const MAX_QUEUE_NAME = 80;

const queueProperties = z.strictObject({
  QueueName: z.string().optional(),
  DelaySeconds: integer.optional(),
  MaximumMessageSize: integer.optional(),
  MessageRetentionPeriod: integer.optional(),
  ReceiveMessageWaitTimeSeconds: integer.optional(),
  VisibilityTimeout: integer.optional(),
  RedrivePolicy: z.strictObject({ deadLetterTargetArn: z.string(), maxReceiveCount: integer }).optional(),
  RedriveAllowPolicy: ignored('who may use this queue as dead letter queue: one account here'),
  SqsManagedSseEnabled: ignored('encryption at rest changes no answer'),
  KmsMasterKeyId: ignored('encryption at rest changes no answer'),
  KmsDataKeyReusePeriodSeconds: ignored('encryption at rest changes no answer'),
  Tags: tags,
});

export type QueueProperties = z.infer<typeof queueProperties>;

export const queue = resourceType('AWS::SQS::Queue', {
  properties: queueProperties,
  ref: ({ environment: { region, accountId, urlSuffix }, properties, ...resource }) =>
    `https://${sqsHost(region, urlSuffix)}/${accountId}/${properties.QueueName ?? generatedName(resource, MAX_QUEUE_NAME)}`,
  attributes: {
    Arn: (resource) => arn(resource, 'sqs', queueName(resource.ref)),
    QueueName: ({ ref }) => queueName(ref),
    QueueUrl: ({ ref }) => ref,
  },
});

export function sqsHost(region: string, urlSuffix: string): string {
  return `sqs.${region}.${urlSuffix}`;
}

export function queueName(queueUrl: string): string {
  return queueUrl.slice(queueUrl.lastIndexOf('/') + 1);
}

export const queuePolicy = resourceType('AWS::SQS::QueuePolicy', {
  properties: z.strictObject({ PolicyDocument: policyDocument, Queues: z.array(z.string()) }),
});
