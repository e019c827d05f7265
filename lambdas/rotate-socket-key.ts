import type { SecretsManagerRotationEvent } from 'aws-lambda';
import { rotateSocketKey } from '../app/rotate-socket-key.ts';
import * as wire from './wiring.ts';

const log = wire.log();
const versions = await wire.socketKeyVersions();

/** One step of a rotation. What it throws, Secrets Manager tries again. */
export const handler = async (event: SecretsManagerRotationEvent): Promise<void> => {
  await rotateSocketKey(versions, { step: event.Step, versionId: event.ClientRequestToken });
  log.info('socket-key-rotation', { step: event.Step, versionId: event.ClientRequestToken });
};
