import { randomUUID } from 'node:crypto';
import type { Context } from 'aws-lambda';
import { systemClock } from '../adapters/clock.ts';
import { flushing } from '../adapters/metrics.ts';
import { sweep } from '../app/sweep.ts';
import * as wire from './wiring.ts';

const metrics = wire.metrics();
const ports = {
  channels: wire.channels(),
  connections: wire.connections(),
  sources: wire.sources(),
  queue: wire.queue(),
  bus: wire.bus(),
  watch: wire.watch(),
  subscribers: wire.subscribers(),
  shards: wire.shards(),
  clock: systemClock,
  log: wire.log(),
  metrics,
};

/** Kept back from the function's time: for what is under way by then, and for the shards, which are looked at last. */
const RESERVE_MS = 15_000;

/** Every minute, by a schedule. */
export const handler = flushing(metrics, async (_event: unknown, context: Context): Promise<void> => {
  const until = systemClock.now() + context.getRemainingTimeInMillis() - RESERVE_MS;
  await sweep(ports, { token: randomUUID(), until });
});
