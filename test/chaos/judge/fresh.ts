import { formatEventId } from '../../../domain/ids.ts';
import { calmSince } from './calm.ts';
import type { FinalState, StoredSource } from './final-state.ts';
import { acceptedAt, isFinish, type Observed, type ObservedChannel, type ObservedSocket } from './observed.ts';
import { toldTo } from './terminals.ts';
import type { Violation } from './violation.ts';

/**
 * I5 for sockets that say nothing of what they have. Such a one gets everything, but for rounds whose end was given to an
 * earlier socket that was closed for it: the store has to say so, and there has to have been such a socket.
 */
export function judgeFresh(observed: Observed, state: FinalState): Violation[] {
  return [...observed.channels.values()].flatMap((channel) =>
    channel.sockets
      .filter(({ asked, connectedAt }) => asked.length === 0 && connectedAt !== undefined)
      .flatMap((socket) =>
        missedBy(channel, socket, observed, state).flatMap((source) => {
          const what = unexplained(channel, socket, source, state);
          const { sourceUuid } = source;
          return what === undefined
            ? []
            : [{ invariant: 'I5' as const, what, channel: channel.wsUuid, source: sourceUuid, socket: socket.socket }];
        }),
      ),
  );
}

/** It said nothing of what it has, and the end had gone to an earlier one. */
export function isRightlyNotGiven(
  channel: ObservedChannel,
  socket: ObservedSocket,
  sourceUuid: string,
  state: FinalState,
): boolean {
  const source = state.sources.get(sourceUuid);
  if (socket.asked.length > 0 || source?.published === undefined || toldTo(socket).has(sourceUuid)) return false;
  return unexplained(channel, socket, source, state) === undefined;
}

/** Sources that had ended, and whose end it was not given although it was there for it. */
function missedBy(
  channel: ObservedChannel,
  socket: ObservedSocket,
  observed: Observed,
  state: FinalState,
): StoredSource[] {
  const told = toldTo(socket);
  const stayedFor = (socket.closed?.at ?? observed.endedAt) - calmSince(observed, socket);
  const stayed = isFinish(socket) || stayedFor > observed.arrivesWithinMs;
  return channel.sources.flatMap(({ sourceUuid }) => {
    const source = state.sources.get(sourceUuid);
    if (source?.published === undefined || told.has(sourceUuid)) return [];
    const { epoch, seq } = source.published;
    const endedBefore = channel.sockets.some(
      (other) => (toldTo(other).get(sourceUuid) ?? Number.POSITIVE_INFINITY) < socket.connectingAt,
    );
    const wentPast = socket.frames.some(({ eventId }) => eventId?.epoch === epoch && eventId.seq > seq);
    return wentPast || (stayed && endedBefore) ? [source] : [];
  });
}

function unexplained(
  channel: ObservedChannel,
  socket: ObservedSocket,
  { sourceUuid, published }: StoredSource,
  state: FinalState,
): string | undefined {
  const { epoch, seq } = published!;
  if ((state.closed.get(channel.wsUuid)?.[epoch] ?? 0) < seq)
    return `it was not given the end at ${formatEventId(published!)}, though no socket was closed for it`;
  const source = channel.sources.find((each) => each.sourceUuid === sourceUuid)!;
  const since = acceptedAt(source) ?? source.requests[0]!.at;
  const given = channel.sockets.some((other) => {
    if (other === socket || other.connectingAt >= socket.connectingAt) return false;
    // What was sent to a socket that broke may not have come out of it.
    const broke = !isFinish(other) && other.connectedAt !== undefined && (other.closed?.at ?? 0) > since;
    return broke || toldTo(other).has(sourceUuid);
  });
  return given ? undefined : `it was not given the end at ${formatEventId(published!)}, nor was any socket before it`;
}
