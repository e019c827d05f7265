import type { IncomingMessage } from 'node:http';
import { expect, test } from 'vitest';
import { connectionsCall, dynamoDbCall, lambdaCall, s3OrSqsCall } from '../../../local/faults/http-calls.ts';

const request = (line: string, headers: Record<string, string> = {}) => {
  const [method, url] = line.split(' ');
  return { method, url, headers } as unknown as IncomingMessage;
};

test.each([
  ['PUT /files/a/b?x-id=PutObject', 'PutObject'],
  ['GET /files/a?X-Amz-Signature=s', 'GetObject'],
  ['HEAD /files/a', 'HeadObject'],
  ['DELETE /files/a?x-id=DeleteObject', 'DeleteObject'],
  ['POST /files/a?uploads', 'CreateMultipartUpload'],
  ['PUT /files/a?partNumber=1&uploadId=u', 'UploadPart'],
  ['GET /files/a?uploadId=u', 'ListParts'],
  ['POST /files/a?uploadId=u', 'CompleteMultipartUpload'],
  ['DELETE /files/a?uploadId=u', 'AbortMultipartUpload'],
  ['GET /files?list-type=2', 'ListObjects'],
  ['GET /files/?list-type=2&prefix=a', 'ListObjects'],
  ['GET /files?uploads', 'ListMultipartUploads'],
  ['POST /files?delete', 'DeleteObjects'],
  ['HEAD /files', 'HeadBucket'],
])('%s is %s', (line, operation) => {
  expect(s3OrSqsCall(request(line))).toEqual({ service: 's3', operation });
});

test('a copy, and what is addressed to SQS, is told by its headers', () => {
  expect(s3OrSqsCall(request('PUT /files/a', { 'x-amz-copy-source': '/files/b' }))?.operation).toBe('CopyObject');
  const sqs = request('POST /', { 'x-amz-target': 'AmazonSQS.SendMessage' });
  expect(s3OrSqsCall(sqs)).toEqual({ service: 'sqs', operation: 'SendMessage' });
});

test('what is no call of a service is none', () => {
  expect(s3OrSqsCall(request('OPTIONS /files/a'))).toBeUndefined();
  expect(dynamoDbCall(request('GET /'))).toBeUndefined();
  expect(dynamoDbCall(request('POST /', { 'x-amz-target': 'AmazonSQS.SendMessage' }))).toBeUndefined();
  expect(lambdaCall(request('GET /2015-03-31/functions'))).toBeUndefined();
  expect(connectionsCall(request('GET /live'))).toBeUndefined();
});

test('invocations and posts are told by their paths', () => {
  expect(lambdaCall(request('POST /2015-03-31/functions/f/invocations'))?.operation).toBe('Invoke');
  expect(lambdaCall(request('POST /2021-11-15/functions/f/response-streaming-invocations'))?.operation).toBe(
    'InvokeWithResponseStream',
  );
  for (const name of ['@connections', '%40connections']) {
    expect(connectionsCall(request(`DELETE /live/${name}/abc%3D`))).toEqual({
      service: 'connections',
      operation: 'DELETE',
    });
  }
});
