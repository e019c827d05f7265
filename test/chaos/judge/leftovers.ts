import type { FinalState } from './final-state.ts';
import type { Observed } from './observed.ts';
import type { Violation } from './violation.ts';

/** I7. */
export function judgeLeftovers(observed: Observed, state: FinalState): Violation[] {
  return [...leftovers(observed, state)].map((what) => ({ invariant: 'I7', ...what }));
}

function* leftovers({ arrivesWithinMs }: Observed, state: FinalState) {
  const { shards, sources, keysWithoutTtl, queues, orphans, readAt } = state;
  for (const { shard, doorbells, pending, leased } of shards) {
    if (doorbells > 0) yield { what: `shard ${shard} has ${doorbells} doorbells, ${pending} of them pending` };
    if (leased) yield { what: `the lease of shard ${shard} is taken` };
  }
  for (const { sourceUuid, wsUuid, terminal, queued, published, deadline, watched } of sources.values()) {
    const at = { channel: wsUuid, source: sourceUuid };
    const late = readAt - deadline;
    if (terminal === undefined && queued && late > 0) yield { what: 'its record is open past its deadline', ...at };
    if (terminal !== undefined && published === undefined) yield { what: 'its end is stored and not published', ...at };
    if (watched && late > arrivesWithinMs) yield { what: `nobody has looked at it for ${late} ms`, ...at };
  }
  for (const key of keysWithoutTtl) yield { what: `the key ${key} has no time to live` };
  for (const { name, visible, hidden } of queues) {
    if (visible + hidden > 0)
      yield { what: `the queue ${name} holds ${visible} messages, and ${hidden} that are hidden` };
  }
  for (const process of orphans) yield { what: `a process outlived the stack: ${process}` };
}
