import { lastFaultBefore, listeningSince } from './calm.ts';
import type { FinalState } from './final-state.ts';
import { isRightlyNotGiven } from './fresh.ts';
import { acceptedAt, type Observed } from './observed.ts';
import { seenTerminals } from './terminals.ts';
import type { Violation } from './violation.ts';

export interface Arrivals {
  /** From the 200 to the first socket that was told the end, in milliseconds. */
  readonly sinceAccepted: readonly number[];
  /** The same from the last fault, or from when the client listened, where that was later: only those that came in a calm. */
  readonly sinceCalm: readonly number[];
}

/** I8. */
export function judgeTimes(
  observed: Observed,
  state: FinalState,
): { readonly violations: Violation[]; readonly arrivals: Arrivals } {
  const violations: Violation[] = [];
  const sinceAccepted: number[] = [];
  const sinceCalm: number[] = [];
  for (const [sourceUuid, told] of seenTerminals(observed)) {
    const source = observed.sources.get(sourceUuid);
    const accepted = source && acceptedAt(source);
    if (accepted === undefined) continue;
    const at = Math.min(...told.map((each) => each.at));
    sinceAccepted.push(Math.max(0, at - accepted));
    const channel = observed.channels.get(source!.channel)!;
    const listening = channel.sockets.filter((socket) => !isRightlyNotGiven(channel, socket, sourceUuid, state));
    const since = listeningSince({ ...channel, sockets: listening }, at);
    const waited = at - Math.max(accepted, lastFaultBefore(observed, at), since);
    if (waited <= 0) continue;
    sinceCalm.push(waited);
    if (waited <= observed.arrivesWithinMs) continue;
    const what = `its end came ${(waited / 1000).toFixed(1)} s after the last fault, with its client listening`;
    violations.push({ invariant: 'I8', what, channel: channel.wsUuid, source: sourceUuid });
  }
  return { violations, arrivals: { sinceAccepted, sinceCalm } };
}
