import { describe, expect, it } from 'vitest';
import { createClientMemory } from './memory.ts';
import { createPermits } from './permits.ts';

describe('what a client knows', () => {
  it('is the last event that is new, whichever socket it came on', () => {
    const memory = createClientMemory();
    expect(memory.last).toBeUndefined();
    for (const id of ['e-1', 'e-2', 'e-1', 'f-1']) memory.take({ 'event-id': id, 'source-uuid': 's' });
    expect(memory.last).toBe('f-1');
    memory.take({ 'event-id': 'e-2', 'source-uuid': 's' });
    expect(memory.last).toBe('f-1');
  });

  it('has the end of a source from an event or from a snapshot, and nothing from a notice', () => {
    const memory = createClientMemory();
    memory.take({ type: 'gap', 'resume-from': 'e-3' });
    memory.take({ status: 'processing', 'source-uuid': 's', 'event-id': 'e-4' });
    expect([memory.hasSeen('s'), memory.hasEnd('s')]).toEqual([true, false]);
    memory.take({ status: 'failure', 'source-uuid': 's', snapshot: true });
    expect([memory.hasEnd('s'), memory.last]).toEqual([true, 'e-4']);
  });
});

describe('permits', () => {
  it('are given to so many at one time, and back once', async () => {
    const permits = createPermits(1);
    const { signal } = new AbortController();
    const giveBack = await permits.acquire(signal);
    let second = false;
    const waiting = permits.acquire(signal).then((next) => {
      second = true;
      return next;
    });
    await Promise.resolve();
    expect(second).toBe(false);
    giveBack();
    giveBack();
    const next = await waiting;
    const third = permits.acquire(signal);
    next();
    await third;
  });
});
