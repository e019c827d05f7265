import type { Mutant, NamedTest } from './mutant.ts';

const delivering = (title: string): NamedTest => ({ file: 'test/app/subscribe.test.ts', title });
const ofChannelInDynamo = (title: string): NamedTest => ({ file: 'test/adapters/dynamodb/contracts.test.ts', title });
const registeredAgain = (title: string): NamedTest => ({ file: 'test/app/registered-again.test.ts', title });
const serving = (title: string): NamedTest => ({ file: 'test/app/serve-channels.test.ts', title });
const gap = (title: string): NamedTest => ({ file: 'test/app/gap.test.ts', title });
const cursors = (title: string): NamedTest => ({
  file: 'test/adapters/redis/event-bus.test.ts',
  suite: 'ShardReader, on Redis (embedded Redis)',
  title,
});

/** From a doorbell to every socket of its channel, and the close. */
export const DELIVERING: readonly Mutant[] = [
  {
    name: 'doorbell-settled-before-delivery',
    what: 'A doorbell is settled before the connections have what it rang for: nobody knows of it after a crash.',
    file: 'app/serve-channels.ts',
    find: 'const finished = (await Promise.all(all)).every(Boolean);',
    replace: 'await settler.settle(ids);\n    const finished = (await Promise.all(all)).every(Boolean);',
    killedBy: [serving('leave a doorbell pending until every connection has what it rang for')],
  },
  {
    name: 'doorbell-settled-though-stopped',
    what: 'A subscriber that has to stop settles what it did not deliver.',
    file: 'app/serve-channels.ts',
    find: 'if (finished) await settler.settle(ids);',
    replace: 'await settler.settle(ids);',
    killedBy: [delivering('stops when its lease was taken, and leaves what it did not finish to others')],
  },
  {
    name: 'doorbell-settled-though-nobody-was-found',
    what: 'Where the connections of a channel cannot be looked up, its doorbells are settled.',
    file: 'app/serve-channels.ts',
    find: '        channel.waiting.unshift(...ids);\n',
    replace: '        await settler.settle(ids);\n',
    killedBy: [delivering('leaves the doorbells pending while the connections cannot be looked up')],
  },
  {
    name: 'ring-joins-the-pass-under-way',
    what: 'What is published while a page is on its way is taken for sent with it.',
    file: 'app/deliver.ts',
    find: '      next = undefined;\n      interrupt = new AbortController();\n      current.resolve(await untilDone());',
    replace:
      '      interrupt = new AbortController();\n      current.resolve(await untilDone());\n      next = undefined;',
    killedBy: [delivering('gives each of two sockets everything, though one of them is slow')],
  },
  {
    name: 'cursor-moved-before-the-post',
    what: 'The cursor moves before API Gateway has taken the frames: a crash in between loses them.',
    file: 'app/deliver.ts',
    find: 'const { sent, outcome } = await postAll(frames, cursor.sent);',
    replace: `await ports.reader.moveCursor(at, connectionId, cursor.turn, entries.at(-1)?.seq ?? cursor.sent);
      const { sent, outcome } = await postAll(frames, cursor.sent);`,
    killedBy: [
      delivering('moves the cursor only after the post, so that a crash in between repeats a frame and loses none'),
    ],
  },
  {
    name: 'page-of-another-turn',
    what: 'A page that was read before a resume, or before Redis lost its data, moves the cursor past events that were never sent.',
    file: 'adapters/redis/cursor-scripts.ts',
    find: "if turn == redis.call('HGET', KEYS[1], connection .. ':turn') and seq",
    replace: "if redis.call('HEXISTS', KEYS[1], sent) == 1 and seq",
    killedBy: [
      cursors('moves no cursor back, and none for a page of another turn'),
      cursors('does not touch a cursor of another epoch'),
    ],
  },
  {
    name: 'resume-overwritten-by-a-page-in-flight',
    what: 'A client that resumes while a page is on its way to it is moved on by that page.',
    file: 'adapters/redis/cursor-scripts.ts',
    find: "redis.call('HSET', cursor, connection .. ':resume', text(to))",
    replace: "redis.call('HSET', cursor, connection .. ':sent', text(to))",
    killedBy: [cursors('keeps a resume that comes while a page is being sent')],
  },
  {
    name: 'delivery-before-restoration',
    what: 'A channel that begins anew is delivered before DynamoDB was asked what it has lost.',
    file: 'adapters/redis/cursor-scripts.ts',
    find: 'if view[4] == 0 then return view end\n',
    replace: '',
    killedBy: [cursors('begins an epoch for a channel of which nothing is known, and hands out nothing of it')],
  },
  {
    name: 'one-page-delivered',
    what: 'Of a long history only the first page is sent.',
    file: 'app/deliver.ts',
    find: 'if (missing || (entries.length > 0 && sent < page.seq)) continue;',
    replace: 'if (missing) continue;',
    killedBy: [delivering('sends a history longer than a page whole')],
  },
  {
    name: 'page-of-any-size',
    what: 'A subscriber dies of the long events that all sockets of its shard have waited for, and so does the next one.',
    file: 'app/deliver.ts',
    find: 'ports.reader.next(connection, PAGE, PAGE_BYTES)',
    replace: 'ports.reader.next(connection, PAGE)',
    killedBy: [delivering('holds no more of a history of long events than a socket is sent in a moment')],
  },
  {
    name: 'page-of-no-entry',
    what: 'An event that is longer than a page of events may be is never sent.',
    file: 'adapters/redis/cursor-scripts.ts',
    find: 'if #entries > 0 and bytes > most',
    replace: 'if bytes > most',
    killedBy: [cursors('gives as many as fit into so many bytes, but one at least')],
  },
  {
    name: 'retry-taken-for-sent',
    what: 'A frame that API Gateway answered with 429 or 500 is not sent again.',
    file: 'app/post-frame.ts',
    find: "if (outcome === 'sent') return 'sent';",
    replace: "if (outcome !== 'gone') return 'sent';",
    killedBy: [delivering('sends a frame again after 429, 500 or a time-out, and the next one not before it')],
  },
  {
    name: 'young-connection-taken-for-gone',
    what: 'A connection that is still inside its handshake is dropped, since a post to it is answered 410.',
    file: 'app/post-frame.ts',
    find: "if (outcome === 'gone' && !isYoung(ports, connection)) return 'gone';",
    replace: "if (outcome === 'gone') return 'gone';",
    killedBy: [
      delivering('waits while the connection is still inside its handshake, where every post is answered 410'),
    ],
  },
  {
    name: 'gone-ends-the-others',
    what: 'One connection that is gone takes the others of its channel with it.',
    file: 'app/deliver.ts',
    find: '    await ports.connections.remove(connection);',
    replace: `    for (const each of await ports.connections.of(at.wsUuid, ports.clock.now())) {
      await ports.connections.remove(each);
    }`,
    killedBy: [serving('go on with the other sockets where one is gone')],
  },
  {
    name: 'sockets-of-another-channel',
    what: 'What a channel has is brought to the sockets of another one of its shard.',
    file: 'app/serve-channels.ts',
    find: 'await ports.connections.of(wsUuid, ports.clock.now())',
    replace: 'await ports.connections.of([...channels.keys()][0]!, ports.clock.now())',
    killedBy: [serving('are brought each its own events only, also while several are served at once')],
  },
  {
    name: 'gap-not-told',
    what: 'A client whose last event is of another epoch is not told that events are missing.',
    file: 'app/deliver.ts',
    find: 'const missing = cursor.gap || page.firstHeld > cursor.sent + 1;',
    replace: 'const missing = page.firstHeld > cursor.sent + 1;',
    killedBy: [gap('is told of the gap, how each source stands, and all that is held')],
  },
  {
    name: 'dropped-events-not-told',
    what: 'A client that fell behind what the history holds is not told that events are missing.',
    file: 'app/deliver.ts',
    find: 'const missing = cursor.gap || page.firstHeld > cursor.sent + 1;',
    replace: 'const missing = cursor.gap;',
    killedBy: [gap('that the history has dropped goes on with the oldest that is held')],
  },
  {
    name: 'gap-without-its-snapshots',
    what: 'A client is told that events are missing, and not how its sources stand.',
    file: 'app/bridge-gap.ts',
    find: '    yield { frame };\n    frame = JSON.stringify(snapshotOf(source));\n',
    replace: '',
    killedBy: [gap('is told of the gap, how each source stands, and all that is held')],
  },
  {
    name: 'close-without-grace',
    what: 'The socket is closed right behind its last frame, whether that has arrived or not.',
    file: 'app/deliver.ts',
    find: 'if (acknowledged >= complete || left <= 0) {',
    replace: 'if (true) {',
    killedBy: [delivering('closes at once on the acknowledgement of the last event, and otherwise after its grace')],
  },
  {
    name: 'refused-close-taken-for-closed',
    what: 'A socket whose close was answered with 429 or 500 stays open for ever.',
    file: 'app/deliver.ts',
    find: "if (closed === 'retry' || (closed === 'gone' && isYoung(ports, connection)))",
    replace: "if (closed === 'gone' && isYoung(ports, connection))",
    killedBy: [serving('are closed once more where a close was refused for the moment')],
  },
  {
    name: 'close-before-the-mark',
    what: 'The socket is closed before the round is: who connects in between is handed the old end.',
    file: 'app/deliver.ts',
    find: `      if (!(await ports.reader.closeRound(at, end, ports.clock.now()))) return false;
      await ports.channels.closeRound(at.wsUuid, end);
      const closed = await ports.sockets.close(connectionId);
`,
    replace: `      const closed = await ports.sockets.close(connectionId);
      if (!(await ports.reader.closeRound(at, end, ports.clock.now()))) return false;
      await ports.channels.closeRound(at.wsUuid, end);
`,
    killedBy: [serving('do not hand the old end to a socket that connects the moment the last one is closed')],
  },
  {
    name: 'closed-for-an-old-end',
    what: 'A socket that waits for the next upload of a finished channel is closed for the last one.',
    file: 'app/deliver.ts',
    find: 'if (complete > start || acknowledged >= complete) return true;',
    replace: 'return true;',
    killedBy: [delivering('does not hand the old end to a socket that reuses a finished channel')],
  },
  {
    name: 'closed-while-one-is-awaited',
    what: 'A socket is closed at the end of an upload although another one was accepted, and has not begun.',
    file: 'app/deliver.ts',
    find: "if (others === 'end') return true;",
    replace: '',
    killedBy: [delivering('stays open for an upload that was accepted and has not begun, and closes after its end')],
  },
  {
    name: 'closed-before-the-end-is-published',
    what: 'A socket is closed while the end of another upload on its channel is stored and not yet published.',
    file: 'app/deliver.ts',
    find: "if (others === 'publication') return await pause(AWAIT_PUBLICATION_MS);",
    replace: '',
    killedBy: [
      { file: 'test/app/rounds.test.ts', title: 'it has the end of an upload that was cancelled before it began' },
    ],
  },
  {
    name: 'told-to-the-next-owner',
    what: 'Whoever registers a channel that has expired is given what its former owner uploaded.',
    file: 'app/channel-sources.ts',
    find: 'channel === undefined || owner === channel.owner',
    replace: 'true',
    killedBy: [registeredAgain('shows a gap without the sources of the one before')],
  },
  {
    name: 'told-the-next-day',
    what: 'A channel that is registered again days later hands out the ends of the last one.',
    file: 'app/channel-sources.ts',
    find: 'now - CHANNEL_TTL_MS',
    replace: '0',
    killedBy: [registeredAgain('does not hand out the old end')],
  },
  {
    name: 'days-of-a-channel-read',
    what: 'Each close of a socket reads the record of every source that its channel had for a week.',
    file: 'adapters/dynamodb/source-indexes.ts',
    find: 'OR #ended_at > :ended_after',
    replace: 'OR #ended_at > :ended_after OR #ended_at <= :ended_after',
    killedBy: [ofChannelInDynamo('no record is read')],
  },
  {
    name: 'open-source-taken-for-over',
    what: 'The sources of a channel that have not ended are not found: its socket is closed before their ends.',
    file: 'adapters/dynamodb/source-indexes.ts',
    find: 'attribute_not_exists(#ended_at) OR ',
    replace: '',
    killedBy: [ofChannelInDynamo('no record is read')],
  },
  {
    name: 'had-by-another-too-soon',
    what: 'A channel that has expired goes to whoever asks for it, with the history that Redis still holds.',
    file: 'domain/limits.ts',
    find: 'CHANNEL_KEPT_MS = 2 * CHANNEL_TTL_MS',
    replace: 'CHANNEL_KEPT_MS = 0',
    killedBy: [registeredAgain('cannot be had while Redis may hold its history')],
  },
  {
    name: 'waits-for-what-has-ended',
    what: 'A socket stays open for ever for an upload that an index, some moments old, says to be under way.',
    file: 'app/deliver.ts',
    find: "if (source && !source.terminal) return 'end';",
    replace: "return 'end';",
    killedBy: [delivering('does not stay open for an upload that the list of sources only says to be under way')],
  },
  {
    name: 'closed-before-the-batch-is-done',
    what: 'The socket of a batch is closed after its first source.',
    file: 'adapters/redis/channel-scripts.ts',
    find: "if count >= batchSize and number(channel, 'open') <= 0 then",
    replace: "if number(channel, 'open') <= 0 then",
    killedBy: [
      {
        file: 'test/adapters/redis/event-bus.test.ts',
        suite: 'EventBus, on Redis (embedded Redis)',
        title: 'calls a round complete at the terminal of its last source',
      },
    ],
  },
  {
    name: 'resume-wakes-nobody',
    what: 'A client that resumes on a shard which nobody serves waits for the next event.',
    file: 'app/client-message.ts',
    find: '  if (wake) await subscribers.start(connection.shard);\n',
    replace: '',
    killedBy: [{ file: 'test/app/connection.test.ts', title: 'starts a subscriber where none is at work: ' }],
  },
  {
    name: 'ring-before-the-connection-stands',
    what: 'A new connection rings before it is recorded: whoever serves the ring finds nobody.',
    file: 'app/open-connection.ts',
    find: '  const { shard, owner } = channel;\n',
    replace: `  const { shard, owner } = channel;
  if ((await ports.bus.open({ wsUuid, shard, connectionId, connectedAt }, lastEventId)).wake) await ports.subscribers.start(shard);
  ports = { ...ports, bus: { ...ports.bus, open: async () => ({ wake: false }) } };
`,
    killedBy: [
      {
        file: 'test/app/connection.test.ts',
        title: 'records the connection before it rings, so that whoever serves the ring finds it',
      },
    ],
  },
];
