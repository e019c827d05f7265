import { z } from 'zod';
import { arn, generatedName, ignored, resourceType, tags } from '../resource-type.ts';

/** https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html */
const MAX_TARGETS = 5;

export const rule = resourceType('AWS::Events::Rule', {
  properties: z.strictObject({
    Name: z.string().optional(),
    Description: ignored('for people'),
    ScheduleExpression: z.string(),
    State: z.enum(['ENABLED', 'DISABLED']).default('ENABLED'),
    Targets: z
      .array(
        z.strictObject({
          Id: z.string(),
          Arn: z.string(),
          Input: z.string().optional(),
          RetryPolicy: ignored('no delivery to a function of this machine fails'),
        }),
      )
      .max(MAX_TARGETS),
    Tags: tags,
  }),
  ref: ({ properties, ...resource }) => properties.Name ?? generatedName(resource, 64),
  attributes: { Arn: (resource) => arn(resource, 'events', `rule/${resource.ref}`) },
});
