import { randomBytes } from 'node:crypto';
import {
  DescribeSecretCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  ResourceNotFoundException,
  type SecretsManagerClient,
  UpdateSecretVersionStageCommand,
} from '@aws-sdk/client-secrets-manager';
import type { SocketKeyVersions } from '../../app/ports.ts';

/** As long as the hash that it is used with: more adds nothing. */
const KEY_BYTES = 32;

export interface SecretVersionsOptions {
  readonly client: SecretsManagerClient;
  readonly secretId: string;
}

export function createSecretSocketKeyVersions({ client, secretId }: SecretVersionsOptions): SocketKeyVersions {
  /** The rotation names the version before there is anything in it. */
  async function isThere(versionId: string): Promise<boolean> {
    const command = new GetSecretValueCommand({
      SecretId: secretId,
      VersionId: versionId,
      VersionStage: 'AWSPENDING',
    });
    try {
      return (await client.send(command)).SecretString !== undefined;
    } catch (error) {
      if (error instanceof ResourceNotFoundException) return false;
      throw error;
    }
  }

  return {
    async prepare(versionId) {
      if (await isThere(versionId)) return;
      await client.send(
        new PutSecretValueCommand({
          SecretId: secretId,
          ClientRequestToken: versionId,
          SecretString: randomBytes(KEY_BYTES).toString('base64url'),
          VersionStages: ['AWSPENDING'],
        }),
      );
    },

    async promote(versionId) {
      const { VersionIdsToStages = {} } = await client.send(new DescribeSecretCommand({ SecretId: secretId }));
      const current = Object.keys(VersionIdsToStages).find((id) => VersionIdsToStages[id]?.includes('AWSCURRENT'));
      if (current === versionId) return;
      // Secrets Manager itself makes the one that was current the previous one.
      await client.send(
        new UpdateSecretVersionStageCommand({
          SecretId: secretId,
          VersionStage: 'AWSCURRENT',
          MoveToVersionId: versionId,
          RemoveFromVersionId: current,
        }),
      );
    },
  };
}
