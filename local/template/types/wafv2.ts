import { z } from 'zod';
import { generatedId, ignored, resourceType } from '../resource-type.ts';

/** Nobody attacks one machine, and nothing here counts requests: what it would refuse is let through. */
export const webAcl = resourceType('AWS::WAFv2::WebACL', {
  properties: z.record(z.string(), ignored('there is no firewall here')),
  ref: (resource) => generatedId(resource, 36),
  attributes: {
    Arn: ({ ref, environment: { partition, region, accountId } }) =>
      `arn:${partition}:wafv2:${region}:${accountId}:global/webacl/${ref}`,
  },
});
