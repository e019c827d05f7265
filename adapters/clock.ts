import { setTimeout as delay } from 'node:timers/promises';
import type { Clock } from '../app/ports.ts';

export const systemClock: Clock = {
  now: () => Date.now(),
  async sleep(ms, signal) {
    // The only thing that it can reject with is the abort, which the port has as a plain end.
    await delay(ms, undefined, { signal }).catch(() => undefined);
  },
};
