import { z } from 'zod';
import { arn, flag, generatedId, generatedName, ignored, integer, resourceType, tags } from '../resource-type.ts';

const secretProperties = z.strictObject({
  Name: z.string().optional(),
  Description: ignored('for people'),
  /** Its value is made here, once. */
  GenerateSecretString: z.strictObject({ PasswordLength: integer, ExcludePunctuation: flag.default(false) }),
  KmsKeyId: ignored('encryption at rest changes no answer'),
  Tags: tags,
});

export type SecretProperties = z.infer<typeof secretProperties>;

/** AWS adds six letters of its own to the name, lest a secret that comes after a deleted one is taken for it. */
export const secret = resourceType('AWS::SecretsManager::Secret', {
  properties: secretProperties,
  ref: ({ properties, ...resource }) =>
    arn(
      resource,
      'secretsmanager',
      `secret:${properties.Name ?? generatedName(resource, 64)}-${generatedId(resource, 6)}`,
    ),
  attributes: { Id: ({ ref }) => ref },
});

export const rotationSchedule = resourceType('AWS::SecretsManager::RotationSchedule', {
  properties: z.strictObject({
    SecretId: z.string(),
    RotationLambdaARN: z.string(),
    RotationRules: z.strictObject({ AutomaticallyAfterDays: integer }),
    RotateImmediatelyOnUpdate: flag.default(true),
  }),
  ref: ({ properties }) => properties.SecretId,
});
