import { createMemorySubscriberStarter } from '../../../adapters/memory/subscriber-starter.ts';
import { describeSubscriberStarter } from '../contracts/subscriber-starter.ts';

describeSubscriberStarter('in memory', () => {
  const starter = createMemorySubscriberStarter();
  return { starter, started: () => starter.started };
});
