import type { FinalState } from './final-state.ts';
import type { Observed, ObservedChannel, ObservedFrame } from './observed.ts';
import { sourceOf, terminalValue } from './terminals.ts';
import type { Violation } from './violation.ts';

/** By epoch and seq, what any socket of the channel was given. */
export type Numbered = ReadonlyMap<string, ReadonlyMap<number, ObservedFrame>>;

export function numberedEvents({ sockets }: ObservedChannel): Numbered {
  const numbered = new Map<string, Map<number, ObservedFrame>>();
  for (const { frames } of sockets) {
    for (const frame of frames) {
      if (!frame.eventId) continue;
      const { epoch, seq } = frame.eventId;
      const events = numbered.get(epoch) ?? new Map<number, ObservedFrame>();
      numbered.set(epoch, events);
      if (!events.has(seq)) events.set(seq, frame);
    }
  }
  return numbered;
}

/** I3 within each source, I4 and I6. */
export function judgeOrder(observed: Observed, state: FinalState): Violation[] {
  return [...observed.channels.values()].flatMap((channel) => [
    ...judgeIdentity(channel),
    ...judgeBelonging(channel, observed),
    ...judgeSources(channel, state),
  ]);
}

function judgeIdentity(channel: ObservedChannel): Violation[] {
  const numbered = numberedEvents(channel);
  return channel.sockets.flatMap(({ socket, frames }) =>
    frames.flatMap(({ eventId, text }) => {
      const first = eventId && numbered.get(eventId.epoch)!.get(eventId.seq)!;
      if (first === undefined || first.text === text) return [];
      const what = `${eventId!.epoch}-${eventId!.seq} is ${first.text} and ${text}`;
      return [{ invariant: 'I4' as const, what, channel: channel.wsUuid, socket }];
    }),
  );
}

function judgeBelonging({ wsUuid, sockets }: ObservedChannel, { sources }: Observed): Violation[] {
  return sockets.flatMap(({ socket, frames }) =>
    frames.flatMap((frame): Violation[] => {
      if (frame.message === undefined)
        return [{ invariant: 'I5', what: `not a message: ${frame.text.slice(0, 200)}`, channel: wsUuid, socket }];
      const source = sourceOf(frame);
      const home = source === undefined ? wsUuid : sources.get(source)?.channel;
      // What was never sent by anybody is judged as such.
      if (home === undefined || home === wsUuid) return [];
      return [
        { invariant: 'I6', what: `a message of channel ${home}: ${frame.text}`, channel: wsUuid, source, socket },
      ];
    }),
  );
}

interface Said {
  begun: number;
  received: boolean;
  ended: number;
  readonly highest: Map<string, number>;
}

function judgeSources(channel: ObservedChannel, state: FinalState): Violation[] {
  const violations: Violation[] = [];
  for (const [epoch, events] of numberedEvents(channel)) {
    const saidOf = new Map<string, Said>();
    for (const [seq, frame] of [...events].sort(([a], [b]) => a - b)) {
      const source = sourceOf(frame);
      if (source === undefined) continue;
      const said = saidOf.get(source) ?? { begun: 0, received: false, ended: 0, highest: new Map() };
      saidOf.set(source, said);
      const generations = state.sources.get(source)?.generation ?? 1;
      const wrong = say(said, frame, generations);
      if (wrong === undefined) continue;
      violations.push({ invariant: 'I3', what: `${epoch}-${seq} ${wrong}`, channel: channel.wsUuid, source });
    }
  }
  return violations;
}

/** @returns what is wrong with this event after those before it. Some of them may be missing: nobody was there. */
function say(said: Said, { message = {} }: ObservedFrame, generations: number): string | undefined {
  if ('step' in message) {
    const late = said.begun === 0 && said.received ? 'begins the source after its second message' : undefined;
    const wrong = said.begun >= generations ? 'begins the source once more' : late;
    said.begun += 1;
    said.received = false;
    said.highest.clear();
    return wrong;
  }
  const ended = said.ended > 0 && said.ended >= said.begun;
  if (ended && said.ended >= generations) return `comes after the final status: ${JSON.stringify(message)}`;
  if (terminalValue(message) !== undefined) {
    said.ended += 1;
    return undefined;
  }
  if ('message' in message) {
    const wrong = said.received ? 'says "received" once more' : undefined;
    said.received = true;
    return wrong;
  }
  const { stage, progress } = message as { stage: string; progress: number };
  if (progress < (said.highest.get(stage) ?? 0)) return `falls to ${progress} within ${stage}`;
  said.highest.set(stage, progress);
  return undefined;
}
