import { z } from 'zod';
import { arn, flag, generatedId, generatedName, ignored, integer, resourceType, tags } from '../resource-type.ts';

const MAX_FUNCTION_NAME = 64;

const functionProperties = z.strictObject({
  FunctionName: z.string().optional(),
  Code: z.strictObject({ S3Bucket: z.string(), S3Key: z.string() }),
  Handler: z.string(),
  Runtime: z.string(),
  Environment: z.strictObject({ Variables: z.record(z.string(), z.string()) }).optional(),
  MemorySize: integer.default(128),
  Timeout: integer.default(3),
  Role: z.string(),
  RecursiveLoop: z.enum(['Allow', 'Terminate']).optional(),
  Layers: z.array(z.string()).optional(),
  EphemeralStorage: ignored("the machine's own /tmp is used"),
  Architectures: ignored("the code is JavaScript: it runs on the machine's own processor"),
  /** Decides what the function can reach; see `local/wiring/network.ts`. */
  VpcConfig: z
    .strictObject({
      SecurityGroupIds: z.array(z.string()),
      SubnetIds: z.array(z.string()),
      Ipv6AllowedForDualStack: flag.default(false),
    })
    .optional(),
  /** Traces go nowhere, but the role has to allow them. */
  TracingConfig: z.strictObject({ Mode: z.enum(['Active', 'PassThrough']) }).optional(),
  /** Logs go to the terminal, but the role has to allow them. */
  LoggingConfig: z
    .strictObject({
      LogGroup: z.string().optional(),
      LogFormat: ignored('each line goes to the terminal as it is'),
      ApplicationLogLevel: ignored('each line goes to the terminal as it is'),
      SystemLogLevel: ignored('each line goes to the terminal as it is'),
    })
    .optional(),
  Description: ignored('for people'),
  Tags: tags,
});

export type FunctionProperties = z.infer<typeof functionProperties>;

export const lambdaFunction = resourceType('AWS::Lambda::Function', {
  properties: functionProperties,
  ref: ({ properties, ...resource }) => properties.FunctionName ?? generatedName(resource, MAX_FUNCTION_NAME),
  attributes: { Arn: (resource) => arn(resource, 'lambda', `function:${resource.ref}`) },
});

/** `arn:…:function:name`, `arn:…:function:name:qualifier` and the name itself all name a function. */
export function functionName(nameOrArn: string): string {
  return nameOrArn.startsWith('arn:') ? nameOrArn.split(':')[6]! : nameOrArn;
}

export const permission = resourceType('AWS::Lambda::Permission', {
  properties: z.strictObject({
    Action: z.string(),
    FunctionName: z.string(),
    Principal: z.string(),
    SourceArn: z.string().optional(),
    SourceAccount: z.string().optional(),
  }),
});

export const eventInvokeConfig = resourceType('AWS::Lambda::EventInvokeConfig', {
  properties: z.strictObject({
    FunctionName: z.string(),
    Qualifier: z.literal('$LATEST'),
    MaximumRetryAttempts: integer.optional(),
    MaximumEventAgeInSeconds: integer.optional(),
  }),
});

export const eventSourceMapping = resourceType('AWS::Lambda::EventSourceMapping', {
  properties: z.strictObject({
    FunctionName: z.string(),
    EventSourceArn: z.string(),
    BatchSize: integer.default(10),
    MaximumBatchingWindowInSeconds: integer.default(0),
    FunctionResponseTypes: z.array(z.literal('ReportBatchItemFailures')).default([]),
    ScalingConfig: z.strictObject({ MaximumConcurrency: integer }).optional(),
    Enabled: flag.default(true),
    Tags: tags,
  }),
  ref: (resource) => generatedId(resource, 24),
});

/** Only the CDK's own helper functions have layers, and they are not started. */
export const layerVersion = resourceType('AWS::Lambda::LayerVersion', {
  properties: z.strictObject({
    Content: z.strictObject({ S3Bucket: z.string(), S3Key: z.string() }),
    Description: ignored('for people'),
    LayerName: z.string().optional(),
    CompatibleRuntimes: ignored('no layer is unpacked here'),
  }),
  ref: (resource) => arn(resource, 'lambda', `layer:${generatedName(resource, 64)}:1`),
});
