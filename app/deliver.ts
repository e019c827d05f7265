import { CLOSE_GRACE_MS } from '../domain/limits.ts';
import type {
  ChannelRef,
  ChannelView,
  Clock,
  Connection,
  Connections,
  Cursor,
  Log,
  ShardReader,
  Sockets,
} from './ports.ts';

export interface DeliverPorts {
  readonly connections: Connections;
  readonly reader: ShardReader;
  readonly sockets: Sockets;
  readonly clock: Clock;
  readonly log: Log;
  /** 0 to 1, for the jitter of retries. */
  readonly random: () => number;
}

/** Frames read at once; the cursor moves after each page, so this many may come twice after a crash. */
const PAGE = 64;

/** A post inside `$connect` is answered 410 by design: for this long after it was opened, 410 means "not yet". */
const YOUNG_MS = 10_000;

const MAX_BACKOFF_MS = 5_000;

/** One connection of one channel: everything after its cursor, in order, one post under way at a time. */
export interface ConnectionDelivery {
  /**
   * Starts a pass over the history, or another one after the pass under way: what was there at the call is covered.
   * @returns true when the connection has everything or is gone; false when `stop` came first.
   */
  pass(): Promise<boolean>;
}

export function createConnectionDelivery(
  ports: DeliverPorts,
  at: ChannelRef,
  connection: Connection,
  stop: AbortSignal,
): ConnectionDelivery {
  const { connectionId } = connection;
  let next: PromiseWithResolvers<boolean> | undefined;
  let running = false;
  let interrupt = new AbortController();
  let grace: { readonly complete: number; readonly until: number } | undefined;

  async function run(): Promise<void> {
    running = true;
    while (next !== undefined) {
      const current = next;
      next = undefined;
      interrupt = new AbortController();
      current.resolve(await untilDone());
    }
    running = false;
  }

  async function untilDone(): Promise<boolean> {
    for (let failures = 0; !stop.aborted; failures++) {
      try {
        return await deliverAll();
      } catch (error) {
        ports.log.warn('delivery-retried', { wsUuid: at.wsUuid, connectionId, error });
        await ports.clock.sleep(backoff(ports, failures), stop);
      }
    }
    return false;
  }

  async function deliverAll(): Promise<boolean> {
    while (!stop.aborted) {
      const [cursor, view] = await Promise.all([
        ports.reader.openCursor(at, connectionId, connection.lastEventId),
        ports.reader.view(at),
      ]);
      const page = await ports.reader.history(at, cursor.sent, PAGE);
      let sent = cursor.sent;
      let outcome: 'sent' | 'gone' | 'stopped' = 'sent';
      for (const { seq, frame } of page) {
        outcome = await untilPosted(ports, connection, frame, stop);
        if (outcome !== 'sent') break;
        sent = seq;
      }
      if (sent > cursor.sent) await ports.reader.moveCursor(at, connectionId, sent);
      if (outcome === 'gone') return await drop();
      if (outcome === 'stopped') return false;
      if (page.length === PAGE) continue;
      // What came after this page was read has rung a doorbell of its own.
      if (!mayClose(connection, { ...cursor, sent }, view)) return true;
      if (await closeOrWait(view, cursor.acknowledged)) return true;
    }
    return false;
  }

  /** @returns true when it was closed, or when another pass is wanted first; false: look again. */
  async function closeOrWait({ epoch, complete }: ChannelView, acknowledged: number): Promise<boolean> {
    if (grace?.complete !== complete) grace = { complete, until: ports.clock.now() + CLOSE_GRACE_MS };
    const left = grace.until - ports.clock.now();
    if (acknowledged >= complete || left <= 0) {
      // First the mark, then the close: whoever connects after the close must not be handed the old end.
      await ports.reader.closeRound(at, { epoch, seq: complete });
      if ((await ports.sockets.close(connectionId)) === 'retry') throw new Error('The socket could not be closed yet');
      return await drop();
    }
    await ports.clock.sleep(left, AbortSignal.any([stop, interrupt.signal]));
    return interrupt.signal.aborted;
  }

  async function drop(): Promise<true> {
    await ports.connections.remove(connection);
    await ports.reader.dropCursor(at, connectionId);
    return true;
  }

  return {
    pass() {
      next ??= Promise.withResolvers<boolean>();
      interrupt.abort();
      const { promise } = next;
      if (!running) void run();
      return promise;
    },
  };
}

/**
 * A connection that began at the end of the round waits for the next upload and is not closed for the old one, unless it
 * says that this end was what it came for: it names it as the last event that it has, or acknowledges it.
 */
function mayClose({ lastEventId }: Connection, { start, sent, acknowledged }: Cursor, view: ChannelView): boolean {
  const { epoch, complete } = view;
  if (complete === 0 || sent < complete) return false;
  const cameForIt = lastEventId?.epoch === epoch && lastEventId.seq >= complete;
  return complete > start || acknowledged >= complete || cameForIt;
}

async function untilPosted(
  ports: DeliverPorts,
  connection: Connection,
  frame: string,
  stop: AbortSignal,
): Promise<'sent' | 'gone' | 'stopped'> {
  for (let tries = 0; !stop.aborted; tries++) {
    const outcome = await ports.sockets.post(connection.connectionId, frame);
    if (outcome === 'sent') return 'sent';
    const young = ports.clock.now() < connection.connectedAt + YOUNG_MS;
    if (outcome === 'gone' && !young) return 'gone';
    await ports.clock.sleep(backoff(ports, tries), stop);
  }
  return 'stopped';
}

/** 50 ms, doubled with each failure up to 5 s, of which half is chance. */
function backoff({ random }: DeliverPorts, failures: number): number {
  const full = Math.min(MAX_BACKOFF_MS, 50 * 2 ** failures);
  return full * (0.5 + random() / 2);
}
