import { isDeepStrictEqual } from 'node:util';
import type { Resource } from '../template/resource-type.ts';
import type { TableProperties } from '../template/types/dynamodb.ts';
import { DynamoDbError } from './call.ts';

type Call = (operation: string, input: object) => Promise<Record<string, unknown>>;

/** The state folder holds a table with another key or other indexes than the template now declares. */
export class TableChangedError extends Error {
  override readonly name = 'TableChangedError';
  readonly code = 'TABLE_CHANGED';

  constructor(table: string) {
    super(
      `The kept table ${table} has another key or other indexes than the template: start once with --fresh to drop what is kept.`,
    );
  }
}

/** Makes the tables of the template; one that an earlier run left keeps its records. */
export async function createTables(call: Call, tables: readonly Resource<TableProperties>[]): Promise<void> {
  await Promise.all(tables.map((table) => createTable(call, table)));
}

async function createTable(call: Call, { ref, properties }: Resource<TableProperties>): Promise<void> {
  const { AttributeDefinitions, KeySchema } = properties;
  const indexes = (properties.GlobalSecondaryIndexes ?? []).map((index) => ({
    IndexName: index.IndexName,
    KeySchema: index.KeySchema,
    Projection: index.Projection,
  }));
  const left = await describe(call, ref);
  if (left) {
    if (!sameKeys(left, { KeySchema, GlobalSecondaryIndexes: indexes })) throw new TableChangedError(ref);
    return;
  }
  await call('CreateTable', {
    TableName: ref,
    AttributeDefinitions,
    KeySchema,
    BillingMode: 'PAY_PER_REQUEST',
    ...(indexes.length > 0 && { GlobalSecondaryIndexes: indexes }),
  });
  // Dynalite makes the table in the next turn of its event loop; until then it refuses items.
  while ((await describe(call, ref))?.TableStatus !== 'ACTIVE');
}

interface Description extends Partial<Pick<TableProperties, 'KeySchema' | 'GlobalSecondaryIndexes'>> {
  readonly TableStatus?: string;
}

async function describe(call: Call, name: string): Promise<Description | undefined> {
  try {
    return (await call('DescribeTable', { TableName: name })).Table as Description;
  } catch (error) {
    if (error instanceof DynamoDbError && error.code === 'ResourceNotFoundException') return undefined;
    throw error;
  }
}

function sameKeys(left: Description, right: Description): boolean {
  const keys = ({ KeySchema, GlobalSecondaryIndexes = [] }: Description): unknown => ({
    KeySchema,
    indexes: GlobalSecondaryIndexes.map(({ IndexName, KeySchema, Projection }) => ({
      IndexName,
      KeySchema,
      Projection,
    })).sort((a, b) => a.IndexName.localeCompare(b.IndexName)),
  });
  return isDeepStrictEqual(keys(left), keys(right));
}
