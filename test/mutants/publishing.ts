import type { Mutant, NamedTest } from './mutant.ts';

const onRedis = (title: string): NamedTest => ({
  file: 'test/adapters/redis/event-bus.test.ts',
  suite: 'EventBus, on Redis (embedded Redis)',
  title,
});
const processing = (title: string): NamedTest => ({ file: 'test/app/process-source.test.ts', title });

/** The history of a channel, and who is told of it. */
export const PUBLISHING: readonly Mutant[] = [
  {
    name: 'wake-skipped-for-duplicates',
    what: 'Who repeats a publication whose answer was lost starts no subscriber, though nobody is there to deliver it.',
    file: 'app/publish.ts',
    find: 'wake ||= published.wake;',
    replace: "wake ||= published.outcome === 'published' && published.wake;",
    killedBy: [processing('starts the subscriber when nobody holds the shard, for a repeated terminal too')],
  },
  {
    name: 'script-wakes-nobody-for-duplicates',
    what: 'The script answers for a duplicate that somebody reads.',
    file: 'adapters/redis/channel-scripts.ts',
    find: "if seen then return answer('duplicate', seen) end",
    replace: "if seen then return {'duplicate', epoch, tonumber(seen), 0} end",
    killedBy: [onRedis('asks for a subscriber for a duplicate and a refused event too')],
  },
  {
    name: 'publication-does-not-ring',
    what: 'An event is added to the history and no doorbell says so.',
    file: 'adapters/redis/channel-scripts.ts',
    find: "ring(doorbell, wsUuid)\nredis.call('PUBLISH'",
    replace: "redis.call('PUBLISH'",
    killedBy: [onRedis('does not ring again for a duplicate: the first ring waits until it is served')],
  },
  {
    name: 'progress-after-the-end',
    what: 'Progress of a slow worker is added behind the end of its source.',
    file: 'adapters/redis/channel-scripts.ts',
    find: "if ended then return answer('refused', number(channel, 'seq')) end",
    replace: '',
    killedBy: [onRedis('refuses everything of a source that comes after its terminal')],
  },
  {
    name: 'progress-falls',
    what: 'A second attempt begins its stage again at 0.',
    file: 'adapters/redis/channel-scripts.ts',
    find: "if highest and tonumber(progress) < tonumber(highest) then return answer('refused', number(channel, 'seq')) end",
    replace: '',
    killedBy: [onRedis('refuses progress that would fall within its stage')],
  },
  {
    name: 'sources-share-what-was-seen',
    what: 'The opening of the second source of a channel is taken for that of the first.',
    file: 'adapters/redis/channel-scripts.ts',
    find: "local seenField, stageField = 'seen:' .. source .. ':' .. dedupeKey",
    replace: "local seenField, stageField = 'seen:' .. dedupeKey",
    killedBy: [
      onRedis('gives every one of many events at once a number of its own'),
      onRedis('waits for every source'),
    ],
  },
  {
    name: 'generations-share-a-name',
    what: 'The events of a new upload are refused, since the last one under its source-uuid has ended.',
    file: 'app/publish.ts',
    find: 'source: name, ...content',
    replace: 'source: sourceUuid, ...content',
    killedBy: [processing('says all of a new upload under the source-uuid of one that has ended')],
  },
  {
    name: 'end-without-its-opening',
    what: 'After a loss of Redis an end is published alone, without the opening that stands before it.',
    file: 'app/publish.ts',
    find: "    after: 'received',\n    event: terminalEvent(source),",
    replace: '    event: terminalEvent(source),',
    killedBy: [
      { file: 'test/app/gap.test.ts', title: 'is told its sources once more, openings and ends' },
      { file: 'test/app/sweep.test.ts', title: 'publishes an end that its worker stored and did not make known' },
    ],
  },
  {
    name: 'progress-without-its-opening',
    what: 'Where Redis came back empty under a worker, its channel begins in the middle.',
    file: 'adapters/redis/channel-scripts.ts',
    find: "if after ~= '' and not ended",
    replace: "if after == 'nothing' and not ended",
    killedBy: [onRedis('takes no progress of a source whose opening it does not hold')],
  },
  {
    name: 'numbers-given-out-twice',
    what: 'A Redis that has gone back in time goes on in its epoch, with numbers that clients have seen.',
    file: 'adapters/redis/channel-scripts.ts',
    find: 'if epoch == knownEpoch and ',
    replace: "if epoch == '' and ",
    killedBy: [onRedis('begins a new epoch where a terminal is not there that this epoch is known to have held')],
  },
  {
    name: 'known-place-is-not-told',
    what: 'Whoever publishes an end again does not say where it stood, and so a failover is not noticed.',
    file: 'app/publish.ts',
    find: '    ...(known && { known }),\n',
    replace: '',
    killedBy: [{ file: 'test/app/gap.test.ts', title: 'begins a new epoch for an end that a failover took back' }],
  },
  {
    name: 'leavings-of-an-old-epoch',
    what: 'A channel that begins anew keeps the cursors of its last epoch, which are past its events.',
    file: 'adapters/redis/channel-scripts.ts',
    find: "    redis.call('DEL', history, cursor)\n",
    replace: "    redis.call('DEL', history)\n",
    killedBy: [
      {
        file: 'test/adapters/redis/keyspace.test.ts',
        suite: 'embedded Redis',
        title: 'a channel whose hash was evicted begins anew, without the leavings of its last epoch',
      },
    ],
  },
  {
    name: 'floor-of-another-epoch',
    what: 'A round that was closed before Redis lost its data hides events of the new epoch.',
    file: 'adapters/redis/channel-scripts.ts',
    find: "if epoch ~= redis.call('HGET', channel, 'epoch') or seq",
    replace: 'if seq',
    killedBy: [onRedis('does not close a round that is not at this end, or not any more')],
  },
  {
    name: 'closed-although-it-goes-on',
    what: 'A subscriber that was overtaken closes a socket for an end after which another upload has begun.',
    file: 'adapters/redis/channel-scripts.ts',
    find: " or seq ~= number(channel, 'complete') then return 0 end",
    replace: ' then return 0 end',
    killedBy: [onRedis('does not close a round that is not at this end, or not any more')],
  },
  {
    name: 'placed-by-the-latest-close',
    what: 'A socket that asks for the first time after another was closed misses the ends that it had come for.',
    file: 'adapters/redis/cursor-scripts.ts',
    find: 'if tonumber(at) <= connectedAt then floor',
    replace: 'if true then floor',
    killedBy: [onRedis('starts a connection after the round that was closed last before it came')],
  },
];
