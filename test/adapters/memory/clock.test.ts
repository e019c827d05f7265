import { describe, expect, it } from 'vitest';
import { createManualClock } from '../../../adapters/memory/clock.ts';
import { describeClock } from '../contracts/clock.ts';

describeClock('by hand', () => {
  const clock = createManualClock();
  return { clock, pass: (ms) => clock.advance(ms) };
});

describe('a clock by hand', () => {
  it('stands still until it is moved', async () => {
    const clock = createManualClock(5000);
    expect(clock.now()).toBe(5000);
    await clock.advance(10);
    expect(clock.now()).toBe(5010);
  });

  it('wakes sleepers in the order of their times, each at its own', async () => {
    const clock = createManualClock(0);
    const woke: string[] = [];
    const sleeper = (name: string, ms: number) => clock.sleep(ms).then(() => woke.push(`${name}@${clock.now()}`));
    void sleeper('late', 30);
    void sleeper('early', 10);
    await clock.advance(40);
    expect(woke).toEqual(['early@10', 'late@30']);
    expect(clock.sleepers).toBe(0);
  });

  it('lets a loop that sleeps again and again run its rounds within one advance', async () => {
    const clock = createManualClock(0);
    const rounds: number[] = [];
    const loop = async () => {
      for (let round = 0; round < 5; round += 1) {
        await clock.sleep(10);
        rounds.push(clock.now());
      }
    };
    void loop();
    await clock.advance(35);
    expect(rounds).toEqual([10, 20, 30]);
    expect(clock.now()).toBe(35);
  });

  it('runs until a promise has settled, and passes on its outcome', async () => {
    const clock = createManualClock(0);
    expect(await clock.runUntil(clock.sleep(60 * 60_000).then(() => 'done'))).toBe('done');
    expect(clock.now()).toBe(60 * 60_000);
    await expect(clock.runUntil(clock.sleep(5).then(() => Promise.reject(new Error('broken'))))).rejects.toThrow(
      'broken',
    );
  });

  it('tells that a promise waits for something that no clock brings', async () => {
    await expect(createManualClock().runUntil(new Promise(() => {}))).rejects.toThrow(/other than the clock/);
  });

  it('forgets a sleeper whose signal aborted', async () => {
    const clock = createManualClock();
    const abort = new AbortController();
    const sleep = clock.sleep(10, abort.signal);
    expect(clock.sleepers).toBe(1);
    abort.abort();
    await sleep;
    expect(clock.sleepers).toBe(0);
  });
});
