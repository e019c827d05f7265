import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EventId } from '../../../domain/ids.ts';
import { channelEvent } from '../../../domain/messages.ts';
import {
  type BusFixture,
  CONNECTED_AT,
  drain,
  listener,
  look,
  markRestored,
  newChannel,
  sourceOn,
} from './bus-fixture.ts';

export function describeEventBus(name: string, make: () => Promise<BusFixture>): void {
  describe(`EventBus, ${name}`, () => {
    let fixture: BusFixture;
    beforeAll(async () => {
      fixture = await make();
    });
    afterAll(() => fixture?.[Symbol.asyncDispose]());

    describeHistory(() => fixture);
    describeDedupe(() => fixture);
    describeRounds(() => fixture);
    describeTimeTravel(() => fixture);
    describeWaking(() => fixture);
  });
}

function describeHistory(fixture: () => BusFixture): void {
  it('numbers the events of a channel 1, 2, 3 within one epoch, and keeps them as they go out', async () => {
    const { bus, reader } = fixture();
    const at = newChannel();
    const source = sourceOn(at);
    const published = [];
    for (const event of [
      source.step(),
      source.received(),
      source.progress(40),
      source.success({ 'ein "Titel"': 'ü}' }),
    ]) {
      published.push(await bus.publish(event));
    }
    expect(published.map(({ outcome, seq }) => [outcome, seq])).toEqual([1, 2, 3, 4].map((seq) => ['published', seq]));
    const epoch = published[0]!.epoch;
    expect(epoch).toMatch(/^[0-9a-z]{1,32}$/);
    expect(published.every((each) => each.epoch === epoch)).toBe(true);

    const { entries } = await look(reader, at);
    expect(entries.map(({ seq }) => seq)).toEqual([1, 2, 3, 4]);
    const messages = entries.map(({ frame }) => channelEvent.parse(JSON.parse(frame)));
    expect(messages.map((message) => message['event-id'])).toEqual([1, 2, 3, 4].map((seq) => `${epoch}-${seq}`));
    expect(messages[3]).toEqual({ ...source.success({ 'ein "Titel"': 'ü}' }).event, 'event-id': `${epoch}-4` });
  });

  it('keeps beside an event when it was published and whose it is, and nothing of that in its frame', async () => {
    const { bus, reader } = fixture();
    const at = newChannel();
    const source = sourceOn(at);
    await bus.publish(source.step());
    await bus.publish({ ...source.success(), correlationId: 'the-request' });
    const [step, success] = (await look(reader, at)).entries;
    expect(step).not.toHaveProperty('correlationId');
    expect(success).toMatchObject({ seq: 2, correlationId: 'the-request' });
    expect(success!.publishedAt).toBeGreaterThanOrEqual(step!.publishedAt!);
    expect(step!.publishedAt).toBeGreaterThan(0);
    expect(Object.keys(JSON.parse(success!.frame))).not.toContain('correlation-id');
    expect(success!.frame).not.toContain('the-request');
  });

  it('gives every one of many events at once a number of its own', async () => {
    const { bus } = fixture();
    const at = newChannel();
    const published = await Promise.all(Array.from({ length: 50 }, () => bus.publish(sourceOn(at).step())));
    expect(published.map(({ seq }) => seq).sort((a, b) => a - b)).toEqual(Array.from({ length: 50 }, (_, i) => i + 1));
    expect(new Set(published.map(({ epoch }) => epoch)).size).toBe(1);
  });
}

