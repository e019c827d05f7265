import type { FaultService } from './fault.ts';

export interface ServiceError {
  /** HTTP; none for Redis. */
  readonly status?: number;
  readonly message: string;
}

export interface ServiceFacts {
  /** Undefined: any name. */
  readonly operations?: readonly string[];
  /** The first is the default. */
  readonly errors: Readonly<Record<string, ServiceError>>;
}

/** What can be asked of each service, and its own errors in their own words. */
export const CATALOGUE: Readonly<Record<FaultService, ServiceFacts>> = {
  dynamodb: {
    operations: [
      'BatchGetItem',
      'BatchWriteItem',
      'DeleteItem',
      'DescribeTable',
      'GetItem',
      'PutItem',
      'Query',
      'Scan',
      'UpdateItem',
    ],
    errors: {
      InternalServerError: { status: 500, message: 'Internal server error' },
      ProvisionedThroughputExceededException: {
        status: 400,
        message: 'The level of configured provisioned throughput for the table was exceeded.',
      },
      ThrottlingException: { status: 400, message: 'Rate of requests exceeds the allowed throughput.' },
    },
  },
  s3: {
    operations: [
      'AbortMultipartUpload',
      'CompleteMultipartUpload',
      'CopyObject',
      'CreateMultipartUpload',
      'DeleteObject',
      'DeleteObjects',
      'GetObject',
      'HeadBucket',
      'HeadObject',
      'ListMultipartUploads',
      'ListObjects',
      'ListParts',
      'PutObject',
      'UploadPart',
    ],
    errors: {
      SlowDown: { status: 503, message: 'Please reduce your request rate.' },
      InternalError: { status: 500, message: 'We encountered an internal error. Please try again.' },
    },
  },
  sqs: {
    operations: [
      'ChangeMessageVisibility',
      'DeleteMessage',
      'DeleteMessageBatch',
      'GetQueueAttributes',
      'ReceiveMessage',
      'SendMessage',
      'SendMessageBatch',
    ],
    errors: {
      ServiceUnavailable: { status: 503, message: 'Service is unavailable.' },
      InternalError: { status: 500, message: 'We encountered an internal error. Please try again.' },
    },
  },
  lambda: {
    operations: ['Invoke', 'InvokeWithResponseStream'],
    errors: {
      TooManyRequestsException: { status: 429, message: 'Rate Exceeded.' },
      ServiceException: { status: 500, message: 'The service encountered an internal error.' },
    },
  },
  connections: {
    operations: ['DELETE', 'GET', 'POST'],
    errors: {
      InternalServerErrorException: { status: 500, message: 'Internal server error' },
      GoneException: { status: 410, message: 'Gone' },
      LimitExceededException: { status: 429, message: 'Too many requests' },
    },
  },
  redis: {
    errors: {
      LOADING: { message: 'Redis is loading the dataset in memory' },
      READONLY: { message: "You can't write against a read only replica." },
      ERR: { message: 'internal error' },
    },
  },
};
