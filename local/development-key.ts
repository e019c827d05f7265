import { createHash } from 'node:crypto';
import type { DynamoDbService } from './dynamodb/service.ts';
import type { Template } from './template/template.ts';
import { lambdaFunction } from './template/types/lambda.ts';

/** In every copy of this repository: it opens nothing but the service on the machine that runs it. */
export const DEVELOPMENT_USER = '1';
export const DEVELOPMENT_KEY = 'cap-dev-OPJC6oTQ-ebB7xRdd-7xydxD0C-oYVbyOYl';

const TABLE_VARIABLE = 'API_KEYS_TABLE';

/** Puts the key where `npm run api-key` puts one on AWS: the table of the keys, by its hash. */
export async function seedDevelopmentKey(template: Template, call: DynamoDbService['call']): Promise<void> {
  const variables = template.of(lambdaFunction).map(({ properties }) => properties.Environment?.Variables ?? {});
  const table = variables.find((each) => each[TABLE_VARIABLE] !== undefined)?.[TABLE_VARIABLE];
  if (table === undefined) return;
  await call('PutItem', {
    TableName: table,
    Item: {
      'key-hash': { S: createHash('sha256').update(DEVELOPMENT_KEY).digest('hex') },
      'user-id': { S: DEVELOPMENT_USER },
    },
  });
}
