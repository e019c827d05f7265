/**
 * What one upload asks of each service: a channel is registered, a socket opened, a file sent in the request, its text
 * extracted, every message delivered, the socket closed. The calls were counted in a local run, and `test/ops/profile.slow.test.ts`
 * counts them again; what was not counted says what it is.
 */

/** A call of DynamoDB, by who makes it. */
export interface TableCall {
  readonly function: string;
  readonly operation: 'GetItem' | 'Query' | 'PutItem' | 'UpdateItem' | 'DeleteItem';
  readonly table: 'channels' | 'connections' | 'sources' | 'apikeys';
  readonly times: number;
  /** Of the record that is read or written. Reads are consistent unless it says otherwise. */
  readonly bytes: number;
  readonly eventually?: boolean;
  /** Attributes that the record is given or loses by it, and those that get another value. */
  readonly adds?: readonly string[];
  readonly changes?: readonly string[];
  readonly why: string;
}

const SOURCE_BYTES = 600;
/** With its result: title, hash, 500 characters of preview, names of its files. */
const ENDED_BYTES = 1_900;
const SMALL = 250;
/** Keys of what one user has: some 40 entries. */
const COUNTED_BYTES = 4_000;
const INDEXED = ['ws-uuid', 'opened-at', 'unfinished', 'deadline'];

/** Of the first upload on a channel of its own. Records' sizes were read off records of a local run. */
export const TABLE_CALLS: readonly TableCall[] = [
  { function: 'ws-address', operation: 'GetItem', table: 'apikeys', times: 1, bytes: SMALL, why: 'the key' },
  {
    function: 'ws-address',
    operation: 'GetItem',
    table: 'channels',
    times: 1,
    bytes: SMALL,
    why: 'whether it is there',
  },
  {
    ...{ function: 'ws-address', operation: 'Query', table: 'channels', times: 1, bytes: COUNTED_BYTES },
    eventually: true,
    why: 'how many its user has',
  },
  {
    ...{ function: 'ws-address', operation: 'PutItem', table: 'channels', times: 1, bytes: SMALL },
    adds: ['owner', 'expires'],
    why: 'the channel',
  },
  { function: 'upload-source', operation: 'GetItem', table: 'apikeys', times: 1, bytes: SMALL, why: 'the key' },
  {
    ...{ function: 'upload-source', operation: 'Query', table: 'sources', times: 1, bytes: COUNTED_BYTES },
    eventually: true,
    why: 'how many of its user are under way',
  },
  {
    function: 'upload-source',
    operation: 'GetItem',
    table: 'channels',
    times: 1,
    bytes: SMALL,
    why: 'whether it is there',
  },
  {
    function: 'upload-source',
    operation: 'PutItem',
    table: 'channels',
    times: 1,
    bytes: SMALL,
    why: 'refused: it is there',
  },
  {
    function: 'upload-source',
    operation: 'UpdateItem',
    table: 'channels',
    times: 1,
    bytes: SMALL,
    changes: ['expires'],
    why: 'its time, renewed',
  },
  {
    ...{ function: 'upload-source', operation: 'UpdateItem', table: 'sources', times: 1, bytes: SOURCE_BYTES },
    adds: INDEXED,
    why: 'the record',
  },
  {
    ...{ function: 'upload-source', operation: 'UpdateItem', table: 'sources', times: 1, bytes: SOURCE_BYTES },
    adds: ['under-way'],
    changes: ['deadline'],
    why: 'marked as queued',
  },
  { function: 'connect', operation: 'GetItem', table: 'channels', times: 1, bytes: SMALL, why: 'the channel' },
  {
    ...{ function: 'connect', operation: 'Query', table: 'connections', times: 1, bytes: COUNTED_BYTES },
    eventually: true,
    why: 'how many its user has',
  },
  {
    ...{ function: 'connect', operation: 'PutItem', table: 'connections', times: 1, bytes: SMALL },
    adds: ['ws-uuid', 'connection-id', 'owner', 'connected-at'],
    why: 'the connection',
  },
  {
    ...{ function: 'process', operation: 'UpdateItem', table: 'sources', times: 1, bytes: SOURCE_BYTES },
    changes: ['deadline'],
    why: 'the claim',
  },
  {
    ...{ function: 'process', operation: 'UpdateItem', table: 'sources', times: 1, bytes: ENDED_BYTES },
    adds: ['under-way', 'ended-at'],
    changes: ['deadline'],
    why: 'the end',
  },
  {
    ...{ function: 'process', operation: 'UpdateItem', table: 'sources', times: 1, bytes: ENDED_BYTES },
    changes: ['deadline'],
    why: 'that it was published',
  },
  {
    ...{ function: 'subscriber', operation: 'Query', table: 'connections', times: 6, bytes: SMALL },
    why: 'for each ring, of which several at once need one: from 4 to 8 were counted',
  },
  { function: 'subscriber', operation: 'GetItem', table: 'channels', times: 1, bytes: SMALL, why: 'to restore' },
  {
    function: 'subscriber',
    operation: 'Query',
    table: 'sources',
    times: 1,
    bytes: SMALL,
    eventually: true,
    why: 'to restore',
  },
  {
    function: 'subscriber',
    operation: 'UpdateItem',
    table: 'channels',
    times: 1,
    bytes: SMALL,
    why: 'the end of the round',
  },
  {
    ...{ function: 'subscriber', operation: 'DeleteItem', table: 'connections', times: 1, bytes: SMALL },
    adds: ['ws-uuid', 'connection-id', 'owner', 'connected-at'],
    why: 'the connection that is closed',
  },
  {
    function: 'disconnect',
    operation: 'Query',
    table: 'connections',
    times: 1,
    bytes: SMALL,
    eventually: true,
    why: 'which it was',
  },
  {
    function: 'sweeper',
    operation: 'GetItem',
    table: 'sources',
    times: 1,
    bytes: ENDED_BYTES,
    why: 'seen once more after a minute',
  },
  {
    function: 'sweeper',
    operation: 'GetItem',
    table: 'channels',
    times: 1,
    bytes: SMALL,
    why: 'whether its end was told',
  },
  {
    ...{ function: 'sweeper', operation: 'UpdateItem', table: 'sources', times: 1, bytes: ENDED_BYTES },
    adds: ['unfinished'],
    why: 'nothing left to see',
  },
];

