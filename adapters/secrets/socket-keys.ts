import {
  GetSecretValueCommand,
  ResourceNotFoundException,
  type SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import type { Clock, SocketKey, SocketKeys } from '../../app/ports.ts';

export interface SecretSocketKeysOptions {
  readonly client: SecretsManagerClient;
  readonly secretId: string;
  readonly clock: Pick<Clock, 'now'>;
}

/** How late a function may be to sign with a new key. Much less than the time between two rotations, for which the old one is still accepted. */
const FRESH_MS = 5 * 60_000; // 5 min

/** Tokens of keys that never were cost one look in this time at the most. A real key of that age is not known to any signer yet. */
const LOOK_AGAIN_MS = 1000; // 1 s

interface Held {
  readonly current: SocketKey;
  readonly previous: SocketKey | undefined;
  readonly readAt: number;
}

/** The two stages of a secret that is rotated: what it is, and what it was before. */
export function createSecretSocketKeys({ client, secretId, clock }: SecretSocketKeysOptions): SocketKeys {
  let held: Held | undefined;

  async function read(stage: 'AWSCURRENT' | 'AWSPREVIOUS'): Promise<SocketKey | undefined> {
    const command = new GetSecretValueCommand({ SecretId: secretId, VersionStage: stage });
    try {
      const { SecretString: secret, VersionId: versionId } = await client.send(command);
      return secret && versionId ? { id: idOf(versionId), secret } : undefined;
    } catch (error) {
      // A secret that was never rotated has no version before.
      if (stage === 'AWSPREVIOUS' && error instanceof ResourceNotFoundException) return undefined;
      throw error;
    }
  }

  async function look(): Promise<Held> {
    const readAt = clock.now();
    const [current, previous] = await Promise.all([read('AWSCURRENT'), read('AWSPREVIOUS')]);
    if (current === undefined) throw new Error('The secret of the socket tokens holds no key.');
    held = { current, previous, readAt };
    return held;
  }

  /** Keys that are a little old are better than none: they are wrong only where a rotation came in between. */
  async function fresh(): Promise<Held> {
    if (held && clock.now() - held.readAt < FRESH_MS) return held;
    const last = held;
    return await look().catch((error) => {
      if (last) return last;
      throw error;
    });
  }

  const among = ({ current, previous }: Held, id: string): SocketKey | undefined =>
    [current, previous].find((key) => key?.id === id);

  return {
    async current() {
      return (await fresh()).current;
    },
    async find(id) {
      const now = await fresh();
      const known = among(now, id);
      if (known || clock.now() - now.readAt < LOOK_AGAIN_MS) return known;
      return among(await look(), id);
    },
  };
}

/** Part of the version's id, which Secrets Manager makes at random. */
function idOf(versionId: string): string {
  return versionId.slice(0, 8);
}
