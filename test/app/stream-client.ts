import type { MemoryBus } from '../../adapters/memory/event-bus.ts';
import type { EventBus, ShardReader } from '../../app/ports.ts';
import { type EventId, formatEventId, parseEventId } from '../../domain/ids.ts';

/** What must not have happened, and did. */
export class Violation extends Error {
  override readonly name = 'Violation';
}

/** What all clients of a channel know together: an event id names one event, for ever. */
export interface Truth {
  readonly frames: Map<string, string>;
  /** The ends of rounds that were closed, as event ids. */
  readonly floors: Set<string>;
  /** Where each end was published, and of what source. */
  readonly ends: Array<EventId & { readonly source: string }>;
  /** The sources whose end a client had, or said it had, that was then to be closed: it need not be told again. */
  readonly mayBeTold: Set<string>;
}

/**
 * A client at one socket, and the reference that it is held to. After it drops the event ids that it has seen, each event
 * follows on one that it has, on one after which it asked to go on, or on one after which it was told that it goes on:
 * in each epoch it has contiguous runs, and nothing is missing that it was not told of.
 */
export function createStreamClient(truth: Truth, connectionId: string, after?: EventId, isThere = false) {
  const known = new Set(after && isThere ? [formatEventId(after)] : []);
  const seen = new Set<string>();
  const terminals = new Map<string, string>();
  /** By epoch and source: what it was told in that epoch. */
  const heard = new Map<string, Set<string>>();
  const epochsEntered = new Set<string>();
  /** What it was sent since it asked last for all after an event: it wants it again, whatever it has. */
  let resumed: { readonly after: EventId; readonly again: Set<string> } | undefined;
  /** By source, the epoch of the event that told it the end. */
  const endedIn = new Map<string, string>();
  let owedGap = after !== undefined && !isThere;
  /** Asked for when it connected, so that no page can be on its way to it. */
  let owedFirst = owedGap;

  function receive(frame: string): void {
    const message = JSON.parse(frame) as Record<string, unknown>;
    if (message.type === 'gap') {
      const from = parseEventId(String(message['resume-from']))!;
      known.add(formatEventId(from));
      const { after: asked, again } = resumed ?? {};
      if (asked?.epoch === from.epoch && asked.seq < from.seq) resumed = { after: from, again: again! };
      owedGap = false;
      owedFirst = false;
    } else if (message.snapshot === undefined) {
      if (owedFirst) fail(`was sent ${frame} before it was told of its gap`);
      receiveEvent(String(message['event-id']), frame);
    }
    if (message.status === 'success' || message.status === 'failure') end(message);
  }

  function receiveEvent(id: string, frame: string): void {
    const other = truth.frames.get(id);
    if (other !== undefined && other !== frame) fail(`${id} is ${frame}, and was ${other}`);
    truth.frames.set(id, frame);
    resumed?.again.add(id);
    if (seen.has(id)) return;
    const { epoch, seq } = parseEventId(id)!;
    const before = formatEventId({ epoch, seq: seq - 1 });
    if (seq > 1 && !seen.has(before) && !known.has(before) && !enters(epoch, before)) {
      fail(`was sent ${id} and never ${before}; it has ${[...seen].join(' ')}, asked after ${[...known].join(' ')}`);
    }
    seen.add(id);
    hear(epoch, JSON.parse(frame));
  }

  function hear(epoch: string, { 'event-id': id, ...content }: Record<string, unknown>): void {
    const key = `${epoch} ${content['source-uuid']}`;
    const told = heard.get(key) ?? new Set();
    heard.set(key, told);
    const text = JSON.stringify(content);
    if (told.has(text)) fail(`was told ${text} a second time in one epoch, as ${id}`);
    told.add(text);
    if (content.status === 'success' || content.status === 'failure')
      endedIn.set(String(content['source-uuid']), epoch);
  }

  /** Whoever asks for nothing comes in after the round that was closed last: once in each epoch. */
  function enters(epoch: string, before: string): boolean {
    if (after || epochsEntered.has(epoch) || !truth.floors.has(before)) return false;
    epochsEntered.add(epoch);
    return true;
  }

  function end(message: Record<string, unknown>): void {
    const source = String(message['source-uuid']);
    const value = JSON.stringify([message.status, message.result, message.error]);
    if ((terminals.get(source) ?? value) !== value) fail(`was told two ends of ${source}`);
    terminals.set(source, value);
  }

  /** The sources whose end lies before an event that it says it has. */
  function claimed(): string[] {
    const claims = [...known].map((id) => parseEventId(id)!);
    return truth.ends
      .filter(({ epoch, seq }) => claims.some((claim) => claim.epoch === epoch && claim.seq >= seq))
      .map(({ source }) => source);
  }

  function fail(what: string): never {
    throw new Violation(`${connectionId} ${what}`);
  }

  return {
    connectionId,
    after,
    receive,
    closed: false,
    /** The service has come to the end of a round, and is about to close it. */
    told(): void {
      for (const source of [...terminals.keys(), ...claimed()]) truth.mayBeTold.add(source);
    },
    /** Not where it has heard of a source in this epoch, and not yet of its end. */
    mayBeClosedAt(end: EventId): void {
      const ended = new Set([...terminals.keys(), ...claimed()]);
      for (const key of heard.keys()) {
        const [epoch, source] = key.split(' ');
        if (epoch !== end.epoch || ended.has(source!)) continue;
        fail(`is closed at ${formatEventId(end)}, and waits for the end of ${source}`);
      }
    },
    endedIn: endedIn as ReadonlyMap<string, string>,
    /** By source: the end that it was told. */
    terminals: terminals as ReadonlyMap<string, string>,
    /** It resumes after an event; `isHeld`: the channel holds this one. */
    ask(asked: EventId, isHeld: boolean): void {
      if (isHeld) known.add(formatEventId(asked));
      resumed = isHeld ? { after: asked, again: new Set() } : undefined;
      owedGap = !isHeld;
      owedFirst = false;
    },
    forgetResume(): void {
      resumed = undefined;
    },
    /** Redis forgot what it asked for on the socket; what it asked for when it connected stands in its record. */
    forgetAsk(): void {
      owedGap = false;
      epochsEntered.clear();
    },
    /** Up to this one it was sent again what it asked for again. */
    resumedUpTo({ epoch, seq }: EventId): boolean {
      if (resumed?.after.epoch !== epoch) return true;
      for (let each = resumed.after.seq + 1; each <= seq; each += 1) {
        if (!resumed.again.has(formatEventId({ epoch, seq: each }))) return false;
      }
      return true;
    },
    knowsEndOf: (source: string) => terminals.has(source) || claimed().includes(source),
    has(event: EventId): boolean {
      const id = formatEventId(event);
      return event.seq === 0 || seen.has(id) || known.has(id) || (!after && truth.floors.has(id));
    },
    lastSeen: (): EventId | undefined => parseEventId([...seen].at(-1) ?? ''),
    get owedGap() {
      return owedGap;
    },
    fail,
  };
}

