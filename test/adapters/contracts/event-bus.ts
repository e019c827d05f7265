import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { channelEvent } from '../../../domain/messages.ts';
import { type BusFixture, drain, newChannel, sourceOn } from './bus-fixture.ts';

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
    describeOpening(() => fixture);
    describeAcknowledgement(() => fixture);
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

    const entries = await reader.history(at, 0, 10);
    expect(entries.map(({ seq }) => seq)).toEqual([1, 2, 3, 4]);
    const messages = entries.map(({ frame }) => channelEvent.parse(JSON.parse(frame)));
    expect(messages.map((message) => message['event-id'])).toEqual([1, 2, 3, 4].map((seq) => `${epoch}-${seq}`));
    expect(messages[3]).toEqual({ ...source.success({ 'ein "Titel"': 'ü}' }).event, 'event-id': `${epoch}-4` });
  });

  it('gives every one of many events at once a number of its own', async () => {
    const { bus } = fixture();
    const at = newChannel();
    const published = await Promise.all(Array.from({ length: 50 }, () => bus.publish(sourceOn(at).step())));
    expect(published.map(({ seq }) => seq).sort((a, b) => a - b)).toEqual(Array.from({ length: 50 }, (_, i) => i + 1));
    expect(new Set(published.map(({ epoch }) => epoch)).size).toBe(1);
  });

  it('pages through the history after a seq', async () => {
    const { bus, reader } = fixture();
    const at = newChannel();
    for (let i = 0; i < 5; i += 1) await bus.publish(sourceOn(at).step());
    expect((await reader.history(at, 1, 2)).map(({ seq }) => seq)).toEqual([2, 3]);
    expect((await reader.history(at, 4, 2)).map(({ seq }) => seq)).toEqual([5]);
    expect(await reader.history(at, 5, 2)).toEqual([]);
    expect(await reader.history(newChannel(), 0, 2)).toEqual([]);
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
    expect((await reader.view(at)).seq).toBe(4);
    expect(await reader.history(at, 0, 10)).toHaveLength(4);
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
    const frames = (await reader.history(at, 0, 10)).map(({ frame }) => frame);
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
    expect(await reader.view(at)).toMatchObject({ seq: 2, complete: 2 });
  });

  it('refuses progress that would fall within its stage, also from a later attempt', async () => {
    const { bus } = fixture();
    const at = newChannel();
    const source = sourceOn(at);
    await bus.publish(source.progress(9.5, 'extract', '1:a'));
    await bus.publish(source.progress(50, 'extract', '1:b'));
    expect((await bus.publish(source.progress(49, 'extract', '2:a'))).outcome).toBe('refused');
    expect((await bus.publish(source.progress(5, 'fetch', '2:b'))).outcome).toBe('published');
    expect((await bus.publish(source.progress(50, 'extract', '2:c'))).outcome).toBe('published');
    expect((await bus.publish(source.progress(100, 'extract', '2:d'))).outcome).toBe('published');
    expect((await bus.publish(source.progress(99.5, 'extract', '2:e'))).outcome).toBe('refused');
    expect((await bus.publish(sourceOn(at).progress(1))).outcome).toBe('published');
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
    expect(await reader.view(at)).toMatchObject({ seq: 6, complete: 6 });
  });
}

function describeRounds(fixture: () => BusFixture): void {
  const complete = async (at: ReturnType<typeof newChannel>) => (await fixture().reader.view(at)).complete;

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
    const { bus } = fixture();
    const at = newChannel();
    const sources = Array.from({ length: 4 }, () => sourceOn(at, { batchSize: 2 }));
    for (const source of sources.slice(0, 2)) await bus.publish(source.success());
    expect(await complete(at)).toBe(2);
    await bus.publish(sources[2]!.step());
    expect(await complete(at)).toBe(0);
    await bus.publish(sources[2]!.success());
    expect(await complete(at)).toBe(0);
    await bus.publish(sources[3]!.success());
    expect(await complete(at)).toBe(5);
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

  it('starts later connections after the round that was closed, and never goes back behind it', async () => {
    const { bus, reader } = fixture();
    const at = newChannel();
    for (let i = 0; i < 4; i += 1) await bus.publish(sourceOn(at).success());
    const { epoch } = await reader.view(at);
    await reader.closeRound(at, { epoch, seq: 3 });
    await reader.closeRound(at, { epoch, seq: 2 });
    expect(await reader.openCursor(at, 'later')).toEqual({ start: 3, sent: 3, acknowledged: 0 });
    await reader.closeRound(at, { epoch: 'lost', seq: 4 }); // read before Redis lost its data
    expect((await reader.openCursor(at, 'latest')).start).toBe(3);
  });
}

