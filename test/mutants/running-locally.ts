import type { Mutant, NamedTest } from './mutant.ts';

const anotherRedis = (title: string): NamedTest => ({ file: 'test/local/redis/another-redis.test.ts', title });
const lock = (title: string): NamedTest => ({ file: 'test/local/process-lock.test.ts', title });

/** What `npm start` does around the service. */
export const RUNNING_LOCALLY: readonly Mutant[] = [
  {
    name: 'stale-redis-server',
    what: 'A Redis server goes on with data from before another Redis was used: ends that came meanwhile never reach a socket.',
    file: 'local/redis/start-redis.ts',
    find: "const empty = !(await last.isStill('server'));",
    replace: 'const empty = false;',
    killedBy: [anotherRedis('finds its server empty, and keeps what it holds from then on')],
  },
  {
    name: 'emptied-at-every-start',
    what: 'A restart loses the history of every channel, though its Redis has kept it.',
    file: 'local/redis/start-redis.ts',
    find: 'await last.note(node.kind);',
    replace: '',
    killedBy: [anotherRedis('finds its server empty, and keeps what it holds from then on')],
  },
  {
    name: 'stale-external-redis',
    what: 'The Redis of REDIS_URL goes on with data from before another one was used.',
    file: 'local/redis/service-keys.ts',
    find: 'if (!goesOn) await drop(cluster);',
    replace: '',
    killedBy: [anotherRedis('drops there what is its own, and nothing else')],
  },
  {
    name: 'everything-dropped',
    what: 'Data of others is deleted from a Redis that somebody else runs.',
    file: 'local/redis/service-keys.ts',
    find: "'MATCH', PATTERN,",
    replace: "'MATCH', '*',",
    killedBy: [anotherRedis('drops there what is its own, and nothing else')],
  },
  {
    name: 'redis-of-another-run',
    what: 'Two runs of the service serve one Redis, or one drops what the other needs.',
    file: 'local/redis/service-keys.ts',
    find: 'if (!isOwn && (await holdsKeys(cluster)))',
    replace: 'if (false)',
    killedBy: [anotherRedis('is refused what another folder keeps there, which stays')],
  },
  {
    name: 'one-name-for-all-locks',
    what: 'Two that take the lock in one process undo what the other has written, and fail.',
    file: 'local/process-lock.ts',
    find: 'randomUUID()}',
    replace: 'holder.pid}',
    killedBy: [lock('of many who ask for it at once in one process, one gets it and the others are told so')],
  },
  {
    name: 'unwritable-in-a-stack-trace',
    what: 'Who starts in a folder of another user is shown eight lines of code in place of a sentence.',
    file: 'local/process-lock.ts',
    find: 'throw cannotWrite(error, dirname(path)) ?? error;',
    replace: 'throw error;',
    killedBy: [lock('it says so in a sentence')],
  },
  {
    name: 'function-without-a-host',
    what: 'A request of HTTP/1.0 without a Host is answered 503, as though the service were broken.',
    file: 'local/cloudfront/edge.ts',
    find: "return refuse(400, 'The request has no Host header.');",
    replace: '{}',
    killedBy: [
      {
        file: 'test/local/cloudfront/distribution.test.ts',
        title: 'refuse what comes without a Host, which no function is ever shown',
      },
    ],
  },
  {
    name: 'socket-at-the-page',
    what: 'A handshake at the address of the page is passed to the bucket, and refused without a word of the contract.',
    file: 'lib/cloudfront-functions/page-request.js',
    find: 'isRead && !isHandshake && FILES',
    replace: 'isRead && FILES',
    killedBy: [
      {
        file: 'test/lib/cloudfront-functions/page-request.test.ts',
        title: 'with 404: sockets are at /ws/ only',
      },
    ],
  },
];
