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

/**
 * However many tokens of keys that never were come in: they cost one look in this time. A new key that is met within it is refused only
 * where such a token came just before, and the key was made in between.
 */
const LOOK_AGAIN_MS = 1000; // 1 s

interface Held {
  readonly current: SocketKey;
  readonly previous: SocketKey | undefined;
  readonly readAt: number;
}

/** The two stages of a secret that is rotated: what it is, and what it was before. */
export function createSecretSocketKeys({ client, secretId, clock }: SecretSocketKeysOptions): SocketKeys {
  let held: Held | undefined;
  /** When a key was looked for that was not there. */
  let missedAt = Number.NEGATIVE_INFINITY;

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
      const known = among(await fresh(), id);
      if (known || clock.now() - missedAt < LOOK_AGAIN_MS) return known;
      const found = among(await look(), id);
      if (!found) missedAt = clock.now();
      return found;
    },
  };
}

/** Part of the version's id, which Secrets Manager makes at random. */
function idOf(versionId: string): string {
  return versionId.slice(0, 8);
}