function describeOpening(fixture: () => BusFixture): void {
  it('starts a connection at the beginning of a channel, before anything was published and after', async () => {
    const { bus, reader } = fixture();
    const at = newChannel();
    await bus.open(at, 'early');
    await bus.publish(sourceOn(at).step());
    await bus.open(at, 'late');
    const { cursors, seq } = await reader.view(at);
    expect(seq).toBe(1);
    expect([...cursors].sort()).toEqual([
      ['early', { start: 0, sent: 0, acknowledged: 0 }],
      ['late', { start: 0, sent: 0, acknowledged: 0 }],
    ]);
  });

  it('starts a connection after the event that it has', async () => {
    const { bus, reader } = fixture();
    const at = newChannel();
    for (let i = 0; i < 3; i += 1) await bus.publish(sourceOn(at).success());
    const { epoch } = await reader.view(at);
    await reader.closeRound(at, { epoch, seq: 3 });
    await bus.open(at, 'two', { epoch, seq: 2 });
    await bus.open(at, 'future', { epoch, seq: 7 });
    await bus.open(at, 'foreign', { epoch: 'another', seq: 2 });
    const { cursors } = await reader.view(at);
    expect([...cursors].map(([id, { start, sent }]) => [id, start, sent]).sort()).toEqual([
      ['foreign', 0, 0],
      ['future', 3, 3],
      ['two', 2, 2],
    ]);
  });

  it('leaves a cursor where it is when the same connection is opened again', async () => {
    const { bus, reader } = fixture();
    const at = newChannel();
    await bus.publish(sourceOn(at).step());
    await bus.open(at, 'a');
    await reader.moveCursor(at, 'a', 1);
    await bus.open(at, 'a');
    expect(await reader.openCursor(at, 'a')).toEqual({ start: 0, sent: 1, acknowledged: 0 });
  });

  // A resume was written straight into the cursor, and the page in flight then moved the cursor on: the events between
  // were never sent again.
  it('keeps a resume that comes while a page is being sent', async () => {
    const { bus, reader } = fixture();
    const at = newChannel();
    for (let i = 0; i < 6; i += 1) await bus.publish(sourceOn(at).step());
    const { epoch } = await reader.view(at);
    await reader.openCursor(at, 'a');
    await bus.open(at, 'a', { epoch, seq: 2 });
    expect((await reader.view(at)).cursors.get('a')).toMatchObject({ start: 2, sent: 2 });
    await reader.moveCursor(at, 'a', 6);
    expect(await reader.openCursor(at, 'a')).toEqual({ start: 2, sent: 2, acknowledged: 0 });
    await reader.moveCursor(at, 'a', 6);
    expect((await reader.openCursor(at, 'a')).sent).toBe(6);
  });

  it('rings the doorbell for each opening', async () => {
    const { bus, reader } = fixture();
    const at = newChannel();
    await bus.open(at, 'a');
    await bus.open(at, 'a', { epoch: 'x', seq: 1 });
    expect((await drain(reader, at.shard)).map(({ wsUuid }) => wsUuid)).toEqual([at.wsUuid, at.wsUuid]);
  });
}

function describeAcknowledgement(fixture: () => BusFixture): void {
  it('notes how far the client is, without going back, and without touching what was sent', async () => {
    const { bus, reader } = fixture();
    const at = newChannel();
    for (let i = 0; i < 3; i += 1) await bus.publish(sourceOn(at).step());
    const { epoch } = await reader.view(at);
    await bus.open(at, 'a');
    await Promise.all([reader.moveCursor(at, 'a', 3), bus.acknowledge(at, 'a', { epoch, seq: 2 })]);
    expect((await reader.view(at)).cursors.get('a')).toEqual({ start: 0, sent: 3, acknowledged: 2 });
    await bus.acknowledge(at, 'a', { epoch, seq: 1 });
    expect((await reader.view(at)).cursors.get('a')!.acknowledged).toBe(2);
    await bus.acknowledge(at, 'a', { epoch, seq: 1_000_000 });
    expect((await reader.view(at)).cursors.get('a')!.acknowledged).toBe(3);
  });

  it('rings for what is new, and ignores what belongs to another epoch or to no connection', async () => {
    const { bus, reader } = fixture();
    const at = newChannel();
    const { epoch } = await bus.publish(sourceOn(at).step());
    await bus.open(at, 'a');
    await drain(reader, at.shard);
    await bus.acknowledge(at, 'a', { epoch, seq: 1 });
    expect(await drain(reader, at.shard)).toHaveLength(1);
    await bus.acknowledge(at, 'a', { epoch, seq: 1 });
    await bus.acknowledge(at, 'a', { epoch: 'another', seq: 1 });
    await bus.acknowledge(at, 'nobody', { epoch, seq: 1 });
    await bus.acknowledge(newChannel(at.shard), 'a', { epoch, seq: 1 });
    expect(await drain(reader, at.shard)).toEqual([]);
    expect([...(await reader.view(at)).cursors.keys()]).toEqual(['a']);
  });
}

function describeWaking(fixture: () => BusFixture): void {
  it('asks for a subscriber as long as nobody holds the lease, for every kind of ring', async () => {
    const { bus, reader } = fixture();
    const at = newChannel();
    const source = sourceOn(at);
    const wakes = async () => {
      const { epoch, wake } = await bus.publish(sourceOn(at).step());
      return [wake, (await bus.open(at, 'a')).wake, (await bus.acknowledge(at, 'a', { epoch, seq: 1 })).wake];
    };
    expect((await bus.publish(source.success())).wake).toBe(true);
    expect(await wakes()).toEqual([true, true, true]);
    await reader.acquire(at.shard, 'token', 60_000);
    expect(await wakes()).toEqual([false, false, false]);
    await reader.release(at.shard, 'token');
    expect(await wakes()).toEqual([true, true, true]);
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
}
