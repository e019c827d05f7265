import { describe, expect, it } from 'vitest';
import type { Clock } from '../../../app/ports.ts';

export interface ClockHarness {
  readonly clock: Clock;
  /** Lets that much time pass, whatever time is here. */
  pass(ms: number): Promise<void>;
}

export function describeClock(name: string, make: () => ClockHarness): void {
  describe(`Clock, ${name}`, () => {
    it('wakes a sleeper when its time has passed, not before', async () => {
      const { clock, pass } = make();
      const start = clock.now();
      const woke = clock.sleep(20).then(() => clock.now());
      await pass(25);
      expect((await woke) - start).toBeGreaterThanOrEqual(19); // 1 ms: timers and the clock round apart
    });

    it('wakes a sleeper at once when its signal aborts, without an error', async () => {
      const { clock } = make();
      const abort = new AbortController();
      const sleep = clock.sleep(60 * 60_000, abort.signal);
      abort.abort(new Error('stop'));
      await expect(sleep).resolves.toBeUndefined();
    });

    it('does not sleep at all when the signal has aborted already, or for no time', async () => {
      const { clock } = make();
      await expect(clock.sleep(60 * 60_000, AbortSignal.abort())).resolves.toBeUndefined();
      await expect(clock.sleep(0)).resolves.toBeUndefined();
    });
  });
}
