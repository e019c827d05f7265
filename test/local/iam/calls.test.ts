import { describe, expect, test } from 'vitest';
import { dynamoDbPermissions } from '../../../local/dynamodb/permissions.ts';
import { permissionToMiss, s3Permissions } from '../../../local/s3-sqs/s3-permissions.ts';
import { sqsPermissions } from '../../../local/s3-sqs/sqs-permissions.ts';
import { LOCAL_ENVIRONMENT } from '../../../local/template/template.ts';

/** What each call needs, as the service authorization reference lists it. */

const pairs = (permissions: readonly { action: string; resource: string }[] | undefined) =>
  permissions?.map(({ action, resource }) => `${action} ${resource}`);

describe('DynamoDB', () => {
  const table = (name: string) => `arn:aws:dynamodb:us-east-1:000000000000:table/${name}`;
  test.each<[string, object, string[]]>([
    ['GetItem', { TableName: 't' }, [`dynamodb:GetItem ${table('t')}`]],
    ['UpdateItem', { TableName: table('t') }, [`dynamodb:UpdateItem ${table('t')}`]],
    ['Query', { TableName: 't', IndexName: 'i' }, [`dynamodb:Query ${table('t')}/index/i`]],
    ['Scan', { TableName: 't' }, [`dynamodb:Scan ${table('t')}`]],
    ['ListTables', {}, ['dynamodb:ListTables *']],
    [
      'BatchWriteItem',
      { RequestItems: { a: [], b: [] } },
      [`dynamodb:BatchWriteItem ${table('a')}`, `dynamodb:BatchWriteItem ${table('b')}`],
    ],
    [
      'TransactWriteItems',
      {
        TransactItems: [
          { Put: { TableName: 'a' } },
          { ConditionCheck: { TableName: 'b' } },
          { Delete: { TableName: 'c' } },
        ],
      },
      [
        `dynamodb:PutItem ${table('a')}`,
        `dynamodb:ConditionCheckItem ${table('b')}`,
        `dynamodb:DeleteItem ${table('c')}`,
      ],
    ],
    ['TransactGetItems', { TransactItems: [{ Get: { TableName: 'a' } }] }, [`dynamodb:GetItem ${table('a')}`]],
  ])('%s of %j', (operation, request, expected) => {
    expect(pairs(dynamoDbPermissions(operation, request as never, LOCAL_ENVIRONMENT))).toEqual(expected);
  });
});

describe('SQS', () => {
  const queue = 'arn:aws:sqs:us-east-1:000000000000:q';
  const QueueUrl = 'http://127.0.0.1:1/000000000000/q';
  test.each<[string, unknown, string]>([
    ['SendMessage', { QueueUrl }, `sqs:SendMessage ${queue}`],
    ['DeleteMessageBatch', { QueueUrl }, `sqs:DeleteMessage ${queue}`],
    ['ChangeMessageVisibilityBatch', { QueueUrl }, `sqs:ChangeMessageVisibility ${queue}`],
    ['GetQueueUrl', { QueueName: 'q' }, `sqs:GetQueueUrl ${queue}`],
    ['ListQueues', undefined, `sqs:ListQueues ${queue.slice(0, -1)}*`],
  ])('%s of %j', (operation, body, expected) => {
    expect(pairs(sqsPermissions(operation, body, LOCAL_ENVIRONMENT))).toEqual([expected]);
  });
});

describe('S3', () => {
  const key = 'arn:aws:s3:::b/users/1/a b';
  const target = '/b/users/1/a%20b';
  test.each<[string | undefined, string, Record<string, string>, string[] | undefined]>([
    ['GetObject', `${target}?x-id=GetObject`, {}, [`s3:GetObject ${key}`]],
    ['HeadObject', target, {}, [`s3:GetObject ${key}`]],
    ['PutObject', target, {}, [`s3:PutObject ${key}`]],
    ['PutObject', target, { 'x-amz-tagging': 'a=b' }, [`s3:PutObject ${key}`, `s3:PutObjectTagging ${key}`]],
    [
      'CopyObject',
      target,
      { 'x-amz-copy-source': '/c/k%2B' },
      [`s3:PutObject ${key}`, 's3:GetObject arn:aws:s3:::c/k+'],
    ],
    ['CreateMultipartUpload', `${target}?uploads`, {}, [`s3:PutObject ${key}`]],
    ['UploadPart', `${target}?partNumber=1&uploadId=x`, {}, [`s3:PutObject ${key}`]],
    ['CompleteMultipartUpload', `${target}?uploadId=x`, {}, [`s3:PutObject ${key}`]],
    ['AbortMultipartUpload', `${target}?uploadId=x`, {}, [`s3:AbortMultipartUpload ${key}`]],
    ['ListParts', `${target}?uploadId=x`, {}, [`s3:ListMultipartUploadParts ${key}`]],
    ['DeleteObject', target, {}, [`s3:DeleteObject ${key}`]],
    ['ListObjects', '/b?list-type=2&prefix=users/', {}, ['s3:ListBucket arn:aws:s3:::b']],
    ['ListMultipartUploads', '/b/?uploads', {}, ['s3:ListBucketMultipartUploads arn:aws:s3:::b']],
    ['GetObject', `${target}?tagging`, {}, undefined],
    ['GetObject', `${target}?versionId=1`, {}, undefined],
    ['DeleteObjects', '/b?delete', {}, undefined],
    [undefined, '/', {}, undefined],
  ])('%s of %s with %j', (operation, path, headers, expected) => {
    expect(pairs(s3Permissions({ operation, target: path, headers }, LOCAL_ENVIRONMENT))).toEqual(expected);
  });

  test('a key that is not there is told only to who may list the bucket', () => {
    expect(permissionToMiss(target, LOCAL_ENVIRONMENT)).toEqual({
      action: 's3:ListBucket',
      resource: 'arn:aws:s3:::b',
    });
  });
});
