import type { Mutant, NamedTest } from './mutant.ts';

const reading = (title: string): NamedTest => ({
  file: 'test/adapters/redis/event-bus.test.ts',
  suite: 'ShardReader, on Redis (embedded Redis)',
  title,
});
const inMemory = (title: string): NamedTest => ({ file: 'test/adapters/memory/event-bus.test.ts', title });
const serving = (title: string): NamedTest => ({ file: 'test/app/serve-channels.test.ts', title });
const handingOver = (title: string): NamedTest => ({ file: 'test/app/hand-over.test.ts', title });
const subscribing = (title: string): NamedTest => ({ file: 'test/app/subscribe.test.ts', title });

/** The lease of a shard, its doorbells, and the exit. */
export const SUBSCRIBING: readonly Mutant[] = [
  {
    name: 'naive-exit',
    what: 'The subscriber sees that nothing is left and gives the lease up in a second step: a ring in between wakes nobody.',
    file: 'adapters/redis/shard-reader.ts',
    find: 'return (await redis.runScript(exit, [leaseKey(shard), doorbellKey(shard)], [token, GROUP])) === 1;',
    replace: `if ((await redis.run((cluster) => cluster.xlen(doorbellKey(shard)))) > 0) return false;
      await redis.runScript(release, [leaseKey(shard)], [token]);
      return true;`,
    killedBy: [reading('never leaves a burst behind that was told that somebody reads')],
  },
  {
    name: 'exit-with-unread-doorbells',
    what: 'The script that gives the lease up does not look for what nobody has read.',
    file: 'adapters/redis/lease-scripts.ts',
    find: "  if #redis.call('XRANGE', doorbell, '(' .. delivered, '+', 'COUNT', 1) > 0 then return 0 end\n",
    replace: '',
    killedBy: [
      reading('leaves only when nothing is unread and nothing is pending'),
      reading('never leaves a burst behind that was told that somebody reads'),
    ],
  },
  {
    name: 'exit-with-pending-doorbells',
    what: 'The script that gives the lease up does not look for what was read and not served.',
    file: 'adapters/redis/lease-scripts.ts',
    find: '      if fields.pending > 0 then return 0 end\n',
    replace: '',
    killedBy: [reading('leaves only when nothing is unread and nothing is pending')],
  },
  {
    name: 'exit-in-memory-with-unread-doorbells',
    what: 'The same in the bus that the tests of the use cases trust.',
    file: 'adapters/memory/bus-shards.ts',
    find: 'if (state.pending.size > 0 || unread(state).length > 0) return false;',
    replace: 'if (state.pending.size > 0) return false;',
    killedBy: [inMemory('leaves only when nothing is unread and nothing is pending')],
  },
  {
    name: 'lease-renewed-without-its-token',
    what: 'A subscriber that lost its lease renews that of its successor, and both deliver.',
    file: 'adapters/redis/lease-scripts.ts',
    find: "if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end\n",
    replace: '',
    killedBy: [reading('tells a subscriber that it lost its lease, and lets it touch no other')],
  },
  {
    name: 'lease-released-without-its-token',
    what: 'A subscriber that lost its lease gives up that of its successor.',
    file: 'adapters/redis/lease-scripts.ts',
    find: "if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end",
    replace: "redis.call('DEL', KEYS[1])",
    killedBy: [reading('tells a subscriber that it lost its lease, and lets it touch no other')],
  },
  {
    name: 'lease-taken-from-its-holder',
    what: 'Whoever is started second takes the shard from whoever serves it.',
    file: 'adapters/redis/lease-scripts.ts',
    find: "if holder and holder ~= token then return 0 end\nredis.call('SET'",
    replace: "redis.call('SET'",
    killedBy: [reading('gives the lease to one of two contenders')],
  },
  {
    name: 'consumer-dropped-with-its-pending',
    what: 'With the consumer of a crashed subscriber go the doorbells that it had read.',
    file: 'adapters/redis/lease-scripts.ts',
    find: ' and consumer.pending == 0 then',
    replace: ' then',
    killedBy: [
      {
        file: 'test/adapters/redis/keyspace.test.ts',
        suite: 'embedded Redis',
        title: 'consumers of past leases do not pile up, and none goes while a doorbell is pending on it',
      },
    ],
  },
  {
    name: 'doorbells-from-before-the-group',
    what: 'The group begins with the next ring: what rang before anybody read is never delivered.',
    file: 'adapters/redis/shard-reader.ts',
    find: "GROUP, '0', 'MKSTREAM'",
    replace: "GROUP, '$', 'MKSTREAM'",
    killedBy: [reading('reads doorbells in the order in which they rang, so many at a time, each once')],
  },
  {
    name: 'settled-doorbells-stay',
    what: 'A doorbell that was served is acknowledged and not deleted, and so stays for ever.',
    file: 'adapters/redis/lease-scripts.ts',
    find: "  redis.call('XDEL', KEYS[1], ARGV[i])\n",
    replace: '',
    killedBy: [
      {
        file: 'test/adapters/redis/keyspace.test.ts',
        suite: 'embedded Redis',
        title: 'nothing is left of a doorbell that was settled',
      },
    ],
  },
  {
    name: 'ends-stay-for-ever',
    what: 'A channel that is used every day keeps the end of every source that it ever had.',
    file: 'adapters/redis/channel-scripts.ts',
    find: "redis.call('HDEL', channel, 'ended:' .. of)",
    replace: 'local _ = of',
    killedBy: [
      {
        file: 'test/adapters/redis/keyspace.test.ts',
        suite: 'embedded Redis',
        title: 'of a channel that never expires, ends and cursors older than its rounds do not stay',
      },
    ],
  },
  {
    name: 'new-doorbells-before-reclaimed-ones',
    what: 'The subscriber waits for new doorbells before it looks for those that its predecessor left.',
    file: 'app/subscribe.ts',
    find: '  let reclaimAt = Number.NEGATIVE_INFINITY;\n  for',
    replace: '  let reclaimAt = ports.clock.now() + RECLAIM_INTERVAL_MS;\n  for',
    killedBy: [serving('are brought what a predecessor left, all of it, before the subscriber waits for anything new')],
  },
  {
    name: 'one-page-reclaimed',
    what: 'Only the first page of what a predecessor left is taken over.',
    file: 'app/subscribe.ts',
    find: 'while (from !== undefined);',
    replace: 'while (false);',
    killedBy: [serving('are brought what a predecessor left, all of it, before the subscriber waits for anything new')],
  },
  {
    name: 'lost-lease-is-ignored',
    what: 'A subscriber that was told that its lease is gone goes on.',
    file: 'app/subscribe.ts',
    find: "ports.log.warn('lease-lost', { shard });\n        return stopForLoss(ports, stop);",
    replace: "ports.log.warn('lease-lost', { shard });\n        return;",
    killedBy: [subscribing('stops when its lease was taken, and leaves what it did not finish to others')],
  },
  {
    name: 'lost-lease-is-idleness',
    what: 'A subscriber that broke off what it did, since its lease was lost, takes the shard for an idle one.',
    file: 'app/subscribe.ts',
    find: '      if (stop.aborted) break;\n',
    replace: '',
    killedBy: [
      subscribing('does not call it idle that its lease was lost, with all else, and it broke off what it did'),
    ],
  },
  {
    name: 'unrenewed-lease-is-trusted',
    what: 'A subscriber that has not reached Redis for longer than its lease lasts goes on posting.',
    file: 'app/subscribe.ts',
    find: '      if (ports.clock.now() >= heldUntil) return stopForLoss(ports, stop);\n',
    replace: '',
    killedBy: [handingOver('stops when it could not renew its lease for as long as that lasts')],
  },
  {
    name: 'lost-read-is-not-reclaimed',
    what: 'The doorbells of a read whose answer was lost wait until the shard has nothing else to do.',
    file: 'app/subscribe.ts',
    find: 'reclaimAt = Number.NEGATIVE_INFINITY; // a read whose',
    replace: '// a read whose',
    killedBy: [handingOver('looks at once for the doorbells of a read whose answer was lost')],
  },
  {
    name: 'lease-named-by-the-request',
    what: 'Two runs of one invocation, which Lambda retries under the same id, hold one lease together.',
    file: 'lambdas/subscriber.ts',
    find: 'token: randomUUID()',
    replace: 'token: context.awsRequestId',
    killedBy: [
      {
        file: 'test/lambdas/subscriber.test.ts',
        title: 'does not take the lease of another run of the same invocation for its own',
      },
    ],
  },
  {
    name: 'released-before-the-last-post',
    what: 'The successor begins while posts of its predecessor are under way, and frames change places.',
    file: 'app/subscribe.ts',
    find: "    await channels.quiet();\n    if (end === 'handed-over') await ports.reader.release(shard, token);\n",
    replace: "    if (end === 'handed-over') await ports.reader.release(shard, token);\n    await channels.quiet();\n",
    killedBy: [handingOver('keeps the shard until its last post is through when it hands over')],
  },
  {
    name: 'no-successor',
    what: 'A subscriber whose time is up starts nobody.',
    file: 'app/subscribe.ts',
    find: '    await ports.subscribers.start(shard);\n',
    replace: '',
    killedBy: [subscribing('hands over before its time is up: gives the lease back and starts the successor')],
  },
  {
    name: 'no-hand-over',
    what: 'A subscriber works until its function is ended under it.',
    file: 'app/subscribe.ts',
    find: "      if (remainingMs() < HANDOVER_MS) return 'handed-over';\n",
    replace: '',
    killedBy: [subscribing('hands over before its time is up: gives the lease back and starts the successor')],
  },
];
