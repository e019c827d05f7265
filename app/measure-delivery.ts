import type { ChannelRef, Connection, HistoryEntry, Log, Metrics } from './ports.ts';

/** What one connection was sent, as a metric and, at the end of each source, as a line of the log. */
export interface DeliveryMeter {
  /** Of one page, what was taken by API Gateway. */
  posted(entries: readonly HistoryEntry[], epoch: string): void;
  /** It was not taken, and is to be posted again: so a delay is seen while it lasts, also where nothing is delivered any more. */
  waits(entry: HistoryEntry, epoch: string): void;
  /** Counted once: a pass that was asked for before it was dropped finds it gone again. */
  gone(): void;
}

interface MeterPorts {
  readonly clock: { now(): number };
  readonly metrics: Metrics;
  readonly log: Log;
}

/**
 * The lag is that of the last frame of each page, which has waited for all those before it: one value a page, so that a burst
 * does not write more measurements than frames. What a client missed while it was away, or soon asks for again, is old by
 * no fault of ours: that is counted as a replay, and not as a lag.
 */
export function createDeliveryMeter(ports: MeterPorts, { wsUuid }: ChannelRef, connection: Connection): DeliveryMeter {
  const { connectedAt, connectionId } = connection;
  let furthest = { epoch: '', seq: 0 };
  let isGone = false;

  function startEpoch(epoch: string): void {
    if (furthest.epoch !== epoch) furthest = { epoch, seq: 0 };
  }

  const isReplay = ({ seq, publishedAt }: HistoryEntry) =>
    seq <= furthest.seq || (publishedAt !== undefined && publishedAt < connectedAt);

  function logEnd({ seq, correlationId, publishedAt }: HistoryEntry, replay: boolean): void {
    const milliseconds = publishedAt === undefined ? undefined : ports.clock.now() - publishedAt;
    ports.log.info('end-delivered', { wsUuid, connectionId, seq, correlationId, milliseconds, replay });
  }

  return {
    gone() {
      if (!isGone) ports.metrics.count('SocketsGone');
      isGone = true;
    },
    waits(entry, epoch) {
      startEpoch(epoch);
      if (entry.publishedAt === undefined || isReplay(entry)) return;
      ports.metrics.duration('DeliveryLag', ports.clock.now() - entry.publishedAt);
    },
    posted(entries, epoch) {
      startEpoch(epoch);
      const replayed = entries.filter(isReplay);
      ports.metrics.count('FramesReplayed', replayed.length);
      const last = entries.findLast((entry) => !replayed.includes(entry));
      if (last?.publishedAt !== undefined) ports.metrics.duration('DeliveryLag', ports.clock.now() - last.publishedAt);
      for (const entry of entries) {
        if (entry.correlationId !== undefined) logEnd(entry, replayed.includes(entry));
      }
      furthest = { epoch, seq: Math.max(furthest.seq, entries.at(-1)?.seq ?? 0) };
    },
  };
}
