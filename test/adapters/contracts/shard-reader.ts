import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type BusFixture, drain, newChannel, reclaimAll, sourceOn } from './bus-fixture.ts';
import { describeCursors } from './cursors.ts';
import { describeLostEpochs } from './lost-epochs.ts';

const LEASE_MS = 60_000;
/** One that a test sees the end of. */
const SHORT_LEASE_MS = 200;
const BLOCK_MS = 5000;

/** A bound for a hang, never the way a test waits. */
const WAIT = { timeout: 10_000, interval: 5 };

type Make = () => Promise<BusFixture>;

export function describeShardReader(name: string, make: Make): void {
  withFixture(`ShardReader, ${name}`, make, (fixture) => {
    describeLease(fixture);
    describeExit(fixture);
    describeDoorbells(fixture);
    describeCursors(fixture);
    describeLostEpochs(fixture);
  });
}

/** For another way to read doorbells, where all else is the same. */
export function describeDoorbellReading(name: string, make: Make): void {
  withFixture(`ShardReader, ${name}`, make, describeDoorbells);
}

function withFixture(title: string, make: Make, tests: (fixture: () => BusFixture) => void): void {
  describe(title, () => {
    let fixture: BusFixture;
    beforeAll(async () => {
      fixture = await make();
    });
    afterAll(() => fixture?.[Symbol.asyncDispose]());
    tests(() => fixture);
  });
}

function describeLease(fixture: () => BusFixture): void {
  it('gives the lease to one of two contenders', async () => {
    const { reader, otherReader } = fixture();
    const { shard } = newChannel();
    const won = await Promise.all([reader.acquire(shard, 'a', LEASE_MS), otherReader.acquire(shard, 'b', LEASE_MS)]);
    expect(won.filter(Boolean)).toHaveLength(1);
    expect(await reader.acquire(newChannel().shard, 'a', LEASE_MS)).toBe(true);
  });

  it('tells the holder that asks again, having lost the answer, that the lease is its own', async () => {
    const { reader, otherReader } = fixture();
    const { shard } = newChannel();
    await reader.acquire(shard, 'a', LEASE_MS);
    expect(await reader.acquire(shard, 'a', LEASE_MS)).toBe(true);
    expect(await otherReader.acquire(shard, 'b', LEASE_MS)).toBe(false);
  });

  it('tells a subscriber that it lost its lease, and lets it touch no other', async () => {
    const { reader, otherReader } = fixture();
    const { shard } = newChannel();
    await reader.acquire(shard, 'slow', 20);
    await expect.poll(() => otherReader.acquire(shard, 'b', LEASE_MS), WAIT).toBe(true);
    expect(await reader.renew(shard, 'slow', LEASE_MS)).toBe(false);
    expect(await reader.exitIfIdle(shard, 'slow')).toBe(false);
    await reader.release(shard, 'slow');
    expect(await otherReader.renew(shard, 'b', LEASE_MS)).toBe(true);
  });

  it('keeps a lease that is renewed', async () => {
    const { reader, otherReader } = fixture();
    let shard = 0;
    // Once more on another shard where this process was held up for as long as the lease lives.
    const renewed = async () => {
      ({ shard } = newChannel());
      await reader.acquire(shard, 'a', SHORT_LEASE_MS);
      return reader.renew(shard, 'a', LEASE_MS);
    };
    await expect.poll(renewed, WAIT).toBe(true);
    const until = Date.now() + SHORT_LEASE_MS + 50;
    await expect.poll(() => Date.now() > until, WAIT).toBe(true);
    expect(await otherReader.acquire(shard, 'b', LEASE_MS)).toBe(false);
  });

  it('gives the lease up whatever is pending', async () => {
    const { bus, reader, otherReader } = fixture();
    const at = newChannel();
    await reader.acquire(at.shard, 'a', LEASE_MS);
    await bus.publish(sourceOn(at).step());
    await reader.read(at.shard, 'a', 10, 0);
    await reader.release(at.shard, 'a');
    expect(await otherReader.acquire(at.shard, 'b', LEASE_MS)).toBe(true);
  });
}

