import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GetSecretValueCommand } from '@aws-sdk/client-secrets-manager';
import { afterEach, describe, expect, it } from 'vitest';
import { createManualClock } from '../../../adapters/memory/clock.ts';
import { createSecretsClient } from '../../../adapters/secrets/client.ts';
import { createSecretSocketKeyVersions } from '../../../adapters/secrets/socket-key-versions.ts';
import { createSecretSocketKeys } from '../../../adapters/secrets/socket-keys.ts';
import { rotateSocketKey } from '../../../app/rotate-socket-key.ts';
import { openCredentialStore } from '../../../local/iam/credentials.ts';
import { startSecrets } from '../../../local/secrets/service.ts';
import { socketKeysContract } from '../contracts/socket-keys.ts';
import { patient } from '../servers.ts';

const SECRET = 'arn:aws:secretsmanager:us-east-1:000000000000:secret:tokens-abcdef';

let running = new AsyncDisposableStack();
afterEach(async () => {
  await running.disposeAsync();
  running = new AsyncDisposableStack();
});

/** The local Secrets Manager with one secret, and clients of the service's own. */
async function start(dataDir?: string) {
  const clock = createManualClock();
  const credentials = await openCredentialStore();
  const dir = dataDir ?? (await mkdtemp(join(tmpdir(), 'secrets-')));
  if (!dataDir) running.defer(() => rm(dir, { recursive: true, force: true }));
  const properties = { GenerateSecretString: { PasswordLength: 64, ExcludePunctuation: true } };
  const secrets = running.use(
    await startSecrets({ secrets: [{ ref: SECRET, properties } as never], credentials, dataDir: dir, clock }),
  );
  const newClient = () => {
    const client = patient(
      createSecretsClient({
        endpoint: secrets.url,
        region: 'us-east-1',
        credentials: credentials.root,
        maxAttempts: 1,
      }),
    );
    running.defer(() => client.destroy());
    return client;
  };
  const client = newClient();
  const versions = createSecretSocketKeyVersions({ client, secretId: SECRET });
  const rotate = () =>
    secrets.rotate(SECRET, async ({ Step: step, ClientRequestToken: versionId }) => {
      await rotateSocketKey(versions, { step, versionId });
      await rotateSocketKey(versions, { step, versionId }); // Secrets Manager may call twice
    });
  const keys = () => createSecretSocketKeys({ client: newClient(), secretId: SECRET, clock });
  return { clock, client, secrets, versions, rotate, keys };
}

socketKeysContract('in Secrets Manager', async () => {
  const { keys, rotate, clock } = await start();
  return { keys: keys(), newcomer: keys, rotate, pass: (milliseconds) => clock.advance(milliseconds) };
});

describe('keys in Secrets Manager', () => {
  /** Counts what is asked of the service. */
  async function counted() {
    const fixture = await start();
    let asked = 0;
    const client = createSecretsClient({
      endpoint: fixture.secrets.url,
      region: 'us-east-1',
      credentials: { accessKeyId: 'x', secretAccessKey: 'x' },
      maxAttempts: 1,
    });
    running.defer(() => client.destroy());
    client.send = (async (command: GetSecretValueCommand) => {
      asked += 1;
      return await fixture.client.send(command);
    }) as typeof client.send;
    const keys = createSecretSocketKeys({ client, secretId: SECRET, clock: fixture.clock });
    return { ...fixture, cached: keys, failing: client, asked: () => asked };
  }

  it('are read once in five minutes, whatever is asked for', async () => {
    const { cached, clock, asked } = await counted();
    const { id } = await cached.current();
    await clock.advance(4 * 60_000);
    await cached.find(id);
    await cached.current();
    expect(asked()).toBe(2); // the current one and the one before
    await clock.advance(60_000);
    await cached.current();
    expect(asked()).toBe(4);
  });

  it('that never were are looked for once in a second, however many tokens are made up', async () => {
    const { cached, clock, asked } = await counted();
    await cached.current();
    await clock.advance(60_000);
    for (let made = 0; made < 50; made += 1) expect(await cached.find(`made-up-${made}`)).toBeUndefined();
    expect(asked()).toBe(4);
    await clock.advance(1000);
    await cached.find('made-up');
    expect(asked()).toBe(6);
  });

  it('are used on where Secrets Manager does not answer', async () => {
    const { cached, clock, secrets } = await counted();
    const current = await cached.current();
    await secrets[Symbol.asyncDispose]();
    await clock.advance(10 * 60_000);
    expect(await cached.current()).toEqual(current);
    expect(await cached.find(current.id)).toEqual(current);
  });

  it('are missing where it never has answered', async () => {
    const { cached, secrets } = await counted();
    await secrets[Symbol.asyncDispose]();
    await expect(cached.current()).rejects.toThrow();
  });
});

describe('a rotation', () => {
  it('changes nothing before its last step', async () => {
    const { keys, secrets, versions } = await start();
    const before = await keys().current();
    const broken = secrets.rotate(SECRET, async ({ Step: step, ClientRequestToken: versionId }) => {
      if (step === 'finishSecret') throw new Error('killed');
      await rotateSocketKey(versions, { step, versionId });
    });
    await expect(broken).rejects.toThrow('killed');
    expect(await keys().current()).toEqual(before);
  });

  it('that broke off goes on with the key that it has made', async () => {
    const { client, secrets, versions, rotate, keys } = await start();
    let made = '';
    const broken = secrets.rotate(SECRET, async ({ Step: step, ClientRequestToken: versionId }) => {
      if (step === 'setSecret') throw new Error('killed');
      await rotateSocketKey(versions, { step, versionId });
      const command = new GetSecretValueCommand({ SecretId: SECRET, VersionStage: 'AWSPENDING' });
      made = (await client.send(command)).SecretString!;
    });
    await expect(broken).rejects.toThrow('killed');
    await rotate();
    expect((await keys().current()).secret).toBe(made);
  });

  it('has no step that is not known', async () => {
    const { versions } = await start();
    await expect(rotateSocketKey(versions, { step: 'dropSecret', versionId: randomUUID() })).rejects.toThrow(
      'dropSecret',
    );
  });
});

it('keeps its keys over a restart of the local runtime', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'secrets-'));
  running.defer(() => rm(dir, { recursive: true, force: true }));
  const first = await start(dir);
  await first.rotate();
  const key = await first.keys().current();
  await first.secrets[Symbol.asyncDispose]();
  const second = await start(dir);
  expect(await second.keys().current()).toEqual(key);
});
