import { describe, expect, it } from 'vitest';
import type { SubscriberStarter } from '../../../app/ports.ts';

export interface SubscriberStarterHarness {
  readonly starter: SubscriberStarter;
  /** The shards whose start was accepted, oldest first. */
  started(): readonly number[];
}

export function describeSubscriberStarter(
  name: string,
  make: () => Promise<SubscriberStarterHarness> | SubscriberStarterHarness,
): void {
  describe(`SubscriberStarter, ${name}`, () => {
    it('starts the shard that it is told to, as often as it is told to', async () => {
      const { starter, started } = await make();
      await starter.start(0);
      await starter.start(3);
      await starter.start(3);
      expect(started()).toEqual([0, 3, 3]);
    });
  });
}
