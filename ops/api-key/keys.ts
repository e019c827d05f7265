import { randomBytes } from 'node:crypto';
import { DeleteCommand, PutCommand, paginateScan } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import { hashKey } from '../../app/authenticate.ts';
import { OperationError } from '../command.ts';
import type { Service } from '../service/service.ts';

type Store = Pick<Service, 'dynamodb' | 'apiKeysTable'>;

/** What is known of a key that exists. */
export interface KeyFacts {
  /** The beginning of its hash, by which it is revoked. */
  readonly id: string;
  readonly user: string;
  readonly name?: string | undefined;
  /** ISO 8601; unknown for a key that was put there in another way. */
  readonly createdAt?: string | undefined;
}

/** Half as many again as the 128 that make a key safe without a salt and a slow hash. */
const KEY_BITS = 192;

/** Of the hash: a list of a million keys has none twice, and nobody finds the key by it. */
const ID_CHARACTERS = 16;

const record = z.object({
  'key-hash': z.string(),
  'user-id': z.string(),
  name: z.string().optional(),
  'created-at': z.string().optional(),
});

/** @returns the key itself, which nobody can tell again. */
export async function createKey(
  { dynamodb, apiKeysTable }: Store,
  { user, name, now }: { readonly user: string; readonly name?: string | undefined; readonly now: Date },
): Promise<{ readonly key: string } & KeyFacts> {
  const key = `cap-${randomBytes(KEY_BITS / 8).toString('base64url')}`;
  const hash = hashKey(key);
  const item = { 'key-hash': hash, 'user-id': user, 'created-at': now.toISOString(), ...(name && { name }) };
  await dynamodb.send(new PutCommand({ TableName: apiKeysTable, Item: item }));
  return { key, ...toFacts(item) };
}

/** Those of `user`, or all, by user and age. */
export async function listKeys(store: Store, user?: string): Promise<KeyFacts[]> {
  const keys = (await readAll(store)).map(toFacts);
  return keys
    .filter((key) => user === undefined || key.user === user)
    .sort((a, b) => a.user.localeCompare(b.user) || (a.createdAt ?? '').localeCompare(b.createdAt ?? ''));
}

/** @param id or the beginning of it. @throws OperationError `unknown-key`, `ambiguous-key` */
export async function revokeKey(store: Store, id: string): Promise<KeyFacts> {
  const found = (await readAll(store)).filter((each) => each['key-hash'].startsWith(id));
  if (found.length === 0) {
    throw new OperationError('unknown-key', `There is no key with the id ${id}. See: npm run api-key -- list`);
  }
  if (found.length > 1) {
    const all = found.map((each) => toFacts(each).id).join(', ');
    throw new OperationError(
      'ambiguous-key',
      `Several keys have an id that begins with ${id}: ${all}. Give more of it.`,
    );
  }
  const { dynamodb, apiKeysTable } = store;
  await dynamodb.send(new DeleteCommand({ TableName: apiKeysTable, Key: { 'key-hash': found[0]!['key-hash'] } }));
  return toFacts(found[0]!);
}

/** Consistent: a key that was just made is in the list. */
async function readAll({ dynamodb, apiKeysTable }: Store): Promise<z.infer<typeof record>[]> {
  const found: z.infer<typeof record>[] = [];
  const pages = paginateScan({ client: dynamodb }, { TableName: apiKeysTable, ConsistentRead: true });
  for await (const { Items = [] } of pages) found.push(...Items.map((item) => record.parse(item)));
  return found;
}

function toFacts(stored: z.infer<typeof record>): KeyFacts {
  return {
    id: stored['key-hash'].slice(0, ID_CHARACTERS),
    user: stored['user-id'],
    name: stored.name,
    createdAt: stored['created-at'],
  };
}