/** Calls of other services by who makes them, as the test counts them. */
export const OTHER_CALLS: Readonly<Record<string, number>> = {
  'upload-source s3 PutObject': 1,
  'upload-source sqs SendMessage': 1,
  'connect lambda Invoke': 1,
  'process s3 GetObject': 1,
  'process s3 PutObject': 2, // text and result
  'subscriber connections POST': 5, // two openings, two of progress, the end
  'subscriber connections DELETE': 1,
};

/**
 * Milliseconds of each function, one invocation each: what a warm function took for 2 MB of text in a local run, doubled for
 * the ways between the services of AWS. An estimate, and the one that the bill leans on most: compare it with the log of a
 * deployed service.
 */
export const FUNCTION_MS: Readonly<Record<string, number>> = {
  'ws-address': 20,
  'upload-source': 190,
  connect: 30,
  disconnect: 40,
  process: 310,
};

/** A run of the sweeper that finds nothing: four shards asked twice, two queries, on a new connection to Redis. Estimated. */
export const SWEEP_MS = 200;

/** From the connect, and from the upload, a subscriber is started; one that finds another at work ends at once. */
export const SUBSCRIBER_STARTS = 2;

/** It stays for this long after the last ring (`LINGER_MS` of app/subscribe.ts), start and end included. */
export const LINGER_SECONDS = 2.3;

/** Between the last frame and the close (`CLOSE_GRACE_MS` of domain/limits.ts). */
export const GRACE_SECONDS = 1;

/** All commands, those inside of scripts too, by INFO commandstats of a real server; each taken for a whole ECPU, which is the upper bound. */
export const REDIS_COMMANDS = 310;

/** History, hash and cursor of a channel with five events, by MEMORY USAGE, rounded up; kept for a day. */
export const CHANNEL_BYTES = 6_000;
export const CHANNEL_DAYS = 1;

/** Each minute: sixteen buckets of what is overdue and the connections that Redis was not told of, half a unit each, and
 * half a unit for each 8 KB of all connections. */
export const SWEEP_READ_UNITS = 9;

/** Each minute, for each shard: two scripts of up to three commands. And as many again to connect. */
export const SWEEP_COMMANDS_PER_SHARD = 6;
export const SWEEP_COMMANDS = 6;

/**
 * From the log of a local run, with the lines of Lambda for each invocation at the length that they have on AWS, and the access
 * logs. Two of those lines are 165 bytes longer where the function is traced: connect, disconnect and the sweeper are not.
 */
export const LOG_BYTES = 9_300;
export const SWEEP_LOG_BYTES = 900;

/** Requests that the viewer makes: two POSTs and the upgrade. The page itself is cached by the browser. */
export const FRONT_REQUESTS = 3;
export const REST_REQUESTS = 2;
/** All that goes back to the client: answers and frames. */
export const BYTES_OUT = 6_000;

/** Receive and delete, which Lambda does for the function, beside the send. */
export const QUEUE_REQUESTS = 3;

/** Lambda keeps five long polls of 20 s open on a queue where nothing comes. docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html */
export const IDLE_POLLS_PER_MINUTE = 15;

/** The text of a document beside its bytes. A guess: all of a text file, a hundredth of a PDF with pictures. */
export const TEXT_SHARE = 0.25;

/**
 * Functions that begin traces of their own, if they are traced at all. The delivery of a message has one that is linked to the
 * upload's: whether it heeds that the upload's is not kept is not documented, so all count. The subscriber is of its starter's.
 */
export const TRACE_BEGINNERS = ['connect', 'disconnect', 'process'] as const;

/** Where nobody says otherwise, the first request of a second and this share of the others are traced. Of Lambda nobody can. */
export const TRACED_SHARE = 0.05;
