import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { accessString } from '../../lib/constructs/redis-access.ts';
import { memoryLog } from '../../local/log.ts';
import { startRedis } from '../../local/redis/start-redis.ts';

/** What the environment says of the login, against a Redis that looks at it. */

let running = new AsyncDisposableStack();
beforeEach(() => {
  vi.resetModules();
  vi.stubEnv('AWS_LAMBDA_FUNCTION_NAME', 'process');
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await running.disposeAsync();
  running = new AsyncDisposableStack();
});

/** With one connection for all, as in a function that has just started. */
const wiring = () => import('../../lambdas/wiring.ts');

async function redisWith(login: { readonly username: string; readonly password: string }): Promise<string> {
  const stateDir = await mkdtemp(join(tmpdir(), 'redis-login-'));
  running.defer(() => rm(stateDir, { recursive: true }));
  const redis = running.use(await startRedis({ stateDir, env: {}, prefer: 'embedded', log: memoryLog() }));
  await redis.setUsers([{ name: login.username, accessString: accessString(['ring']) }]);
  redis.checkLogins((username, password) => username === login.username && password === login.password);
  return redis.url;
}

/** Of the only secret that is asked for. */
async function secretsManagerWith(secret: unknown): Promise<{ readonly url: string; readonly asked: unknown[] }> {
  const asked: unknown[] = [];
  const server = createServer(async (request, response) => {
    asked.push(JSON.parse(Buffer.concat(await request.toArray()).toString()));
    response.writeHead(200, { 'content-type': 'application/x-amz-json-1.1' });
    response.end(JSON.stringify({ SecretString: JSON.stringify(secret) }));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  running.defer(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}

it('reads user and password in the secret, and comes in with them', async () => {
  const login = { username: 'app', password: 'from the secret' };
  const secrets = await secretsManagerWith(login);
  vi.stubEnv('REDIS_URL', await redisWith(login));
  vi.stubEnv('REDIS_LOGIN', 'secret');
  vi.stubEnv('REDIS_SECRET', 'redis/login');
  vi.stubEnv('AWS_ENDPOINT_URL_SECRETS_MANAGER', secrets.url);
  vi.stubEnv('AWS_REGION', 'us-east-1');
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'test');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'test');
  const { bus } = await wiring();
  expect(await bus().ring({ wsUuid: '2f9d6a63-43a7-4b0e-9f61-0a3f4f1f7a11', shard: 0 })).toEqual({ wake: true });
  expect(secrets.asked).toEqual([{ SecretId: 'redis/login' }]);
});

it.each(['', 'password', 'IAM'])('does not start where it is said to log in by %o', async (how) => {
  const { bus } = await wiring();
  vi.stubEnv('REDIS_URL', 'redis://127.0.0.1:1');
  vi.stubEnv('REDIS_LOGIN', how);
  expect(() => bus()).toThrow('The environment variable REDIS_LOGIN');
});
