import { calmSince } from './calm.ts';
import type { FinalState } from './final-state.ts';
import { acceptedAt, isFinish, type Observed, type ObservedChannel, type ObservedSocket } from './observed.ts';
import { terminalValue, toldTo } from './terminals.ts';
import type { Violation } from './violation.ts';

/**
 * I9. Only of channels on which each source was accepted, and once: else the client cannot know how many the service
 * counts. The same is true of a round that is under way while a second upload of an earlier one ends.
 */
export function judgeCloses(observed: Observed, state: FinalState): Violation[] {
  return [...observed.channels.values()]
    .filter((channel) => isPlain(channel, state))
    .flatMap((channel) =>
      channel.sockets.flatMap((socket): Violation[] => {
        const at = { channel: channel.wsUuid, socket: socket.socket };
        const early = isFinish(socket) && underWay(channel, socket);
        if (early) return [{ invariant: 'I9', what: `it was closed while ${early} was under way`, ...at }];
        if (!overstayed(channel, socket, observed)) return [];
        return [{ invariant: 'I9', what: 'it had the end of its channel, and was not closed', ...at }];
      }),
    );
}

function isPlain({ sources }: ObservedChannel, state: FinalState): boolean {
  return sources.every(
    (source) => acceptedAt(source) !== undefined && state.sources.get(source.sourceUuid)?.generation === 1,
  );
}

/** A source that was accepted before the socket's last message came, and whose end nobody had been told by its close. */
function underWay({ sources, sockets }: ObservedChannel, { frames, closed }: ObservedSocket): string | undefined {
  const last = frames.at(-1)?.at ?? 0;
  return sources.find((source) => {
    const { sourceUuid } = source;
    if ((acceptedAt(source) ?? Number.POSITIVE_INFINITY) >= last) return false;
    return sockets.every((other) => (toldTo(other).get(sourceUuid) ?? Number.POSITIVE_INFINITY) > closed!.at);
  })?.sourceUuid;
}

/** It was given the end of every source so far, and stayed open in a calm for longer than anything may take. */
function overstayed({ sources, sockets }: ObservedChannel, socket: ObservedSocket, observed: Observed): boolean {
  if (socket.connectedAt === undefined || isFinish(socket)) return false;
  const until = socket.closed?.at ?? observed.endedAt;
  const last = socket.frames.findLast(({ message, eventId }) => eventId && message && terminalValue(message));
  if (last === undefined) return false;
  const asked = sources.filter(({ requests }) => requests[0]!.at < until);
  const all = asked.every(({ sourceUuid }) => sockets.some((other) => toldTo(other).has(sourceUuid)));
  return all && until - Math.max(last.at, calmSince(observed, socket)) > observed.arrivesWithinMs;
}
