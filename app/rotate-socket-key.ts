import type { SocketKeyVersions } from './ports.ts';

/** The steps of a rotation, as Secrets Manager calls them. */
export interface RotationStep {
  readonly step: string;
  readonly versionId: string;
}

/** One step of the way to a new key. Each may come more than once. */
export async function rotateSocketKey(versions: SocketKeyVersions, { step, versionId }: RotationStep): Promise<void> {
  switch (step) {
    case 'createSecret':
      return await versions.prepare(versionId);
    case 'finishSecret':
      return await versions.promote(versionId);
    // The key is nobody else's password: there is nobody to tell it to, and nothing to try it on.
    case 'setSecret':
    case 'testSecret':
      return;
    default:
      throw new Error(`A rotation has no step ${step}.`);
  }
}
