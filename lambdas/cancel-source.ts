import { systemClock } from '../adapters/clock.ts';
import { restHandler } from '../adapters/http/rest.ts';
import { flushing } from '../adapters/metrics.ts';
import { cancelSource } from '../app/cancel-source.ts';
import { requireUuid } from '../domain/requests.ts';
import * as wire from './wiring.ts';

const log = wire.log();
const metrics = wire.metrics();
const apiKeys = wire.apiKeys();
const ports = {
  sources: wire.sources(),
  files: wire.files(),
  bus: wire.bus(),
  subscribers: wire.subscribers(),
  clock: systemClock,
  log,
  metrics,
};

/** DELETE /public/sources/{source-uuid}: 202 where this call ended it, 200 where it had ended before. */
const cancel = restHandler({ apiKeys, log, allowOrigins: wire.allowOrigins() }, async (event, owner) => {
  const sourceUuid = requireUuid('source-uuid', event.pathParameters?.['source-uuid']);
  const { now, source } = await cancelSource(ports, owner, sourceUuid);
  return { status: now ? 202 : 200, body: source };
});

export const handler = flushing(metrics, cancel);
