import type { Context } from 'aws-lambda';
import { beforeEach, expect, it, vi } from 'vitest';
import { createMemoryChannels } from '../../adapters/memory/channels.ts';
import { createManualClock, type ManualClock } from '../../adapters/memory/clock.ts';
import { createMemoryConnections } from '../../adapters/memory/connections.ts';
import { createMemoryBus } from '../../adapters/memory/event-bus.ts';
import { createMemoryLog } from '../../adapters/memory/log.ts';
import { createMemoryMetrics } from '../../adapters/memory/metrics.ts';
import { createMemorySockets } from '../../adapters/memory/sockets.ts';
import { createMemorySources } from '../../adapters/memory/sources.ts';
import { createMemorySubscriberStarter } from '../../adapters/memory/subscriber-starter.ts';
import event from '../../events/subscriber.json' with { type: 'json' };

/** The handler itself, wired to memory. */

let clock: ManualClock;
let tokens: string[];
let started: readonly number[];
let handler: (event: unknown, context: Context) => Promise<{ end: string }>;

beforeEach(async () => {
  clock = createManualClock();
  tokens = [];
  const { bus, reader } = createMemoryBus({ clock });
  const subscribers = createMemorySubscriberStarter();
  ({ started } = subscribers);
  vi.resetModules();
  vi.doMock('../../adapters/clock.ts', () => ({ systemClock: clock }));
  vi.doMock('../../lambdas/wiring.ts', () => ({
    log: createMemoryLog,
    metrics: createMemoryMetrics,
    channels: createMemoryChannels,
    connections: createMemoryConnections,
    sources: createMemorySources,
    bus: () => bus,
    shardReader: () => ({
      ...reader,
      acquire(shard: number, token: string, ttlMs: number) {
        tokens.push(token);
        return reader.acquire(shard, token, ttlMs);
      },
    }),
    sockets: createMemorySockets,
    subscribers: () => subscribers,
  }));
  ({ handler } = await import('../../lambdas/subscriber.ts'));
});

const invoke = (remainingMs: number) =>
  handler(event, { awsRequestId: 'the same', getRemainingTimeInMillis: () => remainingMs } as Context);

it('leaves a shard where nothing is to be done', async () => {
  expect(await clock.runUntil(invoke(900_000))).toEqual({ end: 'idle' });
});

it('hands over when the time of its function is nearly up', async () => {
  expect(await clock.runUntil(invoke(15_000))).toEqual({ end: 'handed-over' });
  expect(started).toEqual([event.shard]);
});

// Lambda retries an invocation under the same request id while the first may still run.
it('does not take the lease of another run of the same invocation for its own', async () => {
  const first = invoke(900_000);
  expect(await clock.runUntil(invoke(900_000))).toEqual({ end: 'busy' });
  expect(await clock.runUntil(first)).toEqual({ end: 'idle' });
  expect(new Set(tokens).size).toBe(2);
});

it.each([{}, { shard: -1 }, { shard: '0' }, null])('refuses an event that names no shard: %j', async (wrong) => {
  await expect(handler(wrong, {} as Context)).rejects.toThrow();
});
