import { paginateQuery } from '@aws-sdk/lib-dynamodb';
import type { DynamoTable } from './client.ts';
import { attributeNames } from './expressions.ts';

export interface Counted {
  readonly index: string;
  readonly condition: string;
  readonly values: Readonly<Record<string, unknown>>;
}

/**
 * Counts entries of an index, up to `most`. Only keys are in it, some 100 bytes each: half a read unit for every 40 that
 * are counted.
 */
export async function countUpTo(
  { client, table }: DynamoTable,
  { index, condition, values }: Counted,
  most: number,
): Promise<number> {
  const query = {
    TableName: table,
    IndexName: index,
    Select: 'COUNT',
    Limit: most,
    KeyConditionExpression: condition,
    ExpressionAttributeNames: attributeNames(condition),
    ExpressionAttributeValues: { ...values },
  } as const;
  let count = 0;
  for await (const { Count = 0 } of paginateQuery({ client }, query)) {
    count += Count;
    if (count >= most) return most;
  }
  return count;
}
