import { type EventId, parseEventId } from '../../../domain/ids.ts';
import type { HistoryRecord } from '../history.ts';

/** The history, put in order by channel, source and socket. */
export interface Observed {
  readonly channels: ReadonlyMap<string, ObservedChannel>;
  readonly sources: ReadonlyMap<string, ObservedSource>;
  readonly requests: readonly ObservedRequest[];
  readonly faults: readonly Interval[];
  /** Of the last record. */
  readonly endedAt: number;
  /** What everything has to have come to its end in, counted from the last fault. */
  readonly arrivesWithinMs: number;
}

export interface ObservedChannel {
  readonly wsUuid: string;
  readonly sources: ObservedSource[];
  readonly sockets: ObservedSocket[];
}

export interface ObservedRequest {
  readonly at: number;
  readonly channel: string;
  readonly call: 'register' | 'upload';
  readonly source?: string;
  readonly invalid: boolean;
  answer?: { readonly at: number; readonly status?: number; readonly code?: string };
}

export interface ObservedSource {
  readonly sourceUuid: string;
  readonly channel: string;
  readonly requests: ObservedRequest[];
}

export interface ObservedSocket {
  readonly socket: number;
  readonly channel: string;
  readonly connectingAt: number;
  connectedAt?: number;
  refused?: { readonly status?: number };
  closed?: {
    readonly at: number;
    readonly code: number;
    readonly by: 'client' | 'server';
    mayBeTakenForGone?: boolean;
  };
  readonly frames: ObservedFrame[];
  /** Where it asked to go on after: with the handshake, and by `resume`. */
  readonly asked: { readonly at: number; readonly eventId: EventId; readonly inBand: boolean }[];
  acknowledged: boolean;
}

export interface ObservedFrame {
  readonly at: number;
  readonly text: string;
  /** Undefined where it is not JSON. */
  readonly message?: Readonly<Record<string, unknown>>;
  /** Of a numbered event. */
  readonly eventId?: EventId;
}

export interface Interval {
  readonly from: number;
  readonly to: number;
}

/** Codes with which the server says that the channel is finished. */
export const FINISHED: readonly number[] = [1000, 1005];

/** After a post that was answered 410 a live socket is closed too, with the same code: its client has to come back. */
export function isFinish({ closed }: ObservedSocket): boolean {
  return closed?.by === 'server' && FINISHED.includes(closed.code) && !closed.mayBeTakenForGone;
}

/** First 200 of its uploads; undefined: nobody was promised anything. */
export function acceptedAt({ requests }: ObservedSource): number | undefined {
  return requests.find(({ answer }) => answer?.status === 200)?.answer?.at;
}

/** Each of its requests was answered, and refused. */
export function isRefused({ requests }: ObservedSource): boolean {
  return requests.every(({ answer }) => answer?.status !== undefined && answer.status >= 400 && answer.status < 500);
}

const ARRIVES_WITHIN_MS = 90_000;

/** In what a burst is called that answers posts with 410. */
const GONE = 'GoneException';

/** From the answer to the close that its subscriber sends. */
const CLOSES_WITHIN_MS = 5_000;

/** @param slowness how many times as long as on a machine of its own everything may take. */
export function observe(records: readonly HistoryRecord[], slowness = 1): Observed {
  const channels = new Map<string, ObservedChannel>();
  const sources = new Map<string, ObservedSource>();
  const requests = new Map<number, ObservedRequest>();
  const sockets = new Map<number, ObservedSocket>();
  const begun = new Map<number, { readonly at: number; readonly gone: boolean }>();
  const faults: Interval[] = [];
  const takenForGone: Interval[] = [];
  const channelOf = (wsUuid: string) => entry(channels, wsUuid, () => ({ wsUuid, sources: [], sockets: [] }));

  for (const record of records) {
    const { at } = record;
    switch (record.kind) {
      case 'request': {
        const { channel, call, source, invalid = false } = record;
        const request: ObservedRequest = { at, channel, call, invalid, ...(source && { source }) };
        requests.set(record.request, request);
        if (source === undefined) break;
        const isNew = !sources.has(source);
        const observed = entry(sources, source, () => ({ sourceUuid: source, channel, requests: [] }));
        if (isNew) channelOf(channel).sources.push(observed);
        observed.requests.push(request);
        break;
      }
      case 'answer':
        requests.get(record.request)!.answer = { at, status: record.status, code: record.code };
        break;
      case 'connecting': {
        const socket = newSocket(record);
        sockets.set(socket.socket, socket);
        channelOf(socket.channel).sockets.push(socket);
        break;
      }
      case 'fault':
        begun.set(record.fault, { at, gone: record.what.includes(GONE) });
        faults.push({ from: at, to: at });
        break;
      case 'fault-over': {
        const { at: from, gone } = begun.get(record.fault) ?? { at, gone: false };
        faults.push({ from, to: at });
        if (gone) takenForGone.push({ from, to: at + CLOSES_WITHIN_MS * slowness });
        break;
      }
      default:
        onSocketRecord(sockets.get(record.socket)!, record);
    }
  }
  for (const { closed } of sockets.values()) {
    if (closed && takenForGone.some(({ from, to }) => from <= closed.at && closed.at <= to))
      closed.mayBeTakenForGone = true;
  }
  const endedAt = records.at(-1)?.at ?? 0;
  const arrivesWithinMs = ARRIVES_WITHIN_MS * slowness;
  return { channels, sources, requests: [...requests.values()], faults, endedAt, arrivesWithinMs };
}

type SocketRecord = Extract<HistoryRecord, { readonly kind: 'connected' | 'refused' | 'frame' | 'sent' | 'closed' }>;

function onSocketRecord(socket: ObservedSocket, record: SocketRecord): void {
  const { at } = record;
  switch (record.kind) {
    case 'connected':
      socket.connectedAt = at;
      break;
    case 'refused':
      socket.refused = { status: record.status };
      break;
    case 'frame':
      socket.frames.push(readFrame(at, record.text));
      break;
    case 'closed':
      socket.closed = { at, code: record.code, by: record.by };
      break;
    case 'sent': {
      const { action, 'last-event-id': after } = JSON.parse(record.text);
      if (action === 'ack') socket.acknowledged = true;
      if (action === 'resume') socket.asked.push({ at, eventId: parseEventId(after)!, inBand: true });
    }
  }
}

function readFrame(at: number, text: string): ObservedFrame {
  try {
    const message = JSON.parse(text);
    const eventId = parseEventId(String(message['event-id'] ?? ''));
    return { at, text, message, ...(eventId && { eventId }) };
  } catch {
    return { at, text };
  }
}

function newSocket(record: Extract<HistoryRecord, { readonly kind: 'connecting' }>): ObservedSocket {
  const { at, socket, channel, lastEventId } = record;
  const eventId = lastEventId === undefined ? undefined : parseEventId(lastEventId);
  const asked = eventId ? [{ at, eventId, inBand: false }] : [];
  return { socket, channel, connectingAt: at, frames: [], asked, acknowledged: false };
}

function entry<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const existing = map.get(key);
  if (existing !== undefined) return existing;
  const made = make();
  map.set(key, made);
  return made;
}
