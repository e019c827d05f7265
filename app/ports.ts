import type { FailureCode } from '../domain/errors.ts';
import type { EventId } from '../domain/ids.ts';
import type { ChannelEvent, SourceType, Stage, Unnumbered } from '../domain/messages.ts';

/**
 * What the use cases need of the world. Each port is implemented in `adapters/` for AWS and in memory, and
 * `test/adapters/` runs one contract suite per port on every implementation.
 * All times are milliseconds since 1970 unless the name says otherwise.
 */

export interface Clock {
  now(): number;
  /** Resolves after `ms`, or at once when `signal` aborts. MUST NOT reject. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** One line per event; `data` MUST NOT hold a key, a token or a query string. */
export interface Log {
  info(event: string, data?: object): void;
  warn(event: string, data?: object): void;
  error(event: string, data?: object): void;
}

export type CountName =
  /** Answered 200, each source once however often it was sent. */
  | 'SourcesAccepted'
  /** How sources ended; a failure is of the document or the URL, while `GivenUp` is ours. */
  | 'SourcesSucceeded'
  | 'SourcesFailed'
  | 'SourcesCancelled'
  | 'SourcesGivenUp'
  /** Sent to a socket that came after they were published, or sent to one again. */
  | 'FramesReplayed'
  /** Dropped, because API Gateway answered 410. */
  | 'SocketsGone'
  /** Subscribers that had to stop because somebody else may hold their shard. */
  | 'LeasesLost'
  | 'SweepPartsFailed';

export type DurationName =
  /** From the upload to the publication of its first messages. */
  | 'TimeToFirstStatus'
  /** From the upload to its end. */
  | 'TimeToEnd'
  /** From the publication of an event to the moment at which a socket that was there has it, or still has it not. */
  | 'DeliveryLag';

/** MUST NOT do I/O or throw: it is called where nothing may be waited for. */
export interface Metrics {
  /** @param times default 1. */
  count(name: CountName, times?: number): void;
  duration(name: DurationName, ms: number): void;
}

// ---- DynamoDB ------------------------------------------------------------------------------------------------

export interface Channel {
  readonly wsUuid: string;
  readonly owner: string;
  /** Fixed at creation: changing the number of shards moves no channel. */
  readonly shard: number;
  readonly batchSize: number;
  /** The rounds that a socket was given the end of and was closed after: by epoch, the seq of the last of these ends. */
  readonly closed: Readonly<Record<string, number>>;
  readonly expiresAt: number;
}

export interface Channels {
  /**
   * Creates the channel; where the same owner has it already, moves `expiresAt` on and takes `batchSize` if one is given.
   * MUST keep the stored shard. MUST NOT change another owner's channel until CHANNEL_KEPT_MS after it has expired: that one is
   * returned as it is.
   */
  register(
    channel: Omit<Channel, 'batchSize' | 'closed'> & { readonly batchSize?: number },
    now: number,
  ): Promise<Channel>;
  /** MUST NOT return an expired one: TTL deletion is days late. */
  get(wsUuid: string, now: number): Promise<Channel | undefined>;
  /** How many an owner has that have not expired; counts to `most` and no further. May be some moments old. */
  countOf(owner: string, now: number, most: number): Promise<number>;
  /** Notes the end of a round that was delivered. MUST NOT go back within an epoch. A channel that is gone is ignored. */
  closeRound(wsUuid: string, end: EventId): Promise<void>;
}

export interface Connection {
  readonly wsUuid: string;
  /** Of its channel. One from before there were limits has none, and does not count. */
  readonly owner?: string;
  readonly connectionId: string;
  readonly shard: number;
  readonly connectedAt: number;
  /** The event that the client has already, from its `last-event-id`; undefined: it wants all that the channel owes. */
  readonly lastEventId?: EventId;
  /** Redis could not be told of it: somebody has to ring its channel. */
  readonly unannounced?: true;
  readonly expiresAt: number;
}

export interface Connections {
  /** Over one that is there as well. */
  add(connection: Connection): Promise<void>;
  /** @returns undefined when unknown. */
  find(connectionId: string): Promise<Connection | undefined>;
  remove(connection: Pick<Connection, 'wsUuid' | 'connectionId'>): Promise<void>;
  /** MUST be strongly consistent: one that was added before the call is in the answer. MUST NOT return expired ones. */
  of(wsUuid: string, now: number): Promise<Connection[]>;
  /** How many an owner has that were opened after `since`; counts to `most` and no further. May be some moments old. */
  countOf(owner: string, since: number, most: number): Promise<number>;
  /** All of all channels: reads the whole table, for the moment after a loss of Redis. MUST NOT return expired ones. */
  all(now: number): AsyncIterable<Connection>;
  /** Of all channels, those opened at `from` or later, and before `to`: reads the whole table. May be some moments old. */
  openedBetween(from: number, to: number): Promise<Connection[]>;
  /** Those that are `unannounced`. May be some moments old. MUST NOT return expired ones. */
  unannounced(now: number): Promise<Connection[]>;
  /** One that is gone is ignored. */
  markAnnounced(connection: Pick<Connection, 'wsUuid' | 'connectionId'>): Promise<void>;
}

/** How a source ended. Stored once, never changed. */
export type Terminal =
  | { readonly status: 'success'; readonly result: unknown }
  | { readonly status: 'failure'; readonly error: string; readonly code: FailureCode };

export interface Source {
  readonly sourceUuid: string;
  /** Counts the uploads under one `source-uuid`: a new one may start after a terminal. */
  readonly generation: number;
  readonly owner: string;
  readonly wsUuid: string;
  readonly shard: number;
  readonly batchSize: number;
  readonly type: SourceType;
  readonly filename: string;
  /** Only where `type` is `url-upload`. */
  readonly url?: string;
  /** SHA-256 of the bytes, or of the URL, in hex: whether a request that comes again is the same. */
  readonly contentSha256: string;
  /** Of the request that opened it: every line of every log about it holds this id. One opened before there were such ids has none. */
  readonly correlationId?: string;
  /** Its bytes are stored and its message is sent: the accept is complete, and need not be repeated. */
  readonly queued: boolean;
  /** Counts the claims of this generation. */
  readonly attempt: number;
  /** 0 until the first claim. */
  readonly leaseUntil: number;
  readonly stage?: Stage;
  readonly progress?: number;
  readonly terminal?: Terminal;
  /** Where the terminal stands in the channel's history; undefined: it is not known to be there. */
  readonly published?: EventId;
  readonly openedAt: number;
  /** Past this, somebody has to look what has become of it. */
  readonly deadline: number;
  /** How many times it was past a deadline and was sent to the queue again, since its last claim. */
  readonly redriven: number;
  readonly endedAt?: number;
  readonly expiresAt: number;
}

/** Names one generation of a source. Every conditional write carries it, so that an old worker cannot touch a new upload. */
export type SourceRef = Pick<Source, 'sourceUuid' | 'generation'>;

export type NewSource = Omit<
  Source,
  | 'generation'
  | 'queued'
  | 'attempt'
  | 'leaseUntil'
  | 'stage'
  | 'progress'
  | 'terminal'
  | 'published'
  | 'redriven'
  | 'endedAt'
>;

export type Claim =
  | { readonly outcome: 'claimed'; readonly source: Source }
  /** Somebody else works on it until `leaseUntil`. */
  | { readonly outcome: 'leased'; readonly source: Source }
  | { readonly outcome: 'ended'; readonly source: Source }
  /** No such generation any more. */
  | { readonly outcome: 'gone' };

export interface Sources {
  /**
   * Creates the record, with a generation that no record of before had, or, over a record of the same owner whose terminal is
   * published and that was opened before this one, or that was opened before `abandonedBefore` and never queued, with the next one.
   * MUST be one conditional write; of two at once exactly one gets `created: true`, and both get the same stored record.
   * Where a record stands in the way (not published, or another owner's, and not expired), it is returned with `created: false`.
   */
  open(source: NewSource, abandonedBefore: number): Promise<{ readonly created: boolean; readonly source: Source }>;
  /** MUST be strongly consistent: a worker learns from it that its source was cancelled. */
  get(sourceUuid: string): Promise<Source | undefined>;
  /** Ignored where it is queued already, which a claim proves too. @returns false where the generation is gone. */
  markQueued(ref: SourceRef, deadline: number): Promise<boolean>;
  /**
   * Takes the source for one attempt: attempt + 1, a lease and with it the deadline, queued, not redriven, in one
   * conditional write.
   */
  claim(ref: SourceRef, now: number, leaseUntil: number): Promise<Claim>;
  /**
   * Keeps the lease of this attempt, which is its deadline too, and notes how far it is.
   * @returns false when the attempt is no longer the current one, or the source has ended: its worker has to stop.
   */
  renew(
    ref: SourceRef,
    attempt: number,
    leaseUntil: number,
    at?: { readonly stage: Stage; readonly progress: number },
  ): Promise<boolean>;
  /** Gives the lease back early, so that the next delivery need not wait. Ignored when the attempt is not the current one. */
  release(ref: SourceRef, attempt: number, deadline: number): Promise<void>;
  /**
   * Stores the terminal if there is none, and with it the deadline for its publication; what has ended was queued. Whoever
   * comes second MUST get the stored one.
   * @param lastAttempt for who gives the source up: only where this was its last claim, and the lease of it is over. MUST be
   * part of the same conditional write. Refused, it changes nothing, and the record that is returned has no terminal.
   * @returns undefined when the generation is gone.
   */
  settle(
    ref: SourceRef,
    terminal: Terminal,
    now: number,
    deadline: number,
    lastAttempt?: number,
  ): Promise<Source | undefined>;
  /** Only where there is a terminal. Past the deadline somebody has to look whether it is still there. */
  markPublished(ref: SourceRef, event: EventId, deadline: number): Promise<void>;
  /**
   * The `source-uuid` of records whose deadline is at or before `now`, the earliest first, `limit` at the most.
   * May be some moments old: read the record before you act on it.
   */
  overdue(now: number, limit: number): Promise<string[]>;
  /**
   * Another deadline, for a record as it was read. @returns false when it was written since: then somebody is at work on it.
   */
  postpone(source: Source, deadline: number, redriven: number): Promise<boolean>;
  /**
   * Nothing has to be looked at any more: the record is not overdue again until it is written again. Ignored when it
   * was written since it was read.
   */
  shelve(source: Source): Promise<void>;
  /**
   * The last generation of each source of a channel, in the order in which they were opened, each read when it is asked for: a
   * thousand with their results would not fit into a function's memory. One opened some moments ago may be missing. MUST NOT
   * return expired ones, nor those that ended at or before `endedAfter`; and MUST NOT read each of these to find that out: a
   * channel in steady use has a week of them. One that has not ended is given whenever it was opened.
   */
  ofChannel(wsUuid: string, now: number, endedAfter: number): Promise<AsyncIterable<Source>>;
  /** How many of an owner are queued and have not ended; counts to `most` and no further. May be some moments old. */
  countUnderWay(owner: string, most: number): Promise<number>;
}

/** What the addresses of sockets are signed with. */
export interface SocketKey {
  /** Stands in the address, and is no secret. */
  readonly id: string;
  readonly secret: string;
}

export interface SocketKeys {
  /** What new addresses are signed with. May be some minutes old. */
  current(): Promise<SocketKey>;
  /**
   * The current key or the one before it, by its id. MUST look for one that it does not know before it says that there is none: a
   * key that was made just now signs addresses already.
   */
  find(id: string): Promise<SocketKey | undefined>;
}

/** The versions that a new key goes through. Each step may come again. */
export interface SocketKeyVersions {
  /** Makes the key of this version. MUST keep one that is there. */
  prepare(versionId: string): Promise<void>;
  /** It is the current key from now on, and the current one is the one before it. */
  promote(versionId: string): Promise<void>;
}

export interface ApiKeys {
  /** @returns the user id, or undefined when no key has this hash. */
  userOf(sha256Hex: string): Promise<string | undefined>;
}

// ---- S3, SQS, Lambda, API Gateway ----------------------------------------------------------------------------

/**
 * Where the bytes of one upload lie. Derived from ids alone: no name that a client sends is ever part of a key. Each
 * generation has a place of its own, so that what is removed of a cancelled one is never that of its successor.
 */
export type SourceOwner = Pick<Source, 'owner' | 'sourceUuid' | 'generation'>;

/** Kept with an original, and given back with it. */
export interface OriginalDetails {
  /** What it is called where it was fetched from. For display only. At most 150 characters. */
  readonly name?: string;
  /** What its sender says that it is, as `text/html`. Never trusted. At most 100 characters. */
  readonly mediaType?: string;
}

export interface SourceFiles {
  putOriginal(source: SourceOwner, bytes: Uint8Array, details?: OriginalDetails): Promise<void>;
  /** Streams; memory MUST stay flat whatever the size. */
  putOriginalStream(
    source: SourceOwner,
    bytes: AsyncIterable<Uint8Array>,
    signal: AbortSignal,
    details?: OriginalDetails,
  ): Promise<void>;
  /** @returns undefined when there is none. The stream MUST be consumed or destroyed. */
  readOriginal(
    source: SourceOwner,
  ): Promise<({ readonly bytes: number; readonly body: AsyncIterable<Uint8Array> } & OriginalDetails) | undefined>;
  putText(source: SourceOwner, text: AsyncIterable<Uint8Array> | Uint8Array): Promise<void>;
  putResult(source: SourceOwner, result: unknown): Promise<void>;
  /** A link to the text that works without credentials, and when it stops working. */
  textUrl(source: SourceOwner, now: number): Promise<{ readonly url: string; readonly expiresAt: number }>;
  /** All that is stored of it, and what is being stored in parts. What is not there is no mistake. */
  remove(source: SourceOwner): Promise<void>;
  /** For who may write nothing else. */
  removeOriginal(source: SourceOwner): Promise<void>;
}

export type QueuedSource = SourceRef & Pick<Source, 'correlationId'>;

export interface ProcessQueue {
  send(source: QueuedSource): Promise<void>;
  /** How many messages wait for a worker, approximately. */
  backlog(): Promise<number>;
  /** The delivery becomes visible again after `delaySeconds` (0 to 43,200), instead of after its visibility time-out. */
  returnAfter(receiptHandle: string, delaySeconds: number): Promise<void>;
}

export interface SubscriberStarter {
  /** Asynchronous: answers when the start is accepted, not when the subscriber runs. One that was accepted just before counts. */
  start(shard: number): Promise<void>;
}

export type FetchProgress = { readonly bytes: number; readonly totalBytes?: number };

export interface Fetcher {
  /**
   * Fetches `source.url` into the source's original and reports the bytes as they arrive.
   * Throws SourceFailure when the URL cannot be had; anything else thrown is worth another attempt.
   */
  fetch(source: Source, onProgress: (progress: FetchProgress) => void, signal: AbortSignal): Promise<FetchProgress>;
}

export type PostOutcome =
  | 'sent'
  /** 410: the connection is gone, or it is still inside its `$connect`. */
  | 'gone'
  /** 429, 5xx, time-out: the same frame may be sent again later. */
  | 'retry';

export interface Sockets {
  /** MUST NOT throw and MUST settle within its own time limit. */
  post(connectionId: string, frame: string): Promise<PostOutcome>;
  /** MUST NOT throw; a connection that is gone counts as closed. */
  close(connectionId: string): Promise<PostOutcome>;
}

// ---- Processing ----------------------------------------------------------------------------------------------

export type ExtractProgress =
  | { readonly bytes: number; readonly totalBytes: number }
  | { readonly pages: number; readonly totalPages: number };

export interface Processor {
  readonly stage: Stage;
  /** @returns the `result` of the success message. Throws SourceFailure when the source cannot be processed. */
  process(source: Source, onProgress: (progress: ExtractProgress) => void, signal: AbortSignal): Promise<unknown>;
}

// ---- Redis ---------------------------------------------------------------------------------------------------

export interface Publication {
  readonly shard: number;
  readonly wsUuid: string;
  readonly batchSize: number;
  /** Names the generation, `<source-uuid>#<generation>`: what was published of an older one does not count. */
  readonly source: string;
  /** `opening`: the two first messages. `heartbeat`: says nothing of how far. Nothing of a source comes after its `terminal`. */
  readonly kind: 'opening' | 'progress' | 'heartbeat' | 'terminal';
  /** The same key again is the same event: it is not added twice. */
  readonly dedupeKey: string;
  readonly event: Unnumbered<ChannelEvent>;
  /**
   * The dedupe key of the event of this source that MUST stand before it. Default: any.
   */
  readonly after?: string;
  /**
   * Where an event of this source was published before: its terminal, or, until there is one, another. Should this very epoch
   * not hold it any more, Redis has gone back in time, and numbers were or would be given out twice: the channel MUST begin
   * a new epoch first.
   */
  readonly known?: EventId & { readonly dedupeKey: string };
  /** Kept beside the event, never in it: whoever delivers the end of a source can say whose it was. */
  readonly correlationId?: string;
}

export interface Published {
  /**
   * `published`: the event is in the history now. `duplicate`: it was before, at `seq`.
   * `refused`: it came after its source's terminal, or it is progress that would fall within its stage.
   * `unopened`: this history does not hold what it has to stand after.
   */
  readonly outcome: 'published' | 'duplicate' | 'refused' | 'unopened';
  readonly epoch: string;
  readonly seq: number;
  /** Nobody holds the shard's lease: the caller MUST start a subscriber, for a duplicate too. */
  readonly wake: boolean;
}

export interface EventBus {
  /** Adds the event to the channel's history and rings its doorbell, atomically. Safe to repeat when the answer was lost. */
  publish(publication: Publication): Promise<Published>;
  /**
   * A connection was opened or asks to resume: fixes where its delivery starts, and rings the doorbell, atomically.
   * `after`: the event that it has. Without one it starts after the round that was closed last before it connected, else
   * at the beginning.
   */
  open(listener: Listener, after?: EventId): Promise<{ readonly wake: boolean }>;
  /** The client has everything up to here and wants the close now. */
  acknowledge(at: ChannelRef, connectionId: string, eventId: EventId): Promise<{ readonly wake: boolean }>;
  /** Somebody has to look at this channel. */
  ring(at: ChannelRef): Promise<{ readonly wake: boolean }>;
}

export type ChannelRef = { readonly shard: number; readonly wsUuid: string };

/** What the bus has to know of a connection. */
export type Listener = Pick<Connection, 'shard' | 'wsUuid' | 'connectionId' | 'connectedAt' | 'lastEventId'>;

export interface Doorbell {
  readonly id: string;
  readonly wsUuid: string;
}

/** What is known of a channel in Redis, read at one moment. */
export interface ChannelView {
  readonly epoch: string;
  /** 0: nothing was ever published in this epoch. */
  readonly seq: number;
  /** The seq of the terminal after which the channel is to be closed; 0: sources are still open or awaited. */
  readonly complete: number;
  /** This epoch is known to hold all that DynamoDB knows of the channel: see `markRestored`. */
  readonly restored: boolean;
}

export interface Cursor {
  /** Where the delivery to this connection began. */
  readonly start: number;
  /** The last seq that was sent to it. */
  readonly sent: number;
  /** The last seq that the client acknowledged; 0: none. */
  readonly acknowledged: number;
  /** What the client has is of another epoch, or more than there is: it has to be told so, before it is sent anything. */
  readonly gap: boolean;
  /** Names all of this until the connection is placed anew: by a resume, or because its cursor was lost. */
  readonly turn: string;
}

export interface NextEvents extends ChannelView {
  readonly cursor?: Cursor;
  /** In order. Where the oldest were dropped, the first one does not follow on the cursor. */
  readonly entries: readonly HistoryEntry[];
  /** The lowest seq that the history still holds; `seq` + 1 when it holds nothing. */
  readonly firstHeld: number;
}

export interface HistoryEntry {
  readonly seq: number;
  /** The message as it goes out, `event-id` and all. */
  readonly frame: string;
  /** When it was handed to Redis. Only of events that were published before this was kept, there is none. */
  readonly publishedAt?: number;
  /** As it was published. */
  readonly correlationId?: string;
}

/** What a subscriber needs of the one shard that it holds. */
export interface ShardReader {
  /** @returns false when somebody else holds the lease. */
  acquire(shard: number, token: string, ttlMs: number): Promise<boolean>;
  /** @returns false when the lease is no longer this token's: the subscriber MUST stop at once. */
  renew(shard: number, token: string, ttlMs: number): Promise<boolean>;
  /** Gives the lease up whatever is pending; the caller starts a successor. */
  release(shard: number, token: string): Promise<void>;
  /** Gives the lease up only if nothing is pending and nothing unread, atomically. @returns false: there is work. */
  exitIfIdle(shard: number, token: string): Promise<boolean>;
  /** Takes over up to `count` doorbells that were read and never settled. MUST return them all over repeated calls: `next` is the cursor of the following one, undefined at the end. */
  reclaim(
    shard: number,
    token: string,
    count: number,
    from?: string,
  ): Promise<{ readonly doorbells: Doorbell[]; readonly next?: string }>;
  /** New doorbells; waits up to `blockMs` for the first. */
  read(shard: number, token: string, count: number, blockMs: number): Promise<Doorbell[]>;
  /** These doorbells were served. */
  settle(shard: number, doorbellIds: readonly string[]): Promise<void>;

