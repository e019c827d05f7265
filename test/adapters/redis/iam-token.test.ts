import { expect, it } from 'vitest';
import { createMemoryLog } from '../../../adapters/memory/log.ts';
import { createRedis } from '../../../adapters/redis/client.ts';
import { createIamCredentials, type IamTokenOptions } from '../../../adapters/redis/iam-token.ts';
import { startFakeNode } from './fake-node.ts';
import { PATIENT } from './patient.ts';

const AT = Date.UTC(2026, 0, 2, 3, 4, 5);

function make(options: Partial<IamTokenOptions> = {}) {
  return createIamCredentials({
    user: 'sourceuploadapi-process',
    cache: 'sourceuploadnetwork-cache',
    credentials: async () => ({
      accessKeyId: 'AKIDEXAMPLE',
      secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
      sessionToken: 'IQoJb3JpZ2luX2VjE+/==',
    }),
    region: async () => 'eu-central-1',
    now: () => AT,
    ...options,
  });
}

// The signatures were calculated by another program, in Python, from the description of Signature Version 4.
it('is the address of a signed request to connect to this cache as this user, for 15 minutes, without its scheme', async () => {
  const { username, password } = await make()();
  expect(username).toBe('sourceuploadapi-process');
  expect(password).toMatch(/^sourceuploadnetwork-cache\/\?Action=connect&/);
  expect(Object.fromEntries(new URL(`http://${password}`).searchParams)).toEqual({
    Action: 'connect',
    User: 'sourceuploadapi-process',
    ResourceType: 'ServerlessCache',
    'X-Amz-Algorithm': 'AWS4-HMAC-SHA256',
    'X-Amz-Credential': 'AKIDEXAMPLE/20260102/eu-central-1/elasticache/aws4_request',
    'X-Amz-Date': '20260102T030405Z',
    'X-Amz-Expires': '900',
    'X-Amz-Security-Token': 'IQoJb3JpZ2luX2VjE+/==',
    'X-Amz-SignedHeaders': 'host',
    'X-Amz-Signature': 'bb28ac611af7a8295f24540c5f9e549f413413bddec8762c044e7602d5599d11',
  });
});

it('carries no session token where the credentials have none', async () => {
  const credentials = async () => ({
    accessKeyId: 'AKIDEXAMPLE',
    secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
  });
  const { password } = await make({ credentials })();
  expect(password).not.toContain('X-Amz-Security-Token');
  expect(password).toMatch(/X-Amz-Signature=92c3c078118d52082abdb070fb902f79d4c841a0b44895a2ab46b18a9e69de50$/);
});

it('is made anew for each connect, of the time and the credentials of then', async () => {
  let now = AT;
  await using node = await startFakeNode();
  await using redis = createRedis({
    url: node.url,
    log: createMemoryLog(),
    credentials: make({ now: () => now }),
    ...PATIENT,
  });
  await redis.run((cluster) => cluster.get('{k}'));
  now += 3_600_000;
  node.hangUp();
  await redis.run((cluster) => cluster.get('{k}'));
  const dates = node.logins.map(([, token]) => new URL(`http://${token}`).searchParams.get('X-Amz-Date'));
  expect(new Set(dates)).toEqual(new Set(['20260102T030405Z', '20260102T040405Z']));
  expect(dates.at(-1)).toBe('20260102T040405Z');
});

it('is not sent where the URL says who logs in', async () => {
  await using node = await startFakeNode();
  const url = node.url.replace('//', '//default:other@');
  await using redis = createRedis({ url, log: createMemoryLog(), credentials: make(), ...PATIENT });
  await redis.run((cluster) => cluster.get('{k}'));
  expect(new Set(node.logins.flat())).toEqual(new Set(['default', 'other']));
});
