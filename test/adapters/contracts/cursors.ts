import { expect, it } from 'vitest';
import {
  type BusFixture,
  CONNECTED_AT,
  drain,
  listener,
  look,
  markRestored,
  newChannel,
  publishMany,
  sendUpTo,
  sourceOn,
} from './bus-fixture.ts';

/** Where each connection of a channel stands: what `open` and `acknowledge` of the bus do, and the reader then sees. */
export function describeCursors(fixture: () => BusFixture): void {
  describeNext(fixture);
  describeOpening(fixture);
  describeMoves(fixture);
  describeAcknowledgement(fixture);
}

const AT_THE_BEGINNING = { start: 0, sent: 0, acknowledged: 0, gap: false };

function describeNext(fixture: () => BusFixture): void {
  it('gives as many as fit into so many bytes, but one at least', async () => {
    const { bus, reader } = fixture();
    const at = newChannel();
    const texts = ['ä'.repeat(5_000), 'b', 'c', ...Array.from({ length: 20 }, () => 'd'.repeat(100))];
    for (const text of texts) await bus.publish(sourceOn(at).success(text));
    await markRestored(reader, at);
    const seqs = async (count: number, bytes?: number) => {
      const { entries } = await reader.next(listener(at, 'a'), count, bytes);
      return entries.map(({ seq }) => seq);
    };
    const all = Array.from({ length: 23 }, (_, index) => index + 1);
    expect(await seqs(100)).toEqual(all);
    expect(await seqs(20, 100_000)).toEqual(all.slice(0, 20));
    expect(await seqs(100, 1)).toEqual([1]);
    expect(await seqs(100, 10_000)).toEqual([1]); // in bytes, not in characters
    const { entries } = await look(reader, at);
    const whole = entries.slice(0, 12).reduce((sum, { frame }) => sum + Buffer.byteLength(frame), 0);
    expect(await seqs(100, whole)).toEqual(all.slice(0, 12));
    expect(await seqs(100, whole - 1)).toEqual(all.slice(0, 11));
  });

  it('gives a connection the events after its cursor, so many at a time', async () => {
    const { bus, reader } = fixture();
    const at = newChannel();
    const epoch = await publishMany(bus, at, 5);
    await markRestored(reader, at);
    const after = async (seq: number) => {
      await sendUpTo(reader, at, 'a', seq);
      const next = await reader.next(listener(at, 'a'), 2);
      expect(next).toMatchObject({ epoch, seq: 5, firstHeld: 1, restored: true });
      return next.entries.map((entry) => entry.seq);
    };
    expect(await after(0)).toEqual([1, 2]);
    expect(await after(1)).toEqual([2, 3]);
    expect(await after(4)).toEqual([5]);
    expect(await after(5)).toEqual([]);
  });

  it('gives a connection that has no cursor one, and leaves one that is there', async () => {
    const { bus, reader } = fixture();
    const at = newChannel();
    const epoch = await publishMany(bus, at, 2);
    await markRestored(reader, at);
    const { cursor, entries } = await reader.next(listener(at, 'a', { epoch, seq: 1 }), 10);
    expect(cursor).toMatchObject({ start: 1, sent: 1, acknowledged: 0, gap: false });
    expect(entries.map(({ seq }) => seq)).toEqual([2]);
    await reader.moveCursor(at, 'a', cursor!.turn, 2);
    const later = await reader.next(listener(at, 'a', { epoch, seq: 1 }), 10);
    expect(later.cursor).toMatchObject({ start: 1, sent: 2, acknowledged: 0, gap: false });
    expect(later.entries).toEqual([]);
  });

  it('is complete with the terminal of the last source, at the same moment as the events', async () => {
    const { bus, reader } = fixture();
    const at = newChannel();
    const source = sourceOn(at);
    await bus.publish(source.step());
    expect(await look(reader, at)).toMatchObject({ seq: 1, complete: 0 });
    await bus.publish(source.success());
    expect(await look(reader, at)).toMatchObject({ seq: 2, complete: 2 });
  });
}

