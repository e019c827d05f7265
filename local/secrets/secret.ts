import { randomInt, randomUUID } from 'node:crypto';
import { z } from 'zod';
import { SecretsError } from './secrets-error.ts';

/** What is kept of one secret. */
export const storedSecret = z.object({
  arn: z.string(),
  /** By version; null: a rotation has named it, and nobody has made its value yet. */
  values: z.record(z.string(), z.string().nullable()),
  /** Which version each stage stands at. */
  stages: z.record(z.string(), z.string()),
  rotatedAt: z.number(),
});

export type StoredSecret = z.infer<typeof storedSecret>;

const CURRENT = 'AWSCURRENT';
const PREVIOUS = 'AWSPREVIOUS';
const PENDING = 'AWSPENDING';

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
const PUNCTUATION = '!#$%&()*+,-./:;<=>?@[]^_{|}~';

export function newSecret(
  arn: string,
  { length, excludePunctuation }: { readonly length: number; readonly excludePunctuation: boolean },
  now: number,
): StoredSecret {
  const alphabet = excludePunctuation ? LETTERS : LETTERS + PUNCTUATION;
  const value = Array.from({ length }, () => alphabet[randomInt(alphabet.length)]).join('');
  const version = randomUUID();
  return { arn, values: { [version]: value }, stages: { [CURRENT]: version }, rotatedAt: now };
}

/** The versions and stages of one secret, with the rules of Secrets Manager. */
export class Secret {
  readonly stored: StoredSecret;

  constructor(stored: StoredSecret) {
    this.stored = stored;
  }

  get(versionId: string | undefined, stage: string | undefined): { versionId: string; value: string } {
    const { stages, values } = this.stored;
    const wanted = versionId ?? stages[stage ?? CURRENT];
    const value = wanted === undefined ? undefined : values[wanted];
    if (wanted === undefined || value === undefined || value === null) {
      const sought = versionId === undefined ? `staging label: ${stage ?? CURRENT}` : `VersionId: ${versionId}`;
      throw new SecretsError(
        'ResourceNotFoundException',
        `Secrets Manager can't find the specified secret value for ${sought}`,
      );
    }
    if (stage !== undefined && stages[stage] !== wanted) {
      throw new SecretsError(
        'InvalidRequestException',
        'You provided a VersionStage that is not associated to the provided VersionId.',
      );
    }
    return { versionId: wanted, value };
  }

  /** @param stages moved to this version. */
  put(versionId: string, value: string, stages: readonly string[] = [CURRENT]): void {
    const existing = this.stored.values[versionId];
    if (existing !== undefined && existing !== null && existing !== value) {
      throw new SecretsError(
        'ResourceExistsException',
        `You can't use ClientRequestToken ${versionId} because that value is already in use for a version of this secret.`,
      );
    }
    this.stored.values[versionId] = value;
    for (const stage of stages) this.#move(stage, versionId);
  }

  moveStage(stage: string, to: string | undefined, from: string | undefined): void {
    const holder = this.stored.stages[stage];
    if (holder !== undefined && holder !== to && holder !== from) {
      throw new SecretsError(
        'InvalidParameterException',
        `The parameter RemoveFromVersionId can't be empty. Staging label ${stage} is currently attached to version ${holder}, so you must explicitly reference that version in RemoveFromVersionId.`,
      );
    }
    if (to === undefined) delete this.stored.stages[stage];
    else if (to in this.stored.values) this.#move(stage, to);
    else
      throw new SecretsError('ResourceNotFoundException', "Secrets Manager can't find the specified secret version.");
  }

  /** @returns the version of a rotation that has not come to its end, and else a new one. */
  beginRotation(): string {
    const { stages, values } = this.stored;
    const pending = stages[PENDING];
    if (pending !== undefined && pending !== stages[CURRENT]) return pending;
    const versionId = randomUUID();
    values[versionId] = null;
    this.#move(PENDING, versionId);
    return versionId;
  }

  stagesByVersion(): Record<string, string[]> {
    const versions: Record<string, string[]> = {};
    for (const [stage, version] of Object.entries(this.stored.stages))
      versions[version] = [...(versions[version] ?? []), stage];
    return versions;
  }

  /** What was current is the previous one; a version without a stage is forgotten. */
  #move(stage: string, to: string): void {
    const { stages, values } = this.stored;
    if (stage === CURRENT && stages[CURRENT] !== undefined && stages[CURRENT] !== to)
      stages[PREVIOUS] = stages[CURRENT];
    stages[stage] = to;
    const kept = new Set(Object.values(stages));
    for (const version of Object.keys(values)) if (!kept.has(version)) delete values[version];
  }
}