function describeDedupe(fixture: () => BusFixture): void {
  it('adds an event that is published again only once, and tells its number again', async () => {
    const { bus, reader } = fixture();
    const at = newChannel();
    const source = sourceOn(at);
    const first = await bus.publish(source.step());
    await bus.publish(source.received());
    await bus.publish(source.progress(10));
    await bus.publish(source.progress(20));
    expect(await bus.publish(source.step())).toMatchObject({ outcome: 'duplicate', seq: 1, epoch: first.epoch });
    expect(await bus.publish(source.progress(10))).toMatchObject({ outcome: 'duplicate', seq: 3 });
    const { seq, entries } = await look(reader, at);
    expect(seq).toBe(4);
    expect(entries).toHaveLength(4);
  });

  it('keeps the first of two terminals of a source', async () => {
    const { bus, reader } = fixture();
    const at = newChannel();
    const source = sourceOn(at);
    await bus.publish(source.step());
    await bus.publish(source.success());
    expect(await bus.publish({ ...source.failure(), dedupeKey: 'another' })).toMatchObject({
      outcome: 'duplicate',
      seq: 2,
    });
    expect(await bus.publish(source.success())).toMatchObject({ outcome: 'duplicate', seq: 2 });
    const frames = (await look(reader, at)).entries.map(({ frame }) => frame);
    expect(frames).toHaveLength(2);
    expect(frames[1]).toContain('"success"');
  });

  it('refuses everything of a source that comes after its terminal', async () => {
    const { bus, reader } = fixture();
    const at = newChannel();
    const source = sourceOn(at);
    await bus.publish(source.step());
    await bus.publish(source.success());
    expect(await bus.publish(source.progress(90))).toMatchObject({ outcome: 'refused', seq: 2 });
    expect(await bus.publish(source.received())).toMatchObject({ outcome: 'refused', seq: 2 });
    expect(await bus.publish(source.step())).toMatchObject({ outcome: 'refused', seq: 2 });
    expect(await look(reader, at)).toMatchObject({ seq: 2, complete: 2 });
  });

  it('refuses progress that would fall within its stage, also from a later attempt', async () => {
    const { bus } = fixture();
    const at = newChannel();
    const source = sourceOn(at);
    await bus.publish(source.step());
    await bus.publish(source.progress(9.5, 'extract', '1:a'));
    await bus.publish(source.progress(50, 'extract', '1:b'));
    expect((await bus.publish(source.progress(49, 'extract', '2:a'))).outcome).toBe('refused');
    expect((await bus.publish(source.progress(5, 'fetch', '2:b'))).outcome).toBe('published');
    expect((await bus.publish(source.progress(50, 'extract', '2:c'))).outcome).toBe('published');
    expect((await bus.publish(source.progress(100, 'extract', '2:d'))).outcome).toBe('published');
    expect((await bus.publish(source.progress(99.5, 'extract', '2:e'))).outcome).toBe('refused');
    const other = sourceOn(at);
    await bus.publish(other.step());
    expect((await bus.publish(other.progress(1))).outcome).toBe('published');
  });

  it('takes a heartbeat however far the source is, which it leaves as it is, and none after the end', async () => {
    const { bus } = fixture();
    const source = sourceOn(newChannel());
    expect((await bus.publish(source.heartbeat('1:0'))).outcome).toBe('unopened');
    await bus.publish(source.step());
    await bus.publish(source.progress(50));
    for (const dedupeKey of ['2:1', '2:2']) {
      expect((await bus.publish(source.heartbeat(dedupeKey))).outcome).toBe('published');
    }
    expect(await bus.publish(source.heartbeat('2:1'))).toMatchObject({ outcome: 'duplicate', seq: 3 });
    expect((await bus.publish(source.progress(49))).outcome).toBe('refused');
    expect(await bus.publish(source.success())).toMatchObject({ outcome: 'published', seq: 5 });
    expect((await bus.publish(source.heartbeat('2:3'))).outcome).toBe('refused');
  });

  // Redis lost its data while a source was being processed: the client was told how far something is of which it had
  // never been told that it began.
  it('takes no progress of a source whose opening it does not hold, and leaves everything as it is', async () => {
    const { bus, reader } = fixture();
    const at = newChannel();
    const source = sourceOn(at);
    const unopened = { outcome: 'unopened', epoch: '', seq: 0, wake: true };
    expect(await bus.publish(source.progress(10))).toEqual(unopened);
    const { epoch } = await bus.publish(sourceOn(at).step());
    await drain(reader, at.shard);
    expect(await bus.publish(source.progress(10))).toEqual({ ...unopened, epoch, seq: 1 });
    expect(await drain(reader, at.shard)).toEqual([]);
    expect((await look(reader, at)).entries).toHaveLength(1);
    await bus.publish(source.step());
    expect(await bus.publish(source.progress(10))).toMatchObject({ outcome: 'published', seq: 3 });
  });

  it('takes the next generation of a source as a source of its own', async () => {
    const { bus, reader } = fixture();
    const at = newChannel();
    const first = sourceOn(at, { sourceUuid: 'source' });
    const second = sourceOn(at, { sourceUuid: 'source', generation: 2 });
    for (const event of [first.step(), first.progress(80), first.success()]) await bus.publish(event);
    for (const event of [second.step(), second.progress(10), second.success()]) {
      expect((await bus.publish(event)).outcome).toBe('published');
    }
    expect((await bus.publish(first.progress(90))).outcome).toBe('refused');
    expect(await look(reader, at)).toMatchObject({ seq: 6, complete: 6 });
  });
}