function describeOpening(fixture: () => BusFixture): void {
  it('starts a connection at the beginning of a channel, before anything was published and after', async () => {
    const { bus, reader } = fixture();
    const at = newChannel();
    await markRestored(reader, at);
    await bus.open(listener(at, 'early'));
    await publishMany(bus, at, 1);
    await bus.open(listener(at, 'late'));
    for (const id of ['early', 'late']) {
      const { cursor, entries } = await reader.next(listener(at, id), 10);
      expect(cursor).toMatchObject(AT_THE_BEGINNING);
      expect(entries).toHaveLength(1);
    }
  });

  it('fixes where a connection starts when it opens, whatever comes between', async () => {
    const { bus, reader } = fixture();
    const at = newChannel();
    const { epoch } = await bus.publish(sourceOn(at).success());
    await markRestored(reader, at);
    await bus.open(listener(at, 'before'));
    await reader.closeRound(at, { epoch, seq: 1 }, CONNECTED_AT);
    await bus.open(listener(at, 'after'));
    expect((await reader.next(listener(at, 'before'), 10)).cursor!.start).toBe(0);
    expect((await reader.next(listener(at, 'after'), 10)).cursor!.start).toBe(1);
  });

  it('starts a connection after the event that it has, also before a closed round', async () => {
    const { bus, reader } = fixture();
    const at = newChannel();
    for (let i = 0; i < 3; i += 1) await bus.publish(sourceOn(at).success());
    const epoch = await markRestored(reader, at);
    expect(await reader.closeRound(at, { epoch, seq: 3 }, CONNECTED_AT)).toBe(true);
    for (const seq of [0, 2, 3]) {
      await bus.open(listener(at, `has ${seq}`), { epoch, seq });
      const { cursor } = await reader.next(listener(at, `has ${seq}`), 10);
      expect(cursor).toMatchObject({ start: seq, sent: seq, acknowledged: 0, gap: false });
    }
  });

  it('leaves a cursor where it is when the same connection is opened again', async () => {
    const { bus, reader } = fixture();
    const at = newChannel();
    await publishMany(bus, at, 1);
    await markRestored(reader, at);
    await bus.open(listener(at, 'a'));
    await sendUpTo(reader, at, 'a', 1);
    await bus.open(listener(at, 'a'));
    expect((await reader.next(listener(at, 'a'), 1)).cursor).toMatchObject({ ...AT_THE_BEGINNING, sent: 1 });
  });

  // A resume was written straight into the cursor, and the page in flight then moved the cursor on: the events between
  // were never sent again.
  it('keeps a resume that comes while a page is being sent, also where the cursor was lost under that page', async () => {
    const { bus, reader } = fixture();
    const at = newChannel();
    const epoch = await publishMany(bus, at, 6);
    await markRestored(reader, at);
    for (const cursor of ['kept', 'lost']) {
      const inFlight = await reader.next(listener(at, cursor), 10);
      if (cursor === 'lost') await reader.dropCursor(at, cursor);
      await bus.open(listener(at, cursor), { epoch, seq: 2 });
      await reader.moveCursor(at, cursor, inFlight.cursor!.turn, 6);
      const resumed = await reader.next(listener(at, cursor), 10);
      expect(resumed.cursor).toMatchObject({ start: cursor === 'lost' ? 2 : 0, sent: 2, acknowledged: 0, gap: false });
      expect(resumed.entries.map(({ seq }) => seq)).toEqual([3, 4, 5, 6]);
      await reader.moveCursor(at, cursor, resumed.cursor!.turn, 6);
      expect((await reader.next(listener(at, cursor), 10)).cursor!.sent).toBe(6);
    }
  });

  it('rings the doorbell for each opening', async () => {
    const { bus, reader } = fixture();
    const at = newChannel();
    await bus.open(listener(at, 'a'));
    await bus.open(listener(at, 'a'), { epoch: 'x', seq: 1 });
    expect((await drain(reader, at.shard)).map(({ wsUuid }) => wsUuid)).toEqual([at.wsUuid, at.wsUuid]);
  });
}