  /**
   * What one connection is to be sent next: at most `count` entries after its cursor, and of these as many as fit into
   * `bytes` (default: any), but one at least. MUST be read at one moment, since a Redis that came back empty gives the same
   * numbers to other events.
   * Gives a connection that has none its cursor, but MUST NOT do so before the epoch is restored: until then there is
   * neither `cursor` nor `entries`. A channel that Redis does not hold begins an epoch, which is not restored.
   */
  next(listener: Listener, count: number, bytes?: number): Promise<NextEvents>;
  /** A gap is over with it. MUST NOT go back, and MUST ignore another turn than that of the cursor. */
  moveCursor(at: ChannelRef, connectionId: string, turn: string, sent: number): Promise<void>;
  dropCursor(at: ChannelRef, connectionId: string): Promise<void>;
  /**
   * Who connects after `now` without `last-event-id` starts after `end`. MUST NOT go back.
   * @returns false when the channel is not complete with this very end, or not any more: then nothing is to be closed.
   */
  closeRound(at: ChannelRef, end: EventId, now: number): Promise<boolean>;
  /** MUST ignore another epoch's. */
  markRestored(at: ChannelRef, epoch: string): Promise<void>;
}

/** What the sweeper needs of every shard. */
export interface ShardWatch {
  /** There are doorbells, and nobody holds the lease. */
  isUnserved(shard: number): Promise<boolean>;
  /**
   * @returns false when the shard's data goes back to before its last recovery. Otherwise Redis has lost its data since,
   * and doorbells with it: the caller rings the channels that have connections, and then calls `endRecovery`.
   */
  beginRecovery(shard: number, token: string): Promise<boolean>;
  /** MUST be ignored when the data was lost once more since this token's `beginRecovery`, or another began since. */
  endRecovery(shard: number, token: string): Promise<void>;
}