function describeRounds(fixture: () => BusFixture): void {
  const complete = async (at: ReturnType<typeof newChannel>) => (await look(fixture().reader, at)).complete;

  it('calls a round complete at the terminal of its last source', async () => {
    const { bus } = fixture();
    const at = newChannel();
    const [one, two] = [sourceOn(at, { batchSize: 2 }), sourceOn(at, { batchSize: 2 })];
    for (const event of [one.step(), one.received(), one.success()]) await bus.publish(event);
    expect(await complete(at)).toBe(0);
    await bus.publish(two.step());
    await bus.publish(two.failure());
    expect(await complete(at)).toBe(5);
  });

  it('waits for every source that has begun, even beyond the batch size', async () => {
    const { bus } = fixture();
    const at = newChannel();
    const [one, two] = [sourceOn(at), sourceOn(at)];
    for (const event of [one.step(), two.step(), one.success()]) await bus.publish(event);
    expect(await complete(at)).toBe(0);
    await bus.publish(two.success());
    expect(await complete(at)).toBe(4);
  });

  it('begins a new round with the next source after a complete one', async () => {
    const { bus, reader } = fixture();
    const at = newChannel();
    const sources = Array.from({ length: 4 }, () => sourceOn(at, { batchSize: 2 }));
    let epoch = '';
    for (const source of sources.slice(0, 2)) epoch = (await bus.publish(source.success())).epoch;
    expect(await complete(at)).toBe(2);
    await reader.closeRound(at, { epoch, seq: 2 }, 1);
    await bus.publish(sources[2]!.step());
    expect(await complete(at)).toBe(0);
    await bus.publish(sources[2]!.success());
    expect(await complete(at)).toBe(0);
    await bus.publish(sources[3]!.success());
    expect(await complete(at)).toBe(5);
  });

  // A batch that had one source too many, or one that was sent again, was never complete once more.
  it('goes on with the round that no socket was closed for', async () => {
    const { bus } = fixture();
    const at = newChannel();
    const [one, two, more] = Array.from({ length: 3 }, () => sourceOn(at, { batchSize: 2 }));
    await bus.publish(one!.success());
    await bus.publish(two!.success());
    await bus.publish(more!.step());
    expect(await complete(at)).toBe(0);
    await bus.publish(more!.success());
    expect(await complete(at)).toBe(4);
  });

  it('counts a source that is sent again in the same round once', async () => {
    const { bus, reader } = fixture();
    const at = newChannel();
    const sourceUuid = randomUUID();
    const failed = sourceOn(at, { batchSize: 2, sourceUuid });
    // Of the generation between them nothing was ever published: its request was broken off.
    const again = sourceOn(at, { batchSize: 2, sourceUuid, generation: 3 });
    const other = sourceOn(at, { batchSize: 2 });
    await bus.publish(failed.failure());
    const { epoch } = await bus.publish(again.success());
    expect(await complete(at)).toBe(0);
    await bus.publish(other.success());
    expect(await complete(at)).toBe(3);
    await reader.closeRound(at, { epoch, seq: 3 }, 1);
    const third = sourceOn(at, { batchSize: 1, sourceUuid, generation: 4 });
    await bus.publish(third.success());
    expect(await complete(at)).toBe(4); // of another round
  });

  it('counts a terminal whose opening never arrived, and only once', async () => {
    const { bus } = fixture();
    const at = newChannel();
    const [one, two] = [sourceOn(at, { batchSize: 2 }), sourceOn(at, { batchSize: 2 })];
    await bus.publish(one.success());
    await bus.publish(one.success());
    expect(await complete(at)).toBe(0);
    await bus.publish(two.success());
    expect(await complete(at)).toBe(2);
  });

  it('starts a connection after the round that was closed last before it came', async () => {
    const { bus, reader } = fixture();
    const at = newChannel();
    const epoch = await markRestored(reader, at);
    for (const seq of [1, 2, 3]) {
      await bus.publish(sourceOn(at).success());
      expect(await reader.closeRound(at, { epoch, seq }, seq * 100)).toBe(true);
    }
    expect(await reader.closeRound(at, { epoch, seq: 3 }, 400)).toBe(true); // by the next socket that it closes
    const startOf = async (connectedAt: number) => {
      const { cursor } = await reader.next(listener(at, `came at ${connectedAt}`, undefined, connectedAt), 1);
      return cursor!.start;
    };
    const starts = await Promise.all([99, 100, 199, 200, 299, 300, 399, 400].map(startOf));
    expect(starts).toEqual([0, 1, 1, 2, 2, 3, 3, 3]);
  });

  it('does not close a round that is not at this end, or not any more', async () => {
    const { bus, reader } = fixture();
    const at = newChannel();
    const epoch = await markRestored(reader, at);
    const close = (end: EventId) => reader.closeRound(at, end, 1);
    expect(await close({ epoch, seq: 1 })).toBe(false); // nothing is known of it
    await bus.publish(sourceOn(at).success());
    await bus.publish(sourceOn(at).success());
    expect(await close({ epoch: 'lost', seq: 2 })).toBe(false); // read before Redis lost its data
    expect(await close({ epoch, seq: 1 })).toBe(false);
    await bus.publish(sourceOn(at).step());
    expect(await close({ epoch, seq: 2 })).toBe(false); // another upload has begun
    expect((await reader.next(listener(at, 'a'), 1)).cursor!.start).toBe(0);
  });
}