function describeMoves(fixture: () => BusFixture): void {
  it('moves and drops each cursor of a channel by itself', async () => {
    const { bus, reader } = fixture();
    const at = newChannel();
    await publishMany(bus, at, 3);
    await markRestored(reader, at);
    const ids = ['a=', 'b:c', 'd'];
    await sendUpTo(reader, at, 'a=', 3);
    await sendUpTo(reader, at, 'b:c', 1);
    await sendUpTo(reader, at, 'd', 2);
    await reader.dropCursor(at, 'd');
    const sent = await Promise.all(ids.map(async (id) => (await reader.next(listener(at, id), 1)).cursor!.sent));
    expect(sent).toEqual([3, 1, 0]);
  });

  it('does not bring a cursor back that was dropped', async () => {
    const { bus, reader } = fixture();
    const at = newChannel();
    const epoch = await publishMany(bus, at, 3);
    await markRestored(reader, at);
    await bus.open(listener(at, 'a'), { epoch, seq: 1 });
    const { cursor } = await reader.next(listener(at, 'a'), 1);
    await reader.dropCursor(at, 'a');
    await reader.moveCursor(at, 'a', cursor!.turn, 2);
    await bus.acknowledge(at, 'a', { epoch, seq: 1 });
    expect((await reader.next(listener(at, 'a'), 1)).cursor).toMatchObject(AT_THE_BEGINNING);
  });

  // A page of a subscriber that was overtaken moved the cursor past a resume that its successor had begun to serve.
  it('moves no cursor back, and none for a page of another turn', async () => {
    const { bus, reader } = fixture();
    const at = newChannel();
    const epoch = await publishMany(bus, at, 6);
    await markRestored(reader, at);
    const cursor = async () => (await reader.next(listener(at, 'a'), 10)).cursor!;
    const { turn } = await cursor();
    await reader.moveCursor(at, 'a', turn, 4);
    await reader.moveCursor(at, 'a', turn, 3);
    expect(await cursor()).toMatchObject({ turn, sent: 4 });
    for (const after of [
      { epoch: 'another', seq: 1 },
      { epoch, seq: 4 },
      { epoch, seq: 4 },
    ]) {
      const before = await cursor();
      await bus.open(listener(at, 'a'), after);
      const resumed = await cursor();
      await reader.moveCursor(at, 'a', before.turn, 6);
      expect(await cursor()).toEqual(resumed);
    }
  });

  // A page was in flight when Redis lost its data, and moved the cursor of the new epoch past events that nobody had sent.
  it('does not touch a cursor of another epoch', async () => {
    const { bus, reader, lose } = fixture();
    const at = newChannel();
    await publishMany(bus, at, 3);
    await markRestored(reader, at);
    const { cursor } = await reader.next(listener(at, 'a'), 10);
    await lose();
    await publishMany(bus, at, 5);
    await markRestored(reader, at);
    await bus.open(listener(at, 'a'));
    await reader.moveCursor(at, 'a', cursor!.turn, 3);
    expect((await reader.next(listener(at, 'a'), 1)).cursor).toMatchObject(AT_THE_BEGINNING);
  });
}

function describeAcknowledgement(fixture: () => BusFixture): void {
  it('notes how far the client is, without going back, and without touching what was sent', async () => {
    const { bus, reader } = fixture();
    const at = newChannel();
    const epoch = await publishMany(bus, at, 3);
    await markRestored(reader, at);
    await bus.open(listener(at, 'a'));
    const cursor = async () => (await reader.next(listener(at, 'a'), 1)).cursor;
    await Promise.all([sendUpTo(reader, at, 'a', 3), bus.acknowledge(at, 'a', { epoch, seq: 2 })]);
    expect(await cursor()).toMatchObject({ start: 0, sent: 3, acknowledged: 2, gap: false });
    await bus.acknowledge(at, 'a', { epoch, seq: 1 });
    expect(await cursor()).toMatchObject({ acknowledged: 2 });
    await bus.acknowledge(at, 'a', { epoch, seq: 1_000_000 });
    expect(await cursor()).toMatchObject({ acknowledged: 3 });
  });

  it('rings for what is new, and ignores what belongs to another epoch or to no connection', async () => {
    const { bus, reader } = fixture();
    const at = newChannel();
    const epoch = await publishMany(bus, at, 1);
    await bus.open(listener(at, 'a'), { epoch, seq: 1 });
    await drain(reader, at.shard);
    await bus.acknowledge(at, 'a', { epoch, seq: 1 });
    expect(await drain(reader, at.shard)).toHaveLength(1);
    await bus.acknowledge(at, 'a', { epoch, seq: 1 });
    await bus.acknowledge(at, 'a', { epoch: 'another', seq: 1 });
    await bus.acknowledge(at, 'nobody', { epoch, seq: 1 });
    await bus.acknowledge(newChannel(at.shard), 'a', { epoch, seq: 1 });
    expect(await drain(reader, at.shard)).toEqual([]);
  });
}
