import { z } from 'zod';
import { flag, ignored, resourceType } from '../resource-type.ts';

const bucketDeploymentProperties = z.strictObject({
  ServiceToken: z.string(),
  SourceBucketNames: z.array(z.string()),
  SourceObjectKeys: z.array(z.string()),
  SourceMarkers: z.array(z.strictObject({})).optional(),
  DestinationBucketName: z.string(),
  DestinationBucketKeyPrefix: z.string().default(''),
  Prune: flag.default(true),
  SystemMetadata: z.record(z.string(), z.string()).default({}),
  Extract: z.literal(true).optional(),
  RetainOnDelete: ignored('nothing is deleted but by --fresh'),
  DistributionId: ignored('nothing is cached here'),
  DistributionPaths: ignored('nothing is cached here'),
  WaitForDistributionInvalidation: ignored('nothing is cached here'),
  OutputObjectKeys: ignored('only its own attribute would show them'),
});

export type BucketDeploymentProperties = z.infer<typeof bucketDeploymentProperties>;

/** Copies an asset into a bucket. On AWS a Python function of the CDK does it, here the local runtime itself. */
export const bucketDeployment = resourceType('Custom::CDKBucketDeployment', {
  properties: bucketDeploymentProperties,
});

/** Empties a bucket when its stack is deleted. */
export const autoDeleteObjects = resourceType('Custom::S3AutoDeleteObjects', {
  properties: z.strictObject({ ServiceToken: z.string(), BucketName: z.string() }),
});

/** Takes the rules of a VPC's default security group away. */
export const restrictDefaultSecurityGroup = resourceType('Custom::VpcRestrictDefaultSG', {
  properties: z.strictObject({ ServiceToken: z.string(), DefaultSecurityGroupId: z.string(), Account: z.string() }),
});

/** Tells AWS which version of the CDK was used. */
export const cdkMetadata = resourceType('AWS::CDK::Metadata', {
  properties: z.strictObject({ Analytics: ignored('statistics for AWS') }),
});
