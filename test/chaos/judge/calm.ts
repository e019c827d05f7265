import type { Observed, ObservedChannel, ObservedSocket } from './observed.ts';

/** The end of the last fault that began at or before `at`, `at` itself while one lasts; `-Infinity` where there was none. */
export function lastFaultBefore({ faults }: Observed, at: number): number {
  let last = Number.NEGATIVE_INFINITY;
  for (const { from, to } of faults) {
    if (from <= at) last = Math.max(last, Math.min(to, at));
  }
  return last;
}

/** From when on this socket could have been given everything: it was open, and no fault was going on. */
export function calmSince(observed: Observed, { connectedAt = 0, closed }: ObservedSocket): number {
  return Math.max(connectedAt, lastFaultBefore(observed, closed?.at ?? observed.endedAt));
}

/** Since when some socket of the channel had been open without a pause at `at`; `at` itself where none was. */
export function listeningSince({ sockets }: ObservedChannel, at: number): number {
  let since = at;
  for (;;) {
    const earlier = sockets.filter(
      ({ connectedAt, closed }) =>
        connectedAt !== undefined && connectedAt < since && (closed?.at ?? Number.POSITIVE_INFINITY) >= since,
    );
    if (earlier.length === 0) return since;
    since = Math.min(...earlier.map(({ connectedAt }) => connectedAt!));
  }
}
