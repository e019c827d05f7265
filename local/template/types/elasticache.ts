import { z } from 'zod';
import { arn, generatedName, ignored, type Resource, resourceType, tags } from '../resource-type.ts';

export const REDIS_PORT = 6379;

const cacheProperties = z.strictObject({
  ServerlessCacheName: z.string().optional(),
  Engine: z.enum(['valkey', 'redis']),
  MajorEngineVersion: ignored('the local Redis is the one that the machine has'),
  Description: ignored('for people'),
  /** Decide which functions reach it; see `local/wiring/network.ts`. */
  SecurityGroupIds: z.array(z.string()).default([]),
  SubnetIds: ignored('all is on one machine: no network lies between'),
  CacheUsageLimits: ignored('one machine has no capacity to sell'),
  DailySnapshotTime: ignored('what Redis holds can be lost'),
  SnapshotRetentionLimit: ignored('what Redis holds can be lost'),
  KmsKeyId: ignored('encryption at rest changes no answer'),
  /** Who may do what there; see `local/wiring/cache.ts`. */
  UserGroupId: z.string().optional(),
  NetworkType: ignored('one machine: no address family to choose'),
  Tags: tags,
});

export type CacheProperties = z.infer<typeof cacheProperties>;

export const serverlessCache = resourceType('AWS::ElastiCache::ServerlessCache', {
  properties: cacheProperties,
  ref: ({ properties, ...resource }) => properties.ServerlessCacheName ?? generatedName(resource, 40).toLowerCase(),
  attributes: {
    ARN: (resource) => arn(resource, 'elasticache', `serverlesscache:${resource.ref}`),
    'Endpoint.Address': cacheHost,
    'Endpoint.Port': () => String(REDIS_PORT),
    'ReaderEndpoint.Address': cacheHost,
    'ReaderEndpoint.Port': () => String(REDIS_PORT + 1),
  },
});

export function cacheHost({ ref, environment }: Pick<Resource, 'ref' | 'environment'>): string {
  return `${ref}-local.serverless.use1.cache.${environment.urlSuffix}`;
}

export const user = resourceType('AWS::ElastiCache::User', {
  properties: z
    .strictObject({
      // Lower case, and no longer than this.
      UserId: z
        .string()
        .regex(/^[a-z](-?[a-z0-9])*$/)
        .max(40),
      UserName: z.string(),
      Engine: z.string(),
      AccessString: z.string(),
      // The token itself is for ElastiCache to check.
      AuthenticationMode: z.strictObject({ Type: z.literal('iam') }),
      Tags: tags,
    })
    .refine(
      ({ UserId, UserName }) => UserId === UserName,
      'a user that logs in with a role has one name as its id too',
    ),
  ref: ({ properties }) => properties.UserId,
  attributes: { Arn: (resource) => arn(resource, 'elasticache', `user:${resource.ref}`), Status: () => 'active' },
});

export const userGroup = resourceType('AWS::ElastiCache::UserGroup', {
  properties: z.strictObject({ UserGroupId: z.string(), Engine: z.string(), UserIds: z.array(z.string()), Tags: tags }),
  ref: ({ properties }) => properties.UserGroupId,
  attributes: { Arn: (resource) => arn(resource, 'elasticache', `usergroup:${resource.ref}`), Status: () => 'active' },
});
