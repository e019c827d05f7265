import { CLOSE_GRACE_MS } from '../domain/limits.ts';
import { bridgeGap } from './bridge-gap.ts';
import { sourcesOfChannel } from './channel-sources.ts';
import { createDeliveryMeter } from './measure-delivery.ts';
import type { ChannelRef, ChannelView, Connection, Connections, Cursor, HistoryEntry } from './ports.ts';
import { backoff, type Frame, isYoung, type PostPorts, postFrame } from './post-frame.ts';
import type { RestoreChannelPorts } from './restore-channel.ts';

export interface DeliverPorts extends RestoreChannelPorts, PostPorts {
  readonly connections: Connections;
}

/** Frames read at once; the cursor moves after each page, so this many may come twice after a crash. */
const PAGE = 64;

/** One event may have 128 KB, and a shard hundreds of sockets that are all behind after an outage: each holds its page. */
const PAGE_BYTES = 256 * 1024;

/** A stored end is mostly published within some milliseconds; where its worker broke off, by the sweeper, within a minute. */
const AWAIT_PUBLICATION_MS = 1_000;

/** One connection of one channel: everything after its cursor, in order, one post under way at a time. */
export interface ConnectionDelivery {
  /**
   * Starts a pass over the history, or another one after the pass under way: what was there at the call is covered.
   * @returns true when the connection has everything or is gone; false when `stop` came first.
   */
  pass(): Promise<boolean>;
}

/** @param restore brings the channel's new epoch up to what DynamoDB knows; several connections may ask for it at once. */
export function createConnectionDelivery(
  ports: DeliverPorts,
  at: ChannelRef,
  connection: Connection,
  restore: (epoch: string) => Promise<void>,
  stop: AbortSignal,
): ConnectionDelivery {
  const { connectionId } = connection;
  const meter = createDeliveryMeter(ports, at, connection);
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
      const page = await ports.reader.next(connection, PAGE, PAGE_BYTES);
      const { epoch, cursor, entries } = page;
      if (cursor === undefined) {
        await restore(epoch);
        continue;
      }
      const missing = cursor.gap || page.firstHeld > cursor.sent + 1;
      const frames = missing
        ? bridgeGap(ports, at.wsUuid, connectionId, page)
        : entries.map((entry) => frameOf(entry, epoch));
      const { sent, outcome } = await postAll(frames, cursor.sent);
      if (!missing) meter.posted(entries.slice(0, entries.findLastIndex(({ seq }) => seq <= sent) + 1), epoch);
      if (sent !== cursor.sent || (missing && outcome === 'sent')) {
        await ports.reader.moveCursor(at, connectionId, cursor.turn, sent);
      }
      if (outcome === 'gone') {
        meter.gone();
        // Should it be there nevertheless, its client learns by the close that it has to come back.
        await ports.sockets.close(connectionId);
        return await drop();
      }
      if (outcome === 'stopped') return false;
      if (missing || (entries.length > 0 && sent < page.seq)) continue;
      // What came after this page was read has rung a doorbell of its own.
      if (!hasEnded(connection, { ...cursor, sent }, page)) return true;
      if (await closeOrWait(page, cursor.acknowledged)) return true;
    }
    return false;
  }

  function frameOf(entry: HistoryEntry, epoch: string): Frame {
    return { frame: entry.frame, reached: entry.seq, onRetry: () => meter.waits(entry, epoch) };
  }

  async function postAll(frames: Iterable<Frame> | AsyncIterable<Frame>, from: number) {
    let sent = from;
    for await (const frame of frames) {
      const outcome = await postFrame(ports, connection, frame, stop);
      if (outcome !== 'sent') return { sent, outcome };
      sent = frame.reached ?? sent;
    }
    return { sent, outcome: 'sent' as const };
  }

  /**
   * One that was accepted, and whose end the history may not have heard of yet. The list may be some moments old.
   * `end`: its events will ring. `publication`: it has ended, and whoever makes that known may find it there, and not ring.
   */
  async function awaited(): Promise<'nothing' | 'end' | 'publication'> {
    let publication = false;
    const { sources } = await sourcesOfChannel(ports, at.wsUuid);
    for await (const { sourceUuid, published } of sources) {
      if (published) continue;
      const source = await ports.sources.get(sourceUuid);
      if (source && !source.terminal) return 'end';
      publication ||= source !== undefined && !source.published;
    }
    return publication ? 'publication' : 'nothing';
  }

  /** @returns true when it was closed, or is not to be, or when another pass is wanted first; false: look again. */
  async function closeOrWait({ epoch, complete }: ChannelView, acknowledged: number): Promise<boolean> {
    if (grace?.complete !== complete) grace = { complete, until: ports.clock.now() + CLOSE_GRACE_MS };
    const left = grace.until - ports.clock.now();
    if (acknowledged >= complete || left <= 0) {
      const others = acknowledged < complete ? await awaited() : 'nothing';
      if (others === 'end') return true;
      if (others === 'publication') return await pause(AWAIT_PUBLICATION_MS);
      // First the mark, then the close: whoever connects after the close must not be handed the old end.
      const end = { epoch, seq: complete };
      if (!(await ports.reader.closeRound(at, end, ports.clock.now()))) return false;
      await ports.channels.closeRound(at.wsUuid, end);
      const closed = await ports.sockets.close(connectionId);
      if (closed === 'retry' || (closed === 'gone' && isYoung(ports, connection)))
        throw new Error('The socket could not be closed yet');
      return await drop();
    }
    return await pause(left);
  }

  /** @returns true when another pass is wanted first. */
  async function pause(ms: number): Promise<boolean> {
    await ports.clock.sleep(ms, AbortSignal.any([stop, interrupt.signal]));
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
function hasEnded(
  { lastEventId }: Connection,
  { start, sent, acknowledged }: Cursor,
  { epoch, complete }: ChannelView,
): boolean {
  if (complete === 0 || sent < complete) return false;
  if (complete > start || acknowledged >= complete) return true;
  return lastEventId?.epoch === epoch && lastEventId.seq >= complete;
}
