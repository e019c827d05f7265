import { createInterface } from 'node:readline';
import { createRedis } from '../../../adapters/redis/client.ts';
import { createRedisEventBus } from '../../../adapters/redis/event-bus.ts';
import { newChannel, sourceOn } from '../contracts/bus-fixture.ts';
import { PATIENT } from './patient.ts';

// A process of its own, so that it can be stopped as Lambda does: for each line that it reads it publishes an event and
// prints how that went, and how long it took.
const log = { info: () => undefined, warn: () => undefined, error: () => undefined };
const redis = createRedis({ url: process.argv[2]!, log, ...PATIENT, totalMs: 2 * PATIENT.attemptMs });
const bus = createRedisEventBus(redis);
const at = newChannel();
for await (const _ of createInterface({ input: process.stdin })) {
  const from = performance.now();
  const outcome = await bus.publish(sourceOn(at).step()).then(
    ({ outcome }) => outcome,
    (error: Error) => error.message,
  );
  console.log(JSON.stringify({ outcome, ms: performance.now() - from }));
}
await redis.dispose();
