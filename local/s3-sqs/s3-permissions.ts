import type { IncomingHttpHeaders } from 'node:http';
import type { Permission } from '../iam/policy.ts';
import type { Environment } from '../template/resource-type.ts';
import { bucketOf } from './cors-hook.ts';

export interface S3Request {
  /** `PutObject`, `UploadPart` …; undefined: none that is known here. */
  readonly operation: string | undefined;
  /** Path and query. */
  readonly target: string;
  readonly headers: IncomingHttpHeaders;
}

/** Parts of an upload are written with the right to write the whole. https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpuoverview.html */
const ON_OBJECT: Readonly<Record<string, string>> = {
  PutObject: 's3:PutObject',
  CopyObject: 's3:PutObject',
  CreateMultipartUpload: 's3:PutObject',
  UploadPart: 's3:PutObject',
  CompleteMultipartUpload: 's3:PutObject',
  AbortMultipartUpload: 's3:AbortMultipartUpload',
  ListParts: 's3:ListMultipartUploadParts',
  GetObject: 's3:GetObject',
  HeadObject: 's3:GetObject',
  DeleteObject: 's3:DeleteObject',
};

const ON_BUCKET: Readonly<Record<string, string>> = {
  HeadBucket: 's3:ListBucket',
  ListObjects: 's3:ListBucket',
  ListMultipartUploads: 's3:ListBucketMultipartUploads',
};

/** What a header asks for beside the object itself. */
const BY_HEADER: Readonly<Record<string, string>> = {
  'x-amz-acl': 's3:PutObjectAcl',
  'x-amz-tagging': 's3:PutObjectTagging',
};

/** Named in a query, it makes the call another one than its method says: `?acl`, `?tagging`, `?policy`. */
const SUBRESOURCE = /[?&](acl|cors|lifecycle|policy|retention|tagging|versioning|versions|versionId|attributes)(=|&|$)/;

/**
 * What a call needs to be allowed; undefined where that is not known here.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html
 */
export function s3Permissions(
  { operation = '', target, headers }: S3Request,
  environment: Environment,
): Permission[] | undefined {
  if (SUBRESOURCE.test(target)) return undefined;
  const resource = objectArn(target, environment);
  const onBucket = ON_BUCKET[operation];
  if (onBucket !== undefined) return [{ action: onBucket, resource: bucketArn(target, environment) }];
  const onObject = ON_OBJECT[operation];
  if (onObject === undefined) return undefined;
  const more = Object.entries(BY_HEADER).filter(([header]) => headers[header] !== undefined);
  const source = headers['x-amz-copy-source'];
  return [
    { action: onObject, resource },
    ...more.map(([, action]) => ({ action, resource })),
    ...(source === undefined ? [] : [{ action: 's3:GetObject', resource: sourceArn(String(source), environment) }]),
  ];
}

/** Without it a caller does not learn that an object is not there. https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html */
export function permissionToMiss(target: string, environment: Environment): Permission {
  return { action: 's3:ListBucket', resource: bucketArn(target, environment) };
}

export function keyOf(target: string): string {
  return decodeURIComponent(/^\/[^/?]*\/([^?]*)/.exec(target)?.[1] ?? '');
}

function bucketArn(target: string, { partition }: Environment): string {
  return `arn:${partition}:s3:::${bucketOf(target)}`;
}

function objectArn(target: string, environment: Environment): string {
  return `${bucketArn(target, environment)}/${keyOf(target)}`;
}

function sourceArn(source: string, { partition }: Environment): string {
  const path = decodeURIComponent(source.split('?')[0]!).replace(/^\//, '');
  return `arn:${partition}:s3:::${path}`;
}
