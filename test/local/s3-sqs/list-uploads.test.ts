import {
  AbortMultipartUploadCommand,
  CreateMultipartUploadCommand,
  ListMultipartUploadsCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openCredentialStore } from '../../../local/iam/credentials.ts';
import { type S3SqsService, startS3Sqs } from '../../../local/s3-sqs/service.ts';
import { RESOURCE_TYPES } from '../../../local/template/resource-types.ts';
import { resolveTemplate } from '../../../local/template/template.ts';
import { bucket } from '../../../local/template/types/s3.ts';

const Resources = Object.fromEntries(
  ['files', 'others'].map((name) => [name, { Type: 'AWS::S3::Bucket', Properties: { BucketName: name } }]),
);
const template = resolveTemplate([{ name: 'S', assets: [], template: { Resources } }], RESOURCE_TYPES);

let service: S3SqsService;
let s3: S3Client;
beforeAll(async () => {
  const credentials = await openCredentialStore();
  service = await startS3Sqs({ buckets: template.of(bucket), queues: [], credentials, clock: Date });
  s3 = new S3Client({
    endpoint: service.url,
    region: 'us-east-1',
    forcePathStyle: true,
    credentials: credentials.root,
  });
});
afterAll(async () => {
  s3.destroy();
  await service[Symbol.asyncDispose]();
});

const begin = async (Bucket: string, Key: string) =>
  (await s3.send(new CreateMultipartUploadCommand({ Bucket, Key }))).UploadId!;
const pending = async (Prefix?: string) =>
  (await s3.send(new ListMultipartUploadsCommand({ Bucket: 'files', Prefix }))).Uploads ?? [];

describe('uploads in parts', () => {
  test('are listed by the beginning of their keys while they are pending, and objects are not', async () => {
    const second = await begin('files', 'a/2 & more');
    const first = await begin('files', 'a/1');
    await begin('files', 'ab/1');
    await begin('others', 'a/1');
    await s3.send(new PutObjectCommand({ Bucket: 'files', Key: 'a/object', Body: 'x' }));
    expect(await pending('a/')).toMatchObject([
      { Key: 'a/1', UploadId: first, Initiated: expect.any(Date) },
      { Key: 'a/2 & more', UploadId: second },
    ]);
    expect(await pending()).toHaveLength(3);
    await s3.send(new AbortMultipartUploadCommand({ Bucket: 'files', Key: 'a/1', UploadId: first }));
    expect(await pending('a/')).toMatchObject([{ UploadId: second }]);
    expect(await pending('b/')).toEqual([]);
  });

  test('are not listed in a way that is not known here', async () => {
    const grouped = s3.send(new ListMultipartUploadsCommand({ Bucket: 'files', Delimiter: '/' }));
    await expect(grouped).rejects.toMatchObject({ name: 'NotImplemented' });
  });
});
