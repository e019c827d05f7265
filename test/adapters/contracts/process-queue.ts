import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { parseProcessMessage } from '../../../adapters/sqs/process-message.ts';
import type { ProcessQueue } from '../../../app/ports.ts';

export interface QueueDelivery {
  readonly body: string;
  readonly receiptHandle: string;
  readonly receiveCount: number;
}

export interface ProcessQueueHarness {
  readonly queue: ProcessQueue;
  /** What a consumer gets now, without waiting. */
  receive(): Promise<QueueDelivery | undefined>;
  delete(receiptHandle: string): Promise<void>;
}

/** @param make makes a queue that is empty and hides what was received for a minute or more. */
export function describeProcessQueue(
  name: string,
  make: () => Promise<ProcessQueueHarness> | ProcessQueueHarness,
): void {
  describe(`ProcessQueue, ${name}`, () => {
    let harness: ProcessQueueHarness;
    beforeAll(async () => {
      harness = await make();
    });

    it('delivers a message that names the source and its generation, and hides it from a second receive', async () => {
      const ref = { sourceUuid: randomUUID(), generation: 3 };
      await harness.queue.send(ref);
      const delivery = (await harness.receive())!;
      expect(parseProcessMessage(delivery.body)).toEqual(ref);
      expect(JSON.parse(delivery.body)).toEqual({ 'source-uuid': ref.sourceUuid, generation: 3 });
      expect(await harness.receive()).toBeUndefined();
      await harness.delete(delivery.receiptHandle);
    });

    it('brings a delivery back at once when it is returned with no delay, and counts it', async () => {
      await harness.queue.send({ sourceUuid: randomUUID(), generation: 1 });
      const first = (await harness.receive())!;
      await harness.queue.returnAfter(first.receiptHandle, 0);
      const second = (await harness.receive())!;
      expect(second.body).toBe(first.body);
      expect([first.receiveCount, second.receiveCount]).toEqual([1, 2]);
      await harness.delete(second.receiptHandle);
    });

    it('keeps a delivery hidden that is returned with a delay', async () => {
      await harness.queue.send({ sourceUuid: randomUUID(), generation: 1 });
      const delivery = (await harness.receive())!;
      await harness.queue.returnAfter(delivery.receiptHandle, 43_200);
      expect(await harness.receive()).toBeUndefined();
      await harness.delete(delivery.receiptHandle);
    });

    it('counts what waits for a worker, and not what one has', async () => {
      expect(await harness.queue.backlog()).toBe(0);
      for (const generation of [1, 2, 3]) await harness.queue.send({ sourceUuid: randomUUID(), generation });
      expect(await harness.queue.backlog()).toBe(3);
      const deliveries = [(await harness.receive())!, (await harness.receive())!];
      expect(await harness.queue.backlog()).toBe(1);
      deliveries.push((await harness.receive())!);
      for (const { receiptHandle } of deliveries) await harness.delete(receiptHandle);
      expect(await harness.queue.backlog()).toBe(0);
    });

    it('sends only what the message needs, though it is given a whole source', async () => {
      const source = { sourceUuid: randomUUID(), generation: 1, owner: '1', filename: 'private.pdf' };
      await harness.queue.send(source);
      const delivery = (await harness.receive())!;
      expect(delivery.body).not.toContain('private');
      await harness.delete(delivery.receiptHandle);
    });

    it.each([-1, 43_201, Number.NaN])('refuses a delay of %d seconds', async (delay) => {
      await harness.queue.send({ sourceUuid: randomUUID(), generation: 1 });
      const delivery = (await harness.receive())!;
      await expect(harness.queue.returnAfter(delivery.receiptHandle, delay)).rejects.toThrow(RangeError);
      await harness.delete(delivery.receiptHandle);
    });
  });
}
