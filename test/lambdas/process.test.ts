import { randomUUID } from 'node:crypto';
import type { SQSEvent, SQSRecord } from 'aws-lambda';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { systemClock } from '../../adapters/clock.ts';
import { createMemoryBus } from '../../adapters/memory/event-bus.ts';
import { createMemoryLog } from '../../adapters/memory/log.ts';
import { createMemoryMetrics, type MemoryMetrics } from '../../adapters/memory/metrics.ts';
import { createMemorySourceFiles } from '../../adapters/memory/source-files.ts';
import { createMemorySources } from '../../adapters/memory/sources.ts';
import { createMemorySubscriberStarter } from '../../adapters/memory/subscriber-starter.ts';
import { formatProcessMessage } from '../../adapters/sqs/process-message.ts';
import type { Source } from '../../app/ports.ts';
import event from '../../events/process.json' with { type: 'json' };
import { newSource } from '../adapters/contracts/source-fixture.ts';

/** The handler itself, wired to memory. */

let metrics: MemoryMetrics;
let sources: ReturnType<typeof createMemorySources>;
let returned: Array<{ readonly receiptHandle: string; readonly seconds: number }>;
let handler: (event: SQSEvent) => Promise<unknown>;

beforeEach(async () => {
  metrics = createMemoryMetrics();
  sources = createMemorySources();
  returned = [];
  const { bus } = createMemoryBus({ clock: systemClock });
  const queue = {
    async returnAfter(receiptHandle: string, seconds: number) {
      returned.push({ receiptHandle, seconds });
    },
  };
  vi.resetModules();
  vi.doMock('../../lambdas/wiring.ts', () => ({
    log: createMemoryLog,
    metrics: () => metrics,
    sources: () => sources,
    files: createMemorySourceFiles,
    bus: () => bus,
    subscribers: () => createMemorySubscriberStarter(),
    fetcher: () => ({ fetch: async () => ({ bytes: 4 }) }),
    processor: () => ({ stage: 'extract', process: async () => ({ title: 'done' }) }),
    queue: () => queue,
  }));
  ({ handler } = await import('../../lambdas/process.ts'));
});

async function openSource(): Promise<Source> {
  const now = systemClock.now();
  const { source } = await sources.open(newSource({ openedAt: now, expiresAt: now + 3_600_000 }), now);
  return source;
}

function delivery(source: Source, receives = 1): SQSRecord {
  const record = event.Records[0]!;
  const attributes = { ...record.attributes, ApproximateReceiveCount: String(receives) };
  const body = formatProcessMessage(source);
  return { ...record, attributes, body, messageId: randomUUID(), receiptHandle: randomUUID() };
}

const receive = (...Records: SQSRecord[]) => handler({ Records });

describe('a delivery', () => {
  it('whose source was brought to its end is done', async () => {
    const source = await openSource();
    expect(await receive(delivery(source))).toEqual({ batchItemFailures: [] });
    expect(await sources.get(source.sourceUuid)).toMatchObject({ terminal: { status: 'success' } });
    expect(returned).toEqual([]);
  });

  it('has written what was measured when it answers: it may be frozen right after, for ever', async () => {
    await receive(delivery(await openSource()));
    expect([metrics.total('SourcesSucceeded'), metrics.flushes]).toEqual([1, 1]);
  });

  it('that has to come again is left in the queue, for as long as it has to wait', async () => {
    const source = await openSource();
    const now = systemClock.now();
    await sources.claim(source, now, now + 60_000);
    const record = delivery(source);
    expect(await receive(record)).toEqual({ batchItemFailures: [{ itemIdentifier: record.messageId }] });
    expect(returned).toEqual([{ receiptHandle: record.receiptHandle, seconds: expect.any(Number) }]);
    expect(returned[0]!.seconds).toBeGreaterThan(50);
  });

  it('waits longer the more often it has come', async () => {
    const source = await openSource();
    sources.failNext('claim', { times: 2 });
    for (const receives of [1, 3]) await receive(delivery(source, receives));
    expect(returned.map(({ seconds }) => seconds)).toEqual([15, 60]);
  });
});
