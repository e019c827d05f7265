import { randomUUID } from 'node:crypto';
import type { SQSEvent, SQSRecord } from 'aws-lambda';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { systemClock } from '../../adapters/clock.ts';
import { createMemoryBus } from '../../adapters/memory/event-bus.ts';
import { createMemoryLog, type MemoryLog } from '../../adapters/memory/log.ts';
import { createMemoryMetrics } from '../../adapters/memory/metrics.ts';
import { createMemorySources } from '../../adapters/memory/sources.ts';
import { createMemorySubscriberStarter } from '../../adapters/memory/subscriber-starter.ts';
import { formatProcessMessage } from '../../adapters/sqs/process-message.ts';
import type { Source } from '../../app/ports.ts';
import event from '../../events/dead-letter.json' with { type: 'json' };
import { newSource } from '../adapters/contracts/source-fixture.ts';

/** The handler itself, wired to memory. */

let log: MemoryLog;
let sources: ReturnType<typeof createMemorySources>;
let returned: Array<{ readonly receiptHandle: string; readonly seconds: number }>;
let handler: (event: SQSEvent) => Promise<unknown>;

beforeEach(async () => {
  log = createMemoryLog();
  sources = createMemorySources();
  returned = [];
  const { bus } = createMemoryBus({ clock: systemClock });
  const deadLetterQueue = {
    async returnAfter(receiptHandle: string, seconds: number) {
      returned.push({ receiptHandle, seconds });
    },
  };
  vi.resetModules();
  vi.doMock('../../lambdas/wiring.ts', () => ({
    log: () => log,
    metrics: createMemoryMetrics,
    sources: () => sources,
    bus: () => bus,
    subscribers: () => createMemorySubscriberStarter(),
    deadLetterQueue: () => deadLetterQueue,
  }));
  ({ handler } = await import('../../lambdas/dead-letter.ts'));
});

async function openSource(): Promise<Source> {
  const now = systemClock.now();
  const { source } = await sources.open(newSource({ openedAt: now, expiresAt: now + 3_600_000 }), now);
  return source;
}

function deadLetter(body: string): SQSRecord {
  return { ...event.Records[0]!, messageId: randomUUID(), receiptHandle: randomUUID(), body };
}

const receive = (...Records: SQSRecord[]) => handler({ Records });

describe('a dead letter', () => {
  it('ends its source as a failure and is gone', async () => {
    const source = await openSource();
    expect(await receive(deadLetter(formatProcessMessage(source)))).toEqual({ batchItemFailures: [] });
    const ended = await sources.get(source.sourceUuid);
    expect(ended).toMatchObject({ terminal: { status: 'failure', code: 'processing-failed' } });
    expect(ended?.published).toBeDefined();
  });

  it('of a source that somebody works on comes again when the lease has run out', async () => {
    const source = await openSource();
    const now = systemClock.now();
    await sources.claim(source, now, now + 60_000);
    const record = deadLetter(formatProcessMessage(source));
    expect(await receive(record)).toEqual({ batchItemFailures: [{ itemIdentifier: record.messageId }] });
    expect(returned).toEqual([{ receiptHandle: record.receiptHandle, seconds: expect.any(Number) }]);
    expect(returned[0]!.seconds).toBeGreaterThan(50);
    expect((await sources.get(source.sourceUuid))?.terminal).toBeUndefined();
  });

  it('that could not be dealt with stays in the queue, and the others of its batch do not', async () => {
    const [first, second] = [await openSource(), await openSource()];
    sources.failNext('get');
    const [failing, passing] = [first, second].map((source) => deadLetter(formatProcessMessage(source)));
    expect(await receive(failing!, passing!)).toEqual({ batchItemFailures: [{ itemIdentifier: failing!.messageId }] });
    expect(returned).toEqual([]);
    expect(log.of('dead-letter-left')).toMatchObject([{ messageId: failing!.messageId }]);
    expect((await sources.get(second.sourceUuid))?.terminal).toBeDefined();
  });

  it.each(['', 'poison', '{}', '{"source-uuid": "no uuid", "generation": 1}'])(
    'that names no source, %j, is dropped with an error in the log',
    async (body) => {
      const record = deadLetter(body);
      expect(await receive(record)).toEqual({ batchItemFailures: [] });
      expect(log.of('dead-letter-dropped')).toMatchObject([{ messageId: record.messageId }]);
    },
  );
});
