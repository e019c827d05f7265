import { randomUUID } from 'node:crypto';
import type { Context } from 'aws-lambda';
import * as z from 'zod';
import { systemClock } from '../adapters/clock.ts';
import { flushing } from '../adapters/metrics.ts';
import { subscribe } from '../app/subscribe.ts';
import * as wire from './wiring.ts';

const log = wire.log();
const metrics = wire.metrics();
const ports = {
  channels: wire.channels(),
  connections: wire.connections(),
  sources: wire.sources(),
  bus: wire.bus(),
  reader: wire.shardReader(),
  sockets: wire.sockets(),
  subscribers: wire.subscribers(),
  clock: systemClock,
  random: Math.random,
  log,
  metrics,
};

const start = z.object({ shard: z.number().int().nonnegative() });

/** Invoked asynchronously for one shard, by whoever saw that nobody served it. */
export const handler = flushing(metrics, async (event: unknown, context: Context): Promise<{ end: string }> => {
  const { shard } = start.parse(event);
  const remainingMs = () => context.getRemainingTimeInMillis();
  // Not the request id: a retried invocation has the same one, and its lease must not be taken for its own.
  const end = await subscribe(ports, { shard, token: randomUUID(), remainingMs });
  if (end !== 'busy') log.info('subscriber-ended', { shard, end });
  return { end };
});
