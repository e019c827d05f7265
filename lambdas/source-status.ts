import { systemClock } from '../adapters/clock.ts';
import { restHandler } from '../adapters/http/rest.ts';
import { sourceStatus } from '../app/source-status.ts';
import { requireUuid } from '../domain/requests.ts';
import * as wire from './wiring.ts';

const log = wire.log();
const apiKeys = wire.apiKeys();
const ports = { sources: wire.sources(), clock: systemClock };

/** GET /public/sources/{source-uuid} */
export const handler = restHandler({ apiKeys, log, allowOrigins: wire.allowOrigins() }, async (event, owner) => {
  const sourceUuid = requireUuid('source-uuid', event.pathParameters?.['source-uuid']);
  return { status: 200, body: await sourceStatus(ports, owner, sourceUuid) };
});