function describeTimeTravel(fixture: () => BusFixture): void {
  // A replica takes over that had not heard of the last events: their numbers would be given to others, and a client that
  // has seen them would drop those as known.
  it('begins a new epoch where a terminal is not there that this epoch is known to have held', async () => {
    const { bus, reader } = fixture();
    const at = newChannel();
    const source = sourceOn(at);
    const { epoch } = await bus.publish(source.step());
    const known = { epoch, seq: 3, dedupeKey: 'terminal' };
    const [step, received, success] = [source.step(), source.received(), source.success()];
    const first = await bus.publish({ ...step, known });
    expect(first).toMatchObject({ outcome: 'published', seq: 1, wake: true });
    expect(first.epoch).not.toBe(epoch);
    for (const [index, event] of [received, success].entries()) {
      expect(await bus.publish({ ...event, known })).toMatchObject({ epoch: first.epoch, seq: index + 2 });
    }
    const now = await look(reader, at);
    expect(now).toMatchObject({ epoch: first.epoch, seq: 3, complete: 3 });
    expect(now.entries.map(({ seq }) => seq)).toEqual([1, 2, 3]);
  });

  it('begins one where the terminal stands at another number, which means that it was published twice', async () => {
    const { bus, reader } = fixture();
    const at = newChannel();
    const source = sourceOn(at);
    const { epoch } = await bus.publish(source.step());
    await reader.next(listener(at, 'a'), 1);
    await bus.publish(source.success());
    const again = await bus.publish({ ...source.success(), known: { epoch, seq: 5, dedupeKey: 'terminal' } });
    expect(again).toMatchObject({ outcome: 'published', seq: 1 });
    expect(again.epoch).not.toBe(epoch);
    expect(await bus.publish({ ...source.success(), known: { epoch, seq: 5, dedupeKey: 'terminal' } })).toMatchObject({
      outcome: 'duplicate',
      epoch: again.epoch,
    });
  });

  it('begins one where a source is sent again whose upload before is under way: its end was lost', async () => {
    const { bus, reader } = fixture();
    const at = newChannel();
    const sourceUuid = randomUUID();
    const { epoch } = await bus.publish(sourceOn(at, { sourceUuid, generation: 2 }).step());
    const old = await bus.publish(sourceOn(at, { sourceUuid, generation: 1 }).step());
    expect(old.epoch).toBe(epoch); // a late word of an earlier one, of which nothing is known
    const again = sourceOn(at, { sourceUuid, generation: 4 });
    const first = await bus.publish(again.step());
    expect(first).toMatchObject({ outcome: 'published', seq: 1 });
    expect(first.epoch).not.toBe(epoch);
    await bus.publish(again.success());
    expect(await look(reader, at)).toMatchObject({ complete: 2 });
    expect(await bus.publish(sourceOn(at, { sourceUuid, generation: 5 }).step())).toMatchObject({ epoch: first.epoch });
  });

  it('takes what comes late of an upload that was followed by another for said', async () => {
    const { bus } = fixture();
    const at = newChannel();
    const sourceUuid = randomUUID();
    const old = sourceOn(at, { sourceUuid, generation: 1 });
    const { epoch } = await bus.publish(old.success());
    await bus.publish(sourceOn(at, { sourceUuid, generation: 2 }).success());
    const known = { epoch, seq: 1, dedupeKey: 'terminal' };
    expect(await bus.publish({ ...old.success(), known })).toMatchObject({ outcome: 'duplicate', epoch });
    expect(await bus.publish(old.progress(50))).toMatchObject({ outcome: 'refused', epoch });
  });

  it('begins one where progress is not there that this epoch is known to have held', async () => {
    const { bus } = fixture();
    const at = newChannel();
    const source = sourceOn(at);
    const { epoch } = await bus.publish(source.step());
    const first = source.progress(10);
    const { seq } = await bus.publish(first);
    const known = { epoch, seq, dedupeKey: first.dedupeKey };
    expect(await bus.publish({ ...source.progress(20), known })).toMatchObject({ outcome: 'published', epoch, seq: 3 });
    expect((await bus.publish({ ...source.progress(30), known: { ...known, dedupeKey: 'lost' } })).outcome).toBe(
      'unopened',
    );
    expect((await bus.publish(source.step())).epoch).not.toBe(epoch);
  });

  it('finds nothing wrong with progress that is known of a source which has ended', async () => {
    const { bus } = fixture();
    const at = newChannel();
    const source = sourceOn(at);
    await bus.publish(source.step());
    const { epoch } = await bus.publish(source.success());
    const known = { epoch, seq: 7, dedupeKey: 'progress' };
    expect(await bus.publish({ ...source.progress(30), known })).toMatchObject({ outcome: 'refused', epoch });
  });

  it('keeps the epoch where the terminal is as it is known, or is known of another epoch', async () => {
    const { bus } = fixture();
    const at = newChannel();
    const [source, other] = [sourceOn(at), sourceOn(at)];
    const { epoch } = await bus.publish(source.success());
    const known = { epoch, seq: 1, dedupeKey: 'terminal' };
    expect(await bus.publish({ ...source.success(), known })).toMatchObject({ outcome: 'duplicate', seq: 1, epoch });
    expect(await bus.publish({ ...source.step(), known })).toMatchObject({ outcome: 'refused', seq: 1, epoch });
    const foreign = { epoch: 'another', seq: 1, dedupeKey: 'terminal' };
    expect(await bus.publish({ ...other.success(), known: foreign })).toMatchObject({ outcome: 'published', epoch });
  });

  it('holds nothing of the old epoch in a new one: no cursor, no floor, no restoration', async () => {
    const { bus, reader } = fixture();
    const at = newChannel();
    for (let i = 0; i < 3; i += 1) await bus.publish(sourceOn(at).success());
    const { epoch } = await look(reader, at);
    await reader.closeRound(at, { epoch, seq: 3 }, CONNECTED_AT);
    const { cursor } = await reader.next(listener(at, 'a'), 1);
    const source = sourceOn(at);
    await bus.publish({ ...source.success(), known: { epoch, seq: 4, dedupeKey: 'terminal' } });
    const next = await reader.next(listener(at, 'a'), 1);
    expect(next).toMatchObject({ seq: 1, complete: 1, restored: false, firstHeld: 1, entries: [] });
    expect(next.cursor).toBeUndefined();
    await reader.moveCursor(at, 'a', cursor!.turn, 3);
    await reader.markRestored(at, next.epoch);
    expect((await reader.next(listener(at, 'a'), 1)).cursor).toMatchObject({
      start: 0,
      sent: 0,
      acknowledged: 0,
      gap: false,
    });
  });
}

