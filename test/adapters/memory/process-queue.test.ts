import { describe, expect, it } from 'vitest';
import { createManualClock } from '../../../adapters/memory/clock.ts';
import { createMemoryProcessQueue } from '../../../adapters/memory/process-queue.ts';
import { describeProcessQueue } from '../contracts/process-queue.ts';

const ref = { sourceUuid: '6f1f2b34-9a49-4c89-8a3e-0d1f6f6f2b11', generation: 1 };

describeProcessQueue('in memory', () => {
  const queue = createMemoryProcessQueue({ clock: createManualClock() });
  return { queue, receive: async () => queue.receive(), delete: async (handle) => queue.delete(handle) };
});

describe('the process queue in memory', () => {
  it('delivers again after the visibility time-out, under a new receipt', async () => {
    const clock = createManualClock();
    const queue = createMemoryProcessQueue({ clock, visibilityTimeoutMs: 1000 });
    await queue.send(ref);
    const first = queue.receive()!;
    await clock.advance(999);
    expect(queue.receive()).toBeUndefined();
    expect(await queue.backlog()).toBe(0);
    await clock.advance(1);
    expect(await queue.backlog()).toBe(1);
    expect(queue.receive()).toMatchObject({ receiveCount: 2 });
    queue.delete(first.receiptHandle);
    expect(queue.size).toBe(1);
  });

  it('moves a message to the dead letters when it was received too often', async () => {
    const clock = createManualClock();
    const queue = createMemoryProcessQueue({ clock, visibilityTimeoutMs: 1000, maxReceiveCount: 2 });
    await queue.send(ref);
    for (let receive = 0; receive < 2; receive += 1) {
      expect(queue.receive()).toBeDefined();
      await clock.advance(1000);
    }
    expect(queue.receive()).toBeUndefined();
    expect(queue.size).toBe(0);
    expect(queue.deadLetters).toHaveLength(1);
  });
});
