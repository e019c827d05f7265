import { GetCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import type { ApiKeys } from '../../app/ports.ts';
import type { DynamoTable } from './client.ts';

const record = z.object({ 'key-hash': z.string(), 'user-id': z.string() });

export function createDynamoApiKeys({ client, table }: DynamoTable): ApiKeys {
  return {
    async userOf(sha256Hex) {
      // Consistent: a key that was just made works at once, and one that was just deleted does not.
      const command = new GetCommand({ TableName: table, Key: { 'key-hash': sha256Hex }, ConsistentRead: true });
      const { Item } = await client.send(command);
      return Item && record.parse(Item)['user-id'];
    },
  };
}
