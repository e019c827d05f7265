import { expect, it } from 'vitest';
import { createMemoryApiKeys } from '../../adapters/memory/api-keys.ts';
import { authenticate, hashKey } from '../../app/authenticate.ts';

const apiKeys = createMemoryApiKeys({ [hashKey('key of 1')]: '1', [hashKey('key of 2')]: '2' });

it('a key opens for the user that it belongs to', async () => {
  expect(await authenticate(apiKeys, { userId: '1', apiKey: 'key of 1' })).toBe('1');
});

it.each([
  ["another user's", 'key of 2'],
  ['nobody’s', 'key of 3'],
])('a key that is %s opens for nobody', async (_, apiKey) => {
  await expect(authenticate(apiKeys, { userId: '1', apiKey })).rejects.toMatchObject({ code: 'invalid-credentials' });
});

it.each([
  [undefined, 'key of 1'],
  ['1', undefined],
  ['', ''],
])('a call without both, as %j and %j, is told so', async (userId, apiKey) => {
  await expect(authenticate(apiKeys, { userId, apiKey })).rejects.toMatchObject({ code: 'missing-credentials' });
});
