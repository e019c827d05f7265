import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type BusFixture, drain, newChannel, sourceOn } from './bus-fixture.ts';

const LEASE_MS = 60_000;

export function describeShardWatch(name: string, make: () => Promise<BusFixture>): void {
  describe(`ShardWatch, ${name}`, () => {
    let fixture: BusFixture;
    beforeAll(async () => {
      fixture = await make();
    });
    afterAll(() => fixture?.[Symbol.asyncDispose]());
    describeUnserved(() => fixture);
    describeRecovery(() => fixture);
  });
}

function describeUnserved(fixture: () => BusFixture): void {
  it('calls a shard unserved from a ring until somebody holds its lease', async () => {
    const { bus, reader, watch } = fixture();
    const at = newChannel();
    expect(await watch.isUnserved(at.shard)).toBe(false);
    await bus.publish(sourceOn(at).step());
    expect(await watch.isUnserved(at.shard)).toBe(true);
    expect(await watch.isUnserved(newChannel().shard)).toBe(false);
    await reader.acquire(at.shard, 'a', LEASE_MS);
    expect(await watch.isUnserved(at.shard)).toBe(false);
    await drain(reader, at.shard, 'a');
    await reader.exitIfIdle(at.shard, 'a');
    expect(await watch.isUnserved(at.shard)).toBe(false);
  });

  it('calls a shard unserved whose subscriber left with doorbells that it had read', async () => {
    const { bus, reader, watch } = fixture();
    const at = newChannel();
    await bus.ring(at);
    await reader.acquire(at.shard, 'a', LEASE_MS);
    await reader.read(at.shard, 'a', 10, 0);
    await reader.release(at.shard, 'a');
    expect(await watch.isUnserved(at.shard)).toBe(true);
  });
}

function describeRecovery(fixture: () => BusFixture): void {
  it('has a shard recovered that is new to it, once', async () => {
    const { watch } = fixture();
    const { shard } = newChannel();
    const token = randomUUID();
    expect(await watch.beginRecovery(shard, token)).toBe(true);
    await watch.endRecovery(shard, token);
    expect(await watch.beginRecovery(shard, randomUUID())).toBe(false);
    expect(await watch.beginRecovery(newChannel().shard, randomUUID())).toBe(true);
  });

  it('has it recovered once more after each loss', async () => {
    const { watch, lose } = fixture();
    const { shard } = newChannel();
    for (let round = 0; round < 3; round += 1) {
      const token = randomUUID();
      expect(await watch.beginRecovery(shard, token)).toBe(true);
      await watch.endRecovery(shard, token);
      expect(await watch.beginRecovery(shard, token)).toBe(false);
      await lose();
    }
  });

  it('has it begun again where one was begun and never ended', async () => {
    const { watch } = fixture();
    const { shard } = newChannel();
    const [crashed, next] = [randomUUID(), randomUUID()];
    await watch.beginRecovery(shard, crashed);
    expect(await watch.beginRecovery(shard, crashed)).toBe(true); // the answer was lost
    expect(await watch.beginRecovery(shard, next)).toBe(true);
    await watch.endRecovery(shard, crashed);
    expect(await watch.beginRecovery(shard, next)).toBe(true);
    await watch.endRecovery(shard, next);
    expect(await watch.beginRecovery(shard, next)).toBe(false);
  });

  it('does not take a recovery for whole under which the data was lost once more', async () => {
    const { watch, lose } = fixture();
    const { shard } = newChannel();
    const token = randomUUID();
    await watch.beginRecovery(shard, token);
    await lose();
    await watch.endRecovery(shard, token);
    expect(await watch.beginRecovery(shard, randomUUID())).toBe(true);
  });
}
