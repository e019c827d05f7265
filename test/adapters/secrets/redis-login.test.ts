import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, expect, it } from 'vitest';
import { createManualClock } from '../../../adapters/memory/clock.ts';
import { createSecretRedisLogin } from '../../../adapters/secrets/redis-login.ts';

const client = new SecretsManagerClient({ region: 'us-east-1' });
const mock = mockClient(client);
const clock = createManualClock();
const holding = (secret: string | undefined) => mock.on(GetSecretValueCommand).resolves({ SecretString: secret });
const login = () => createSecretRedisLogin({ client, secretId: 'redis/login', clock });

beforeEach(() => mock.reset());

it('is what the secret of that name holds', async () => {
  holding('{"username":"app","password":"first","engine":"redis"}');
  expect(await login()()).toEqual({ username: 'app', password: 'first' });
  expect(mock.commandCalls(GetSecretValueCommand, { SecretId: 'redis/login' })).toHaveLength(1);
});

it('is looked up again after a minute, so that a new password needs no deployment', async () => {
  const credentials = login();
  holding('{"username":"app","password":"first"}');
  await credentials();
  holding('{"username":"app","password":"second"}');
  await clock.advance(59_999);
  expect(await credentials()).toMatchObject({ password: 'first' });
  await clock.advance(1);
  expect(await credentials()).toMatchObject({ password: 'second' });
});

it('stays as it was while Secrets Manager cannot be asked, which is asked again by the next connect', async () => {
  const credentials = login();
  holding('{"username":"app","password":"first"}');
  await credentials();
  await clock.advance(60_000);
  mock.on(GetSecretValueCommand).rejects(new Error('throttled'));
  expect(await credentials()).toMatchObject({ password: 'first' });
  holding('{"username":"app","password":"second"}');
  expect(await credentials()).toMatchObject({ password: 'second' });
});

it('fails where it was never read', async () => {
  mock.on(GetSecretValueCommand).rejects(new Error('access denied'));
  await expect(login()()).rejects.toThrow('access denied');
});

it.each([undefined, '', 'hunter2', 'null', '"hunter2"', '{"password":"hunter2"}', '{"username":"a","password":2}'])(
  'says what the secret has to be, and nothing of what it is: %s',
  async (secret) => {
    holding(secret);
    const error = await login()().catch((reason: Error) => reason);
    expect(String(error)).toBe(
      'Error: The secret of the login to Redis has to be JSON with a "username" and a "password".',
    );
  },
);
