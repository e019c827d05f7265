import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';

/**
 * The `ExpressionAttributeNames` of these expressions: `#lease_until` stands for the attribute `lease-until`. Every name
 * goes through a placeholder, since a bare one may neither hold a dash nor be one of DynamoDB's 573 reserved words.
 */
export function attributeNames(...expressions: readonly string[]): Record<string, string> {
  const placeholders = expressions.flatMap((expression) => expression.match(/#\w+/g) ?? []);
  return Object.fromEntries(placeholders.map((name) => [name, name.slice(1).replaceAll('_', '-')]));
}

/** Runs a conditional write. @returns undefined when its condition did not hold. */
export async function unlessConditionFails<T>(write: Promise<T>): Promise<T | undefined> {
  try {
    return await write;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return undefined;
    throw error;
  }
}