function describeWaking(fixture: () => BusFixture): void {
  it('asks for a subscriber as long as nobody holds the lease, for every kind of ring', async () => {
    const { bus, reader } = fixture();
    const at = newChannel();
    const source = sourceOn(at);
    const wakes = async () => {
      const { epoch, wake } = await bus.publish(sourceOn(at).step());
      const open = await bus.open(listener(at, 'a'));
      const acknowledge = await bus.acknowledge(at, 'a', { epoch, seq: 1 });
      return [wake, open.wake, acknowledge.wake, (await bus.ring(at)).wake];
    };
    expect((await bus.publish(source.success())).wake).toBe(true);
    expect(await wakes()).toEqual([true, true, true, true]);
    await reader.acquire(at.shard, 'token', 60_000);
    expect(await wakes()).toEqual([false, false, false, false]);
    await reader.release(at.shard, 'token');
    expect(await wakes()).toEqual([true, true, true, true]);
  });

  // The answer of the first run was lost with the connection, and with it the order to start a subscriber: the repeat
  // has to give that order, or the terminal waits for the next event of the shard.
  it('asks for a subscriber for a duplicate and a refused event too', async () => {
    const { bus, reader } = fixture();
    const at = newChannel();
    const source = sourceOn(at);
    await bus.publish(source.step());
    expect(await bus.publish(source.step())).toMatchObject({ outcome: 'duplicate', wake: true });
    await bus.publish(source.success());
    expect(await bus.publish(source.success())).toMatchObject({ outcome: 'duplicate', wake: true });
    expect(await bus.publish(source.progress(1))).toMatchObject({ outcome: 'refused', wake: true });
    await reader.acquire(at.shard, 'token', 60_000);
    expect(await bus.publish(source.success())).toMatchObject({ outcome: 'duplicate', wake: false });
  });

  it('does not ring again for a duplicate: the first ring waits until it is served', async () => {
    const { bus, reader } = fixture();
    const at = newChannel();
    const source = sourceOn(at);
    await bus.publish(source.success());
    await bus.publish(source.success());
    expect(await drain(reader, at.shard)).toHaveLength(1);
  });

  it('rings for a channel of which nothing is known, and leaves nothing else of it', async () => {
    const { bus, reader } = fixture();
    const at = newChannel();
    await bus.ring(at);
    await bus.ring(at);
    expect((await drain(reader, at.shard)).map(({ wsUuid }) => wsUuid)).toEqual([at.wsUuid, at.wsUuid]);
    expect(await bus.publish(sourceOn(at).progress(1))).toMatchObject({ outcome: 'unopened', epoch: '' });
  });
}
