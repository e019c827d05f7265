import { describe, expect, it } from 'vitest';
import { systemClock } from '../../../adapters/clock.ts';
import { createManualClock } from '../../../adapters/memory/clock.ts';
import { createMemoryBus } from '../../../adapters/memory/event-bus.ts';
import { CHANNEL_TTL_MS, HISTORY_EVENTS } from '../../../domain/limits.ts';
import { drain, newChannel, sourceOn } from '../contracts/bus-fixture.ts';
import { describeEventBus } from '../contracts/event-bus.ts';
import { describeShardReader } from '../contracts/shard-reader.ts';

const make = async () => {
  const { bus, reader } = createMemoryBus({ clock: systemClock });
  return { bus, reader, otherReader: reader, [Symbol.asyncDispose]: async () => undefined };
};

describeEventBus('in memory', make);
describeShardReader('in memory', make);

describe('createMemoryBus', () => {
  it('loses everything when Redis would, and begins a new epoch', async () => {
    const { bus, reader, lose } = createMemoryBus({ clock: systemClock });
    const at = newChannel();
    const before = await bus.publish(sourceOn(at).step());
    const [doorbell] = await reader.read(at.shard, 'a', 1, 0);
    await reader.acquire(at.shard, 'a', 60_000);
    lose();
    expect(await reader.renew(at.shard, 'a', 60_000)).toBe(false);
    expect(await reader.view(at)).toMatchObject({ epoch: '', seq: 0 });
    const after = await bus.publish(sourceOn(at).step());
    expect(after).toMatchObject({ outcome: 'published', seq: 1, wake: true });
    expect(after.epoch).not.toBe(before.epoch);
    await reader.settle(at.shard, [doorbell!.id]);
    expect(await drain(reader, at.shard)).toHaveLength(1);
  });

  it('forgets a channel that was not used for its time to live', async () => {
    const clock = createManualClock();
    const { bus, reader } = createMemoryBus({ clock });
    const at = newChannel();
    await bus.publish(sourceOn(at).step());
    await clock.advance(CHANNEL_TTL_MS - 1);
    await bus.open(at, 'a');
    await clock.advance(CHANNEL_TTL_MS - 1);
    expect((await reader.view(at)).seq).toBe(1);
    await clock.advance(1);
    expect((await reader.view(at)).seq).toBe(0);
  });

  it('holds a bounded history', async () => {
    const { bus, reader } = createMemoryBus({ clock: systemClock });
    const at = newChannel();
    for (let i = 0; i < HISTORY_EVENTS + 5; i += 1) await bus.publish(sourceOn(at).step());
    expect((await reader.history(at, 0, 1))[0]!.seq).toBe(6);
  });

  it('lets a read wait by the clock', async () => {
    const clock = createManualClock();
    const { reader } = createMemoryBus({ clock });
    expect(await clock.runUntil(reader.read(1, 'a', 1, 5000))).toEqual([]);
    expect(clock.sleepers).toBe(0);
  });
});
