import { expect, it } from 'vitest';
import {
  type BusFixture,
  CONNECTED_AT,
  listener,
  markRestored,
  newChannel,
  publishMany,
  sendUpTo,
  sourceOn,
} from './bus-fixture.ts';

/** What becomes of connections when Redis has lost what they had: the restoration of an epoch, and the gap before it. */
export function describeLostEpochs(fixture: () => BusFixture): void {
  describeRestoration(fixture);
  describeGaps(fixture);
}

const AT_THE_BEGINNING = { start: 0, sent: 0, acknowledged: 0, gap: false };

function describeRestoration(fixture: () => BusFixture): void {
  it('begins an epoch for a channel of which nothing is known, and hands out nothing of it', async () => {
    const { bus, reader } = fixture();
    const at = newChannel();
    const { epoch, ...next } = await reader.next(listener(at, 'a'), 10);
    expect(next).toEqual({ seq: 0, complete: 0, restored: false, firstHeld: 1, entries: [] });
    expect(epoch).toMatch(/^[0-9a-z]{1,32}$/);
    expect(await bus.publish(sourceOn(at).step())).toMatchObject({ epoch, seq: 1 });
    expect(await reader.next(listener(at, 'a'), 10)).toMatchObject({ epoch, seq: 1, restored: false, entries: [] });
  });

  it('hands out events as soon as this very epoch is restored', async () => {
    const { bus, reader } = fixture();
    const at = newChannel();
    await reader.markRestored(at, ''); // nothing is known of it
    const epoch = await publishMany(bus, at, 1);
    await reader.markRestored(at, 'another');
    expect(await reader.next(listener(at, 'a'), 10)).toMatchObject({ restored: false, entries: [] });
    await reader.markRestored(at, epoch);
    await reader.markRestored(at, epoch);
    const next = await reader.next(listener(at, 'a'), 10);
    expect(next).toMatchObject({ restored: true, cursor: AT_THE_BEGINNING });
    expect(next.entries).toHaveLength(1);
  });

  it('tells where a connection stands only when the epoch is restored', async () => {
    const { bus, reader } = fixture();
    const at = newChannel();
    const { epoch } = await bus.publish(sourceOn(at).success());
    await bus.open(listener(at, 'a'));
    await bus.open(listener(at, 'b'), { epoch: 'lost', seq: 9 });
    expect((await reader.next(listener(at, 'a'), 10)).cursor).toBeUndefined();
    expect((await reader.next(listener(at, 'b'), 10)).cursor).toBeUndefined();
    await reader.markRestored(at, epoch);
    expect((await reader.next(listener(at, 'a'), 10)).cursor).toMatchObject(AT_THE_BEGINNING);
    expect((await reader.next(listener(at, 'b'), 10)).cursor).toMatchObject({ start: 0, sent: 0, gap: true });
  });

  // One whose delivery asked for the first time after another's close was placed behind the ends that it had come for.
  it('places a connection by when it came, whenever it asks for the first time', async () => {
    const { bus, reader } = fixture();
    const at = newChannel();
    const { epoch } = await bus.publish(sourceOn(at).success());
    await bus.open(listener(at, 'opened in this epoch'));
    await reader.markRestored(at, epoch);
    await reader.closeRound(at, { epoch, seq: 1 }, CONNECTED_AT + 1);
    for (const name of ['opened in this epoch', 'opened before it']) {
      expect((await reader.next(listener(at, name), 10)).cursor).toMatchObject(AT_THE_BEGINNING);
    }
    const later = await reader.next(listener(at, 'came after the close', undefined, CONNECTED_AT + 1), 10);
    expect(later.cursor).toMatchObject({ start: 1, sent: 1 });
  });

  it('loses the restoration with the data', async () => {
    const { bus, reader, lose } = fixture();
    const at = newChannel();
    const before = await publishMany(bus, at, 2);
    await markRestored(reader, at);
    expect((await reader.next(listener(at, 'a'), 1)).cursor).toBeDefined();
    await lose();
    const next = await reader.next(listener(at, 'a'), 1);
    expect(next).toMatchObject({ seq: 0, restored: false });
    expect(next.epoch).not.toBe(before);
    await reader.markRestored(at, before);
    expect((await reader.next(listener(at, 'a'), 1)).restored).toBe(false);
  });
}

function describeGaps(fixture: () => BusFixture): void {
  const GAP = { start: 0, sent: 0, acknowledged: 0, gap: true };

  it('sees a gap where a connection has an event of another epoch, or one that is not there yet', async () => {
    const { bus, reader } = fixture();
    const at = newChannel();
    const epoch = await publishMany(bus, at, 3);
    await markRestored(reader, at);
    for (const after of [
      { epoch: 'another', seq: 2 },
      { epoch: 'another', seq: 0 },
      { epoch, seq: 4 },
    ]) {
      const name = `${after.epoch}-${after.seq}`;
      await bus.open(listener(at, name), after);
      for (const id of [name, `unopened-${name}`]) {
        const { cursor, entries } = await reader.next(listener(at, id, after), 10);
        expect(cursor).toMatchObject(GAP);
        expect(entries).toHaveLength(3);
      }
    }
  });

  it('sees one for whatever a connection has of a channel that is not held any more', async () => {
    const { bus, reader, lose } = fixture();
    const at = newChannel();
    const epoch = await publishMany(bus, at, 3);
    await lose();
    await bus.open(listener(at, 'opened'), { epoch, seq: 2 });
    await markRestored(reader, at);
    expect((await reader.next(listener(at, 'opened', { epoch, seq: 2 }), 10)).cursor).toMatchObject(GAP);
    expect((await reader.next(listener(at, 'unopened', { epoch, seq: 2 }), 10)).cursor).toMatchObject(GAP);
  });

  it('tells of the gap until the cursor is moved, and then no more', async () => {
    const { bus, reader } = fixture();
    const at = newChannel();
    await publishMany(bus, at, 3);
    await markRestored(reader, at);
    await bus.open(listener(at, 'a'), { epoch: 'another', seq: 2 });
    const cursor = async () => (await reader.next(listener(at, 'a'), 10)).cursor;
    expect([await cursor(), await cursor()]).toMatchObject([GAP, GAP]);
    await bus.open(listener(at, 'a'));
    expect(await cursor()).toMatchObject(GAP);
    await sendUpTo(reader, at, 'a', 0);
    expect(await cursor()).toMatchObject(AT_THE_BEGINNING);
  });

  it('sees a gap in a resume too, and keeps it although a page in flight moves the cursor', async () => {
    const { bus, reader } = fixture();
    const at = newChannel();
    const epoch = await publishMany(bus, at, 3);
    await markRestored(reader, at);
    const { cursor } = await reader.next(listener(at, 'a'), 10);
    await bus.open(listener(at, 'a'), { epoch: 'another', seq: 2 });
    await reader.moveCursor(at, 'a', cursor!.turn, 3);
    expect((await reader.next(listener(at, 'a'), 10)).cursor).toMatchObject(GAP);
    await bus.open(listener(at, 'a'), { epoch, seq: 2 }); // the client asks again for something that is there
    expect((await reader.next(listener(at, 'a'), 10)).cursor).toMatchObject({ start: 0, sent: 2, gap: false });
  });
}