export type StreamClient = ReturnType<typeof createStreamClient>;

/** Follows the channel from the answers alone: its epoch, and how far it goes. */
export function watchHead({ bus, reader }: Pick<MemoryBus, 'bus' | 'reader'>, { ends, floors }: Truth) {
  let head: EventId | undefined;
  const note = <A extends EventId>(answer: A): A => {
    if (answer.epoch !== '')
      head = { epoch: answer.epoch, seq: Math.max(answer.seq, holdsEpoch(answer) ? head!.seq : 0) };
    return answer;
  };
  const holdsEpoch = ({ epoch }: EventId) => head?.epoch === epoch;
  const publish: EventBus['publish'] = async (publication) => {
    const published = note(await bus.publish(publication));
    const [source] = publication.source.split('#');
    if (publication.kind === 'terminal' && published.outcome === 'published')
      ends.push({ ...published, source: source! });
    return published;
  };
  return {
    bus: { ...bus, publish } as EventBus,
    reader: {
      ...reader,
      next: async (...args) => note(await reader.next(...args)),
      async closeRound(at, end, now) {
        const closed = await reader.closeRound(at, end, now);
        if (closed) floors.add(formatEventId(end));
        return closed;
      },
    } as ShardReader,
    holds: (event: EventId) => holdsEpoch(event) && event.seq <= head!.seq,
    forget() {
      head = undefined;
    },
  };
}
