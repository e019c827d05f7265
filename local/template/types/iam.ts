import { z } from 'zod';
import { generatedName, ignored, resourceType, tags } from '../resource-type.ts';

const oneOrMore = z.union([z.string().transform((one) => [one]), z.array(z.string())]);

const statement = z.strictObject({
  Sid: z.string().optional(),
  Effect: z.enum(['Allow', 'Deny']),
  Action: oneOrMore,
  Resource: oneOrMore.optional(),
  Principal: z.union([z.string(), z.record(z.string(), oneOrMore)]).optional(),
  Condition: z.record(z.string(), z.record(z.string(), z.unknown())).optional(),
});

export type PolicyStatement = z.infer<typeof statement>;

export const policyDocument = z.strictObject({
  Version: z.string(),
  Statement: z.union([z.array(statement), statement.transform((one) => [one])]),
});

const namedPolicy = z.strictObject({ PolicyName: z.string(), PolicyDocument: policyDocument });

const MAX_ROLE_NAME = 64;

export const role = resourceType('AWS::IAM::Role', {
  properties: z.strictObject({
    RoleName: z.string().optional(),
    AssumeRolePolicyDocument: policyDocument,
    ManagedPolicyArns: z.array(z.string()).default([]),
    Policies: z.array(namedPolicy).default([]),
    Description: ignored('for people'),
    MaxSessionDuration: ignored('keys here do not end'),
    Tags: tags,
  }),
  ref: ({ properties, ...resource }) => properties.RoleName ?? generatedName(resource, MAX_ROLE_NAME),
  attributes: {
    Arn: ({ ref, environment }) => `arn:${environment.partition}:iam::${environment.accountId}:role/${ref}`,
    RoleId: ({ ref }) => ref,
  },
});

export const policy = resourceType('AWS::IAM::Policy', {
  properties: z.strictObject({
    PolicyName: z.string(),
    PolicyDocument: policyDocument,
    Roles: z.array(z.string()).min(1),
  }),
});

export const managedPolicy = resourceType('AWS::IAM::ManagedPolicy', {
  properties: z.strictObject({
    ManagedPolicyName: z.string().optional(),
    Description: ignored('for people'),
    Path: ignored('part of the name only'),
    PolicyDocument: policyDocument,
    Roles: z.array(z.string()).default([]),
  }),
});
