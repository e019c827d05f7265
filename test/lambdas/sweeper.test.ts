import type { Context } from 'aws-lambda';
import { beforeEach, expect, it, vi } from 'vitest';
import { systemClock } from '../../adapters/clock.ts';
import { createMemoryChannels } from '../../adapters/memory/channels.ts';
import { createMemoryConnections } from '../../adapters/memory/connections.ts';
import { createMemoryBus } from '../../adapters/memory/event-bus.ts';
import { createMemoryLog, type MemoryLog } from '../../adapters/memory/log.ts';
import { createMemoryMetrics } from '../../adapters/memory/metrics.ts';
import { createMemoryProcessQueue } from '../../adapters/memory/process-queue.ts';
import { createMemorySources } from '../../adapters/memory/sources.ts';
import { createMemorySubscriberStarter } from '../../adapters/memory/subscriber-starter.ts';
import event from '../../events/sweeper.json' with { type: 'json' };
import { newSource } from '../adapters/contracts/source-fixture.ts';

/** The handler itself, wired to memory. */

let log: MemoryLog;
let sources: ReturnType<typeof createMemorySources>;
let queue: ReturnType<typeof createMemoryProcessQueue>;
let tokens: Set<string>;
let handler: (event: unknown, context: Context) => Promise<void>;

beforeEach(async () => {
  log = createMemoryLog();
  sources = createMemorySources();
  queue = createMemoryProcessQueue({ clock: systemClock });
  tokens = new Set();
  const { bus, watch } = createMemoryBus({ clock: systemClock });
  vi.resetModules();
  vi.doMock('../../lambdas/wiring.ts', () => ({
    log: () => log,
    metrics: createMemoryMetrics,
    channels: createMemoryChannels,
    connections: createMemoryConnections,
    sources: () => sources,
    queue: () => queue,
    bus: () => bus,
    watch: () => ({
      ...watch,
      beginRecovery(shard: number, token: string) {
        tokens.add(token);
        return watch.beginRecovery(shard, token);
      },
    }),
    subscribers: () => createMemorySubscriberStarter(),
    shards: () => 2,
  }));
  ({ handler } = await import('../../lambdas/sweeper.ts'));
});

async function openOverdueSource(): Promise<void> {
  const now = systemClock.now();
  const times = { openedAt: now - 60_000, deadline: now - 1, expiresAt: now + 3_600_000 };
  const { source } = await sources.open(newSource(times), now);
  await sources.markQueued(source, now - 1);
}

const sweep = (remainingMs: number) => handler(event, { getRemainingTimeInMillis: () => remainingMs } as Context);

it('looks after what is overdue while there is time', async () => {
  await openOverdueSource();
  await sweep(60_000);
  expect(queue.size).toBe(1);
  expect(log.of('sweep-failed')).toEqual([]);
});

it('begins nothing more in its last 15 s', async () => {
  await openOverdueSource();
  await sweep(15_000);
  expect(queue.size).toBe(0);
});

it('names each run anew, so that none ends the recovery of another', async () => {
  await sweep(60_000);
  await sweep(60_000);
  expect(tokens.size).toBe(2);
});
