import { z } from 'zod';
import { arn, flag, generatedName, ignored, type Resource, resourceType, tags } from '../resource-type.ts';

const keySchema = z.array(z.strictObject({ AttributeName: z.string(), KeyType: z.enum(['HASH', 'RANGE']) })).min(1);

const projection = z.strictObject({
  ProjectionType: z.enum(['ALL', 'KEYS_ONLY', 'INCLUDE']),
  NonKeyAttributes: z.array(z.string()).optional(),
});

const capacity = {
  OnDemandThroughput: ignored('one machine has no throughput to sell'),
  WriteOnDemandThroughputSettings: ignored('one machine has no throughput to sell'),
  ReadOnDemandThroughputSettings: ignored('one machine has no throughput to sell'),
  WarmThroughput: ignored('one machine has no throughput to sell'),
  ContributorInsightsSpecification: ignored('metrics only'),
};

const safety = {
  PointInTimeRecoverySpecification: ignored('there is nothing to restore from on one machine'),
  DeletionProtectionEnabled: ignored('nothing is deleted but by --fresh'),
  SSESpecification: ignored('encryption at rest changes no answer'),
};

const common = {
  TableName: z.string().optional(),
  AttributeDefinitions: z.array(z.strictObject({ AttributeName: z.string(), AttributeType: z.enum(['S', 'N', 'B']) })),
  BillingMode: z.literal('PAY_PER_REQUEST'),
  GlobalSecondaryIndexes: z
    .array(z.strictObject({ IndexName: z.string(), KeySchema: keySchema, Projection: projection, ...capacity }))
    .optional(),
  KeySchema: keySchema,
  // Deletion is days late on AWS and never happens here: the service filters by itself.
  TimeToLiveSpecification: z.strictObject({ AttributeName: z.string().optional(), Enabled: flag }).optional(),
  TableClass: ignored('the price only'),
  ...capacity,
};

export type TableProperties = z.infer<z.ZodObject<typeof common>>;

export const table = resourceType('AWS::DynamoDB::Table', {
  properties: z.strictObject({ ...common, ...safety, Tags: tags }),
  ref: ({ properties, ...resource }) => properties.TableName ?? generatedName(resource, 255),
  attributes: { Arn: tableArn },
});

const replica = z.strictObject({
  Region: z.string(),
  GlobalSecondaryIndexes: z.array(z.strictObject({ IndexName: z.string(), ...capacity })).optional(),
  TableClass: ignored('the price only'),
  Tags: tags,
  ...capacity,
  ...safety,
});

/** What the CDK's `TableV2` makes; with one replica it is a table like any other. */
export const globalTable = resourceType('AWS::DynamoDB::GlobalTable', {
  properties: z.strictObject({
    ...common,
    Replicas: z.array(replica).length(1, 'the local runtime has one region'),
    SSESpecification: safety.SSESpecification,
  }),
  ref: ({ properties, ...resource }) => properties.TableName ?? generatedName(resource, 255),
  attributes: { Arn: tableArn },
});

function tableArn(resource: Resource): string {
  return arn(resource, 'dynamodb', `table/${resource.ref}`);
}
