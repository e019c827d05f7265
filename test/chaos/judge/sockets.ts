import type { EventId } from '../../../domain/ids.ts';
import { formatEventId, parseEventId } from '../../../domain/ids.ts';
import { HISTORY_EVENTS } from '../../../domain/limits.ts';
import {
  acceptedAt,
  isFinish,
  type Observed,
  type ObservedChannel,
  type ObservedFrame,
  type ObservedSocket,
} from './observed.ts';
import { sourceOf, terminalValue } from './terminals.ts';
import type { Invariant, Violation } from './violation.ts';

/** Where a socket stands in one epoch. */
interface Place {
  start: number;
  highest: number;
}

interface Gap {
  readonly resumeFrom: EventId;
  /** Sources whose snapshot has to come. */
  readonly missing: Set<string>;
}

/** I3 and I5: what each socket was given, one after the other. A repeat is allowed, a hole or a step back before its start is not. */
export function judgeSockets({ channels }: Observed): Violation[] {
  return [...channels.values()].flatMap((channel) =>
    channel.sockets.flatMap((socket) => {
      const walk = new SocketWalk(channel, socket);
      for (const frame of socket.frames) walk.on(frame);
      walk.end();
      return walk.violations;
    }),
  );
}

class SocketWalk {
  readonly violations: Violation[] = [];
  readonly #channel: ObservedChannel;
  readonly #socket: ObservedSocket;
  readonly #places = new Map<string, Place>();
  #gap: Gap | undefined;
  /** The last thing that it was told of a source is a final status. */
  #endsWithTerminal = false;

  constructor(channel: ObservedChannel, socket: ObservedSocket) {
    this.#channel = channel;
    this.#socket = socket;
  }

  on(frame: ObservedFrame): void {
    const { message = {}, eventId } = frame;
    if (message.type === 'gap') {
      this.#onGap(frame);
    } else if (message.snapshot === true) {
      this.#gap?.missing.delete(sourceOf(frame) ?? '');
      this.#endsWithTerminal ||= terminalValue(message) !== undefined;
    } else if (eventId && this.#onEvent(eventId, frame)) {
      this.#endsWithTerminal = terminalValue(message) !== undefined;
    }
  }

  end(): void {
    if (!isFinish(this.#socket)) return;
    this.#closeGap('the socket was closed');
    const { frames, asked, acknowledged } = this.#socket;
    const cameForTheEnd = asked.length > 0 || acknowledged;
    const told = frames.some(({ eventId, message }) => eventId !== undefined || message?.snapshot === true);
    if (!told && !cameForTheEnd) this.#add('I9', 'it was closed as finished without having been told anything');
    if (told && !this.#endsWithTerminal)
      this.#add('I9', 'it was closed as finished after something else than a final status');
  }

  /** @returns whether it is new here. */
  #onEvent(eventId: EventId, { at }: ObservedFrame): boolean {
    const { epoch, seq } = eventId;
    const place = this.#places.get(epoch);
    const isNew = place === undefined || seq > place.highest;
    const resumed = this.#socket.asked.flatMap((each) =>
      each.inBand && each.at <= at && each.eventId.epoch === epoch ? [each.eventId.seq] : [],
    );
    if (isNew && this.#gap?.resumeFrom.epoch === epoch) this.#closeGap(`${formatEventId(eventId)} came`);
    if (place === undefined) {
      if (!resumed.includes(seq - 1)) this.#checkBeginning(eventId);
      this.#places.set(epoch, { start: seq - 1, highest: seq });
      return true;
    }
    place.start = Math.min(place.start, ...resumed);
    if (seq <= place.start)
      this.#add('I5', `${formatEventId(eventId)} is not after ${epoch}-${place.start}, its start`);
    if (seq > place.highest + 1 && !resumed.includes(seq - 1))
      this.#add('I3', `${formatEventId(eventId)} follows ${epoch}-${place.highest}`);
    place.highest = Math.max(place.highest, seq);
    return isNew;
  }

  /** Where nothing was asked for, it is the first of its epoch, or follows on a round that was closed: see `fresh.ts`. */
  #checkBeginning(eventId: EventId): void {
    const handshake = this.#socket.asked.find(({ inBand }) => !inBand)?.eventId;
    if (handshake === undefined) return;
    const asked = formatEventId(handshake);
    if (handshake.epoch !== eventId.epoch)
      this.#add('I5', `it asked for what comes after ${asked}, and got ${formatEventId(eventId)} without a gap`);
    else if (handshake.seq !== eventId.seq - 1)
      this.#add('I5', `it asked for what comes after ${asked}, and got ${formatEventId(eventId)}`);
  }

  #onGap({ at, message = {} }: ObservedFrame): void {
    const resumeFrom = parseEventId(String(message['resume-from']));
    if (!resumeFrom) {
      this.#add('I5', `a gap without "resume-from": ${JSON.stringify(message)}`);
      return;
    }
    const { epoch, seq } = resumeFrom;
    const { asked, connectingAt } = this.#socket;
    // Asked for an epoch that is over, or held no more.
    const needed = seq >= HISTORY_EVENTS / 2 || asked.some((each) => each.at <= at && each.eventId.epoch !== epoch);
    if (!needed) this.#add('I5', `a gap to ${formatEventId(resumeFrom)} although nothing is missing`);
    const place = this.#places.get(epoch) ?? { start: seq, highest: seq };
    this.#places.set(epoch, { start: Math.min(place.start, seq), highest: Math.max(place.highest, seq) });
    const accepted = this.#channel.sources.filter((source) => (acceptedAt(source) ?? Infinity) < connectingAt);
    this.#gap = { resumeFrom, missing: new Set(accepted.map(({ sourceUuid }) => sourceUuid)) };
  }

  #closeGap(before: string): void {
    if (this.#gap && this.#gap.missing.size > 0)
      this.#add('I5', `${before} before the snapshot of ${[...this.#gap.missing].join(', ')}`);
    this.#gap = undefined;
  }

  #add(invariant: Invariant, what: string): void {
    this.violations.push({ invariant, what, channel: this.#channel.wsUuid, socket: this.#socket.socket });
  }
}
