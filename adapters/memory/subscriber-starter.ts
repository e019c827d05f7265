import type { SubscriberStarter } from '../../app/ports.ts';
import { type Faults, withFaults } from './faults.ts';

export interface MemorySubscriberStarter extends SubscriberStarter {
  /** The shards that were started, oldest first. */
  readonly started: readonly number[];
}

/** @param onStart runs the subscriber, as the service would; it is not waited for. */
export function createMemorySubscriberStarter(
  onStart: (shard: number) => void = () => {},
): MemorySubscriberStarter & Faults<MemorySubscriberStarter> {
  const started: number[] = [];
  return withFaults<MemorySubscriberStarter>({
    async start(shard) {
      started.push(shard);
      onStart(shard);
    },
    started,
  });
}
