import { z } from 'zod';
import { generatedName, ignored, integer, type Resource, resourceType, tags } from '../resource-type.ts';
import { policyDocument } from './iam.ts';

const corsRule = z.strictObject({
  Id: z.string().optional(),
  AllowedMethods: z.array(z.enum(['GET', 'PUT', 'HEAD', 'POST', 'DELETE'])),
  AllowedOrigins: z.array(z.string()),
  AllowedHeaders: z.array(z.string()).default([]),
  ExposedHeaders: z.array(z.string()).default([]),
  MaxAge: integer.optional(),
});

export type CorsRule = z.infer<typeof corsRule>;

const MAX_BUCKET_NAME = 63;

const bucketProperties = z.strictObject({
  BucketName: z.string().optional(),
  CorsConfiguration: z.strictObject({ CorsRules: z.array(corsRule) }).optional(),
  LifecycleConfiguration: ignored('rules run once a day, after days: state here is cleared by --fresh'),
  BucketEncryption: ignored('encryption at rest changes no answer'),
  LoggingConfiguration: ignored('access logs go to a bucket that nothing reads'),
  OwnershipControls: ignored('there are no ACLs: one account'),
  PublicAccessBlockConfiguration: ignored('nothing is public here: an unsigned request is refused'),
  VersioningConfiguration: ignored('no version is ever asked for'),
  Tags: tags,
});

export type BucketProperties = z.infer<typeof bucketProperties>;

export const bucket = resourceType('AWS::S3::Bucket', {
  properties: bucketProperties,
  ref: ({ properties, ...resource }) => properties.BucketName ?? generatedName(resource, MAX_BUCKET_NAME).toLowerCase(),
  attributes: {
    Arn: ({ ref, environment }) => `arn:${environment.partition}:s3:::${ref}`,
    DomainName: ({ ref, environment }) => `${ref}.s3.${environment.urlSuffix}`,
    RegionalDomainName: regionalDomainName,
  },
});

/** How a CloudFront origin names a bucket. */
export function regionalDomainName({ ref, environment }: Pick<Resource, 'ref' | 'environment'>): string {
  return `${ref}.s3.${environment.region}.${environment.urlSuffix}`;
}

export const bucketPolicy = resourceType('AWS::S3::BucketPolicy', {
  properties: z.strictObject({ Bucket: z.string(), PolicyDocument: policyDocument }),
});
