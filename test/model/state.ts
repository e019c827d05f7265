/** One shard, and everybody who has to do with it, at one moment. */
export interface State {
  readonly publishers: readonly Publisher[];
  readonly channels: readonly Channel[];
  /** The doorbell stream, in the order of its ids. The index is the id. */
  readonly doorbells: readonly Doorbell[];
  readonly lease: Lease;
  /** Asynchronous invocations that were accepted and have not begun. */
  readonly starts: number;
  /** By token. A subscriber that ended leaves its place to the next one. */
  readonly subscribers: readonly (Subscriber | null)[];
  readonly faultsLeft: number;
  /** Something has happened after which a frame may come twice. */
  readonly excused: boolean;
}

/** `left`: held by the token of a subscriber that is no more; it will expire. */
export type Lease = 'free' | 'left' | number;

export interface Publisher {
  /** How many of its operations have taken effect, and of how many it has the answer. */
  readonly done: number;
  readonly answered: number;
  readonly wake: boolean;
  /** It started the subscriber, or need not, or crashed. */
  readonly over: boolean;
}

/** A channel has one connection here: deliveries to several have nothing in common but the doorbell. */
export interface Channel {
  readonly connected: boolean;
  /** Redis did not take the `open` of its connection, and the record says so. */
  readonly unannounced: boolean;
  /** The seq of the last event. */
  readonly history: number;
  readonly cursor: number;
  /** The highest seq that the client was sent. */
  readonly received: number;
  readonly repeated: boolean;
  /** A frame came before one with a lower seq did. */
  readonly disordered: boolean;
}

export interface Doorbell {
  readonly channel: number;
  /** Of the event that came with it. */
  readonly seq: number;
  /** The group's pending list has no owners here: XAUTOCLAIM without idle time takes from anybody, and all else ignores them. */
  readonly status: 'unread' | 'pending' | 'gone';
}

export interface Subscriber {
  /** What its loop does next. `delete` exists with the naive exit only. */
  readonly loop: 'reclaim' | 'read' | 'exit' | 'delete' | 'leave';
  /** It knows that its lease is lost, or that its time is up: it finishes, and begins nothing. */
  readonly stopped: boolean;
  /** It leaves because its time is up, and so has a lease to give back. */
  readonly handsOver: boolean;
  /** By channel. */
  readonly passes: readonly Pass[];
}

/** The delivery to the connection of one channel. */
export interface Pass {
  readonly next: 'begin' | 'read' | 'post' | 'move' | 'settle';
  /** Doorbells for which the next pass begins. */
  readonly waiting: readonly number[];
  /** Doorbells that this pass serves. */
  readonly covered: readonly number[];
  /** The cursor as it was read, then the last seq that was sent. */
  readonly sent: number;
  /** What is still to send. */
  readonly page: readonly number[];
  readonly began: boolean;
}

export const IDLE_PASS: Pass = { next: 'begin', waiting: [], covered: [], sent: 0, page: [], began: false };

export function replaced<T>(list: readonly T[], index: number, value: T): readonly T[] {
  return list.map((each, at) => (at === index ? value : each));
}
