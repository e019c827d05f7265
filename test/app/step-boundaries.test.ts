import { createMemoryBus } from '../../adapters/memory/event-bus.ts';
import { describeStepBoundaries } from './step-boundaries.ts';

describeStepBoundaries('in memory', async (clock) => {
  const { bus, reader, watch, lose } = createMemoryBus({ clock });
  return { bus, reader, watch, lose };
});
