import { type DynamoDBDocumentClient, PutCommand, ScanCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createDynamoApiKeys } from '../../adapters/dynamodb/api-keys.ts';
import { folderOf } from '../../adapters/s3/keys.ts';
import { authenticate, hashKey } from '../../app/authenticate.ts';
import { parseApiKeyArguments, USER_ID } from '../../ops/api-key/arguments.ts';
import { createKey, listKeys, revokeKey } from '../../ops/api-key/keys.ts';
import { UsageError } from '../../ops/command.ts';
import { type DynamoServer, startDynamo } from '../adapters/servers.ts';

const NOW = new Date('2026-01-02T03:04:05Z');

describe('a key', () => {
  let server: DynamoServer;
  let dynamodb: DynamoDBDocumentClient;
  let store: { dynamodb: DynamoDBDocumentClient; apiKeysTable: string };
  beforeAll(async () => {
    server = await startDynamo();
    dynamodb = server.client;
  });
  beforeEach(async () => {
    store = { dynamodb, apiKeysTable: await server.createTable(['key-hash']) };
  });
  afterAll(async () => {
    await server?.[Symbol.asyncDispose]();
  });

  /** As the functions do it: may this user come in with this key? */
  const letsIn = (userId: string, apiKey: string) =>
    authenticate(createDynamoApiKeys({ client: dynamodb, table: store.apiKeysTable }), { userId, apiKey }).then(
      () => true,
      () => false,
    );

  it('opens the service for its user, and for nobody else', async () => {
    const { key } = await createKey(store, { user: '1', now: NOW });
    expect(await letsIn('1', key)).toBe(true);
    expect(await letsIn('2', key)).toBe(false);
  });

  it('has 192 random bits, in characters that any header takes', async () => {
    const keys = await Promise.all([1, 2].map(() => createKey(store, { user: '1', now: NOW })));
    expect(keys[0]!.key).toMatch(/^cap-[A-Za-z0-9_-]{32}$/);
    expect(keys[1]!.key).not.toBe(keys[0]!.key);
  });

  it('is not kept: neither the list nor the table has it', async () => {
    const { key, id } = await createKey(store, { user: '1', name: 'laptop', now: NOW });
    const listed = await listKeys(store);
    expect(listed).toEqual([{ id, user: '1', name: 'laptop', createdAt: NOW.toISOString() }]);
    expect(hashKey(key).startsWith(id)).toBe(true);
    const stored = await dynamodb.send(new ScanCommand({ TableName: store.apiKeysTable }));
    expect(stored.Items).toHaveLength(1);
    expect(JSON.stringify(stored.Items)).not.toContain(key.slice('cap-'.length));
  });

  it('that was put there without a name and a time is listed as well', async () => {
    const item = { 'key-hash': hashKey('by hand'), 'user-id': '7' };
    await dynamodb.send(new PutCommand({ TableName: store.apiKeysTable, Item: item }));
    expect(await listKeys(store)).toEqual([{ id: item['key-hash'].slice(0, 16), user: '7' }]);
  });

  it('is listed with those of its user, by age', async () => {
    const late = await createKey(store, { user: 'b', now: new Date('2026-03-01') });
    const early = await createKey(store, { user: 'b', now: new Date('2026-02-01') });
    const other = await createKey(store, { user: 'a', now: NOW });
    expect((await listKeys(store)).map(({ id }) => id)).toEqual([other.id, early.id, late.id]);
    expect((await listKeys(store, 'b')).map(({ id }) => id)).toEqual([early.id, late.id]);
    expect(await listKeys(store, 'nobody')).toEqual([]);
  });

  it('opens nothing from the moment at which it is revoked, and the others go on', async () => {
    const [gone, kept] = [
      await createKey(store, { user: '1', now: NOW }),
      await createKey(store, { user: '1', now: NOW }),
    ];
    expect(await revokeKey(store, gone.id)).toMatchObject({ id: gone.id, user: '1' });
    expect(await letsIn('1', gone.key)).toBe(false);
    expect(await letsIn('1', kept.key)).toBe(true);
    await expect(revokeKey(store, gone.id)).rejects.toMatchObject({ code: 'unknown-key' });
  });

  it('is revoked by the beginning of its id only where no other begins so', async () => {
    for (const hash of ['aaaa1', 'aaaa2', 'bbbb1']) {
      const item = { 'key-hash': hash.padEnd(64, '0'), 'user-id': '1' };
      await dynamodb.send(new PutCommand({ TableName: store.apiKeysTable, Item: item }));
    }
    await expect(revokeKey(store, 'aaaa')).rejects.toMatchObject({ code: 'ambiguous-key' });
    expect(await listKeys(store)).toHaveLength(3);
    expect(await revokeKey(store, 'bbbb')).toMatchObject({ id: 'bbbb100000000000' });
  });
});

describe('npm run api-key', () => {
  it('is for the service on this machine unless it is told otherwise', () => {
    expect(parseApiKeyArguments(['create', '--user', '1'])).toMatchObject({
      command: 'create',
      user: '1',
      target: { where: 'local' },
    });
    expect(parseApiKeyArguments(['list', '--deployed', '--region', 'eu-central-1', '--profile', 'p'])).toMatchObject({
      command: 'list',
      target: { where: 'deployed', region: 'eu-central-1', profile: 'p' },
    });
    expect(parseApiKeyArguments(['revoke', 'abcd'])).toMatchObject({ command: 'revoke', id: 'abcd' });
    expect(parseApiKeyArguments(['create', '--help'])).toEqual({ command: 'help' });
  });

  it.each([
    [[]],
    [['make']],
    [['create']],
    [['create', '--user', '']],
    [['create', '--user', '../1']],
    [['create', '--user', '1', '--name', 'two\nlines']],
    [['create', '--user', '1', 'surplus']],
    [['create', '--user', '1', '--region', 'eu-central-1']],
    [['list', '--deployed', '--region', 'Europe']],
    [['list', '--users', '1']],
    [['revoke']],
    [['revoke', 'ABCD']],
    [['revoke', 'abcd', 'ef01']],
  ])('refuses %j', (args) => {
    expect(() => parseApiKeyArguments(args)).toThrow(UsageError);
  });

  it('does not repeat what may be a key', () => {
    expect(() => parseApiKeyArguments(['revoke', 'cap-secret'])).toThrow(/^(?!.*secret)/);
  });

  it.each(['1', 'a.b_c-d', 'x'.repeat(128), '', '../x', '-x', 'ä', 'a b', 'x'.repeat(129)])(
    'makes keys for those users only whose files have a place in the bucket: %j',
    (owner) => {
      const source = { owner, sourceUuid: '00000000-0000-4000-8000-000000000000', generation: 1 };
      let stored = true;
      try {
        folderOf(source);
      } catch {
        stored = false;
      }
      expect(USER_ID.test(owner)).toBe(stored);
    },
  );
});
