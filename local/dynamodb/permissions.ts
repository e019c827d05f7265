import type { Permission } from '../iam/policy.ts';
import { arn, type Environment } from '../template/resource-type.ts';

type Request = Readonly<Record<string, unknown>>;

/** What the parts of a transaction are called, and the permission that each of them needs on its table. */
const TRANSACTION_PARTS: Readonly<Record<string, string>> = {
  Get: 'GetItem',
  Put: 'PutItem',
  Update: 'UpdateItem',
  Delete: 'DeleteItem',
  ConditionCheck: 'ConditionCheckItem',
};

/**
 * What a call needs to be allowed.
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazondynamodb.html
 */
export function dynamoDbPermissions(operation: string, request: Request, environment: Environment): Permission[] {
  const table = (name: unknown): string =>
    String(name).startsWith('arn:') ? String(name) : arn({ environment }, 'dynamodb', `table/${name}`);
  const { TableName, IndexName, RequestItems, TransactItems } = request;
  if (Array.isArray(TransactItems)) {
    return TransactItems.flatMap((item: Readonly<Record<string, Request>>) =>
      Object.entries(item).map(([part, { TableName: name }]) => ({
        action: `dynamodb:${TRANSACTION_PARTS[part] ?? part}`,
        resource: table(name),
      })),
    );
  }
  const action = `dynamodb:${operation}`;
  if (isRecord(RequestItems)) return Object.keys(RequestItems).map((name) => ({ action, resource: table(name) }));
  if (TableName === undefined) return [{ action, resource: '*' }];
  const index = IndexName === undefined ? '' : `/index/${IndexName}`;
  return [{ action, resource: `${table(TableName)}${index}` }];
}

function isRecord(value: unknown): value is Request {
  return typeof value === 'object' && value !== null;
}