function describeExit(fixture: () => BusFixture): void {
  it('leaves only when nothing is unread and nothing is pending', async () => {
    const { bus, reader } = fixture();
    const at = newChannel();
    const { shard } = at;
    await reader.acquire(shard, 'a', LEASE_MS);
    await bus.publish(sourceOn(at).step());
    expect(await reader.exitIfIdle(shard, 'a')).toBe(false);
    const doorbells = await reader.read(shard, 'a', 10, 0);
    expect(await reader.exitIfIdle(shard, 'a')).toBe(false);
    await reader.settle(
      shard,
      doorbells.map(({ id }) => id),
    );
    expect(await reader.exitIfIdle(shard, 'a')).toBe(true);
    expect((await bus.publish(sourceOn(at).step())).wake).toBe(true);
  });

  it('leaves a shard that never rang, and tells so again when asked again', async () => {
    const { reader, otherReader } = fixture();
    const { shard } = newChannel();
    await reader.acquire(shard, 'a', LEASE_MS);
    expect(await reader.exitIfIdle(shard, 'a')).toBe(true);
    expect(await reader.exitIfIdle(shard, 'a')).toBe(true);
    expect(await otherReader.acquire(shard, 'b', LEASE_MS)).toBe(true);
  });

  // "The queue looks empty, then delete the lease" as two steps: an event that was published between them saw the lease
  // and woke nobody, and lay there with nobody to read it.
  it('never leaves a burst behind that was told that somebody reads', { timeout: 60_000 }, async () => {
    const { bus, reader } = fixture();
    const at = newChannel();
    const { shard } = at;
    const rounds = 200;
    for (let round = 0; round < rounds; round += 1) {
      const token = `token-${round}`;
      await reader.acquire(shard, token, LEASE_MS);
      const burst = async () => {
        // A different moment of the exit each time.
        for (let turn = 0; turn < round % 7; turn += 1) await new Promise(setImmediate);
        return Promise.all(Array.from({ length: 3 }, () => bus.publish(sourceOn(at).step())));
      };
      const [exited, published] = await Promise.all([reader.exitIfIdle(shard, token), burst()]);
      const doorbells = await drain(reader, shard, token);
      const told = published.filter(({ wake }) => !wake).length;
      // Whoever was told that somebody reads rang before the exit, which then must not have happened.
      expect({ round, stranded: exited ? told : 0 }).toEqual({ round, stranded: 0 });
      expect(doorbells).toHaveLength(3);
      if (!exited) await reader.release(shard, token);
    }
  });
}

function describeDoorbells(fixture: () => BusFixture): void {
  it('reads doorbells in the order in which they rang, so many at a time, each once', async () => {
    const { bus, reader } = fixture();
    const { shard } = newChannel();
    const channels = Array.from({ length: 5 }, () => newChannel(shard));
    for (const at of channels) await bus.publish(sourceOn(at).step());
    const read = [await reader.read(shard, 'a', 3, 0), await reader.read(shard, 'a', 3, 0)];
    expect(read.map((page) => page.length)).toEqual([3, 2]);
    expect(read.flat().map(({ wsUuid }) => wsUuid)).toEqual(channels.map(({ wsUuid }) => wsUuid));
    expect(await reader.read(shard, 'a', 3, 0)).toEqual([]);
  });

  it('waits for the first doorbell, also on a shard that never rang', async () => {
    const { bus, reader } = fixture();
    const at = newChannel();
    const waiting = reader.read(at.shard, 'a', 10, BLOCK_MS);
    await bus.publish(sourceOn(at).step());
    expect((await waiting).map(({ wsUuid }) => wsUuid)).toEqual([at.wsUuid]);
  });

  it('answers with nothing when nobody rings in time', async () => {
    const { reader } = fixture();
    expect(await reader.read(newChannel().shard, 'a', 10, 20)).toEqual([]);
  });

  it('takes over all that was read and never settled, page by page', async () => {
    const { bus, reader, otherReader } = fixture();
    const { shard } = newChannel();
    const channels = Array.from({ length: 25 }, () => newChannel(shard));
    for (const at of channels) await bus.publish(sourceOn(at).step());
    const read = await reader.read(shard, 'crashed', 20, 0);
    await reader.settle(
      shard,
      read.slice(0, 5).map(({ id }) => id),
    );
    const claimed = await reclaimAll(otherReader, shard, 'next', 4);
    expect(claimed).toEqual(read.slice(5));
    // Those that nobody had read are read, not claimed.
    expect(await otherReader.read(shard, 'next', 20, 0)).toHaveLength(5);
    expect(await otherReader.exitIfIdle(shard, 'next')).toBe(false);
    await otherReader.settle(
      shard,
      (await reclaimAll(otherReader, shard, 'next', 100)).map(({ id }) => id),
    );
    expect(await otherReader.exitIfIdle(shard, 'next')).toBe(true);
  });

  it('has nothing to take over on a shard that never rang', async () => {
    const { reader } = fixture();
    expect(await reader.reclaim(newChannel().shard, 'a', 10)).toEqual({ doorbells: [] });
  });

  it('settles many at once, none, and one that was settled before', async () => {
    const { bus, reader } = fixture();
    const { shard } = newChannel();
    for (let i = 0; i < 300; i += 1) await bus.publish(sourceOn(newChannel(shard)).step());
    const ids = (await reader.read(shard, 'a', 1000, 0)).map(({ id }) => id);
    expect(ids).toHaveLength(300);
    await reader.settle(shard, []);
    await reader.settle(shard, ids);
    await reader.settle(shard, ids.slice(0, 1));
    expect(await reclaimAll(reader, shard, 'a', 100)).toEqual([]);
    expect(await reader.exitIfIdle(shard, 'a')).toBe(true);
  });

  it('keeps the doorbells of shards apart', async () => {
    const { bus, reader } = fixture();
    const [one, two] = [newChannel(), newChannel()];
    await bus.publish(sourceOn(one).step());
    expect(await drain(reader, two.shard)).toEqual([]);
    expect(await drain(reader, one.shard)).toHaveLength(1);
  });
}
