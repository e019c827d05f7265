import type { SQSClient } from '@aws-sdk/client-sqs';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';

/** A service that runs, and the parts of it that are operated by hand. */
export interface Service {
  /** For people: which one it is. */
  readonly name: string;
  readonly dynamodb: DynamoDBDocumentClient;
  readonly sqs: SQSClient;
  readonly apiKeysTable: string;
  readonly processQueueUrl: string;
  readonly deadLetterQueueUrl: string;
}

/** The outputs of the stack that holds the data: by them a service is found, here as there. */
export const STATE_STACK = 'SourceUploadState';
export const OUTPUTS = {
  apiKeysTable: 'ApiKeysTable',
  processQueueUrl: 'ProcessQueueUrl',
  deadLetterQueueUrl: 'DeadLetterQueueUrl',
} as const;
