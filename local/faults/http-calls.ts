import type { IncomingMessage } from 'node:http';
import type { FaultService } from './fault.ts';

export interface HttpCall {
  readonly service: FaultService;
  readonly operation: string;
}

/** @returns undefined for what is not a call of the service, such as a preflight. */
export type Classify = (request: IncomingMessage) => HttpCall | undefined;

export const dynamoDbCall: Classify = (request) => {
  const operation = targetOf(request, 'DynamoDB_20120810');
  return operation === undefined ? undefined : { service: 'dynamodb', operation };
};

/** Both are on one port. */
export const s3OrSqsCall: Classify = (request) => {
  const sqs = targetOf(request, 'AmazonSQS');
  if (sqs !== undefined) return { service: 'sqs', operation: sqs };
  const operation = s3Operation(request);
  return operation === undefined ? undefined : { service: 's3', operation };
};

export const lambdaCall: Classify = ({ url = '' }) => {
  if (/\/response-streaming-invocations(\?|$)/.test(url))
    return { service: 'lambda', operation: 'InvokeWithResponseStream' };
  return /\/invocations(\?|$)/.test(url) ? { service: 'lambda', operation: 'Invoke' } : undefined;
};

export const connectionsCall: Classify = ({ method = '', url = '' }) =>
  /^\/[^/]*\/(@|%40)connections\//i.test(url) ? { service: 'connections', operation: method } : undefined;

function targetOf({ headers }: IncomingMessage, service: string): string | undefined {
  const [name, operation] = String(headers['x-amz-target'] ?? '').split('.');
  return name === service ? operation : undefined;
}

/** Path style, `/<bucket>/<key>`, as everything here addresses it. */
function s3Operation({ method = '', url = '', headers }: IncomingMessage): string | undefined {
  const { pathname, searchParams: query } = new URL(url, 'http://s3');
  const hasKey = /^\/[^/]+\/./.test(pathname);
  if (!hasKey) return bucketOperation(method, query);
  const part = query.has('partNumber');
  switch (method) {
    case 'PUT':
      if (part) return 'UploadPart';
      return headers['x-amz-copy-source'] === undefined ? 'PutObject' : 'CopyObject';
    case 'GET':
      return query.has('uploadId') ? 'ListParts' : 'GetObject';
    case 'POST':
      return query.has('uploads') ? 'CreateMultipartUpload' : 'CompleteMultipartUpload';
    case 'DELETE':
      return query.has('uploadId') ? 'AbortMultipartUpload' : 'DeleteObject';
    case 'HEAD':
      return 'HeadObject';
    default:
      return undefined;
  }
}

function bucketOperation(method: string, query: URLSearchParams): string | undefined {
  if (method === 'HEAD') return 'HeadBucket';
  if (method === 'POST' && query.has('delete')) return 'DeleteObjects';
  if (method !== 'GET') return undefined;
  return query.has('uploads') ? 'ListMultipartUploads' : 'ListObjects';
}
