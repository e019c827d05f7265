import { describe, expect, it } from 'vitest';
import { systemClock } from '../../../adapters/clock.ts';
import { createManualClock } from '../../../adapters/memory/clock.ts';
import { createMemoryBus } from '../../../adapters/memory/event-bus.ts';
import { CHANNEL_TTL_MS, HISTORY_EVENTS } from '../../../domain/limits.ts';
import { drain, listener, newChannel, sourceOn } from '../contracts/bus-fixture.ts';
import { describeEventBus } from '../contracts/event-bus.ts';
import { describeShardReader } from '../contracts/shard-reader.ts';
import { describeShardWatch } from '../contracts/shard-watch.ts';

const make = async () => {
  const { bus, reader, watch, lose } = createMemoryBus({ clock: systemClock });
  return {
    bus,
    reader,
    otherReader: reader,
    watch,
    lose: async () => lose(),
    [Symbol.asyncDispose]: async () => undefined,
  };
};

describeEventBus('in memory', make);
describeShardReader('in memory', make);
describeShardWatch('in memory', make);

describe('createMemoryBus', () => {
  it('loses everything when Redis would, and begins a new epoch', async () => {
    const { bus, reader, lose } = createMemoryBus({ clock: systemClock });
    const at = newChannel();
    const before = await bus.publish(sourceOn(at).step());
    const [doorbell] = await reader.read(at.shard, 'a', 1, 0);
    await reader.acquire(at.shard, 'a', 60_000);
    lose();
    expect(await reader.renew(at.shard, 'a', 60_000)).toBe(false);
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
    await bus.open(listener(at, 'a'));
    await clock.advance(CHANNEL_TTL_MS - 1);
    expect((await reader.next(listener(at, 'a'), 1)).seq).toBe(1);
    await clock.advance(1);
    expect((await reader.next(listener(at, 'a'), 1)).seq).toBe(0);
  });

  it('holds a bounded history', async () => {
    const { bus, reader, history } = createMemoryBus({ clock: systemClock });
    const at = newChannel();
    for (let i = 0; i < HISTORY_EVENTS + 5; i += 1) await bus.publish(sourceOn(at).step());
    expect((await reader.next(listener(at, 'a'), 1)).firstHeld).toBe(6);
    expect(history(at)).toHaveLength(HISTORY_EVENTS);
  });

  it('goes back to how it was, as often as asked, and takes in what comes then', async () => {
    const { bus, reader, watch, snapshot } = createMemoryBus({ clock: systemClock });
    const at = newChannel();
    const source = sourceOn(at);
    const { epoch } = await bus.publish(source.step());
    await reader.acquire(at.shard, 'a', 60_000);
    await watch.beginRecovery(at.shard, 'token');
    const goBack = snapshot();
    for (let round = 0; round < 2; round += 1) {
      expect(await bus.publish(source.success())).toMatchObject({ outcome: 'published', seq: 2, epoch, wake: false });
      expect(await drain(reader, at.shard)).toHaveLength(2);
      await watch.endRecovery(at.shard, 'token');
      expect(await reader.exitIfIdle(at.shard, 'a')).toBe(true);
      goBack();
      expect(await watch.beginRecovery(at.shard, 'token')).toBe(true);
    }
    expect(await reader.renew(at.shard, 'a', 60_000)).toBe(true);
    expect(await drain(reader, at.shard)).toHaveLength(1);
  });

  it('lets a read wait by the clock', async () => {
    const clock = createManualClock();
    const { reader } = createMemoryBus({ clock });
    expect(await clock.runUntil(reader.read(1, 'a', 1, 5000))).toEqual([]);
    expect(clock.sleepers).toBe(0);
  });
});
