import { GetSecretValueCommand, type SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { Clock } from '../../app/ports.ts';
import type { Credentials } from '../redis/client.ts';

export interface SecretRedisLoginOptions {
  readonly client: SecretsManagerClient;
  /** Name or ARN of a secret that holds `{"username": …, "password": …}`, as Secrets Manager's own rotations write it. */
  readonly secretId: string;
  readonly clock: Pick<Clock, 'now'>;
}

/** How long after a change the password before it is still used: one call a minute costs a function that connects often nothing. */
const FRESH_MS = 60_000; // 1 min

/** Read when it is needed, so that a new password needs no deployment. */
export function createSecretRedisLogin({ client, secretId, clock }: SecretRedisLoginOptions): Credentials {
  let held: { readonly login: Awaited<ReturnType<Credentials>>; readonly readAt: number } | undefined;
  return async () => {
    const readAt = clock.now();
    if (held && readAt - held.readAt < FRESH_MS) return held.login;
    try {
      const { SecretString: secret } = await client.send(new GetSecretValueCommand({ SecretId: secretId }));
      held = { login: loginIn(secret), readAt };
    } catch (error) {
      // One that is a little old is better than none: it is wrong only where it was changed in between.
      if (!held) throw error;
    }
    return held.login;
  };
}

function loginIn(secret: string | undefined): Awaited<ReturnType<Credentials>> {
  const { username, password } = parsed(secret);
  if (typeof username === 'string' && typeof password === 'string') return { username, password };
  throw new Error('The secret of the login to Redis has to be JSON with a "username" and a "password".');
}

/** Without the parser's own words, which repeat what it was given. */
function parsed(secret: string | undefined): { readonly username?: unknown; readonly password?: unknown } {
  try {
    return JSON.parse(secret ?? '') ?? {};
  } catch {
    return {};
  }
}
