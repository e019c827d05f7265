import type { HistoryRecord } from '../history.ts';
import { judgeAnswers } from './answers.ts';
import { judgeCloses } from './closes.ts';
import type { FinalState } from './final-state.ts';
import { judgeFresh } from './fresh.ts';
import { judgeLeftovers } from './leftovers.ts';
import { observe } from './observed.ts';
import { judgeOrder } from './order.ts';
import { judgeSockets } from './sockets.ts';
import { judgeTerminals } from './terminals.ts';
import { type Arrivals, judgeTimes } from './times.ts';
import type { Violation } from './violation.ts';

export interface Verdict {
  readonly violations: readonly Violation[];
  readonly arrivals: Arrivals;
}

/**
 * Of what its clients saw and what is stored in the end, and nothing else.
 * @param slowness on a machine that does other things too, what takes its time takes as many times as long.
 */
export function judge(records: readonly HistoryRecord[], state: FinalState, slowness = 1): Verdict {
  const observed = observe(records, slowness);
  const { violations, arrivals } = judgeTimes(observed, state);
  return {
    arrivals,
    violations: [
      ...judgeAnswers(observed),
      ...judgeTerminals(observed, state),
      ...judgeOrder(observed, state),
      ...judgeSockets(observed),
      ...judgeFresh(observed, state),
      ...judgeLeftovers(observed, state),
      ...violations,
      ...judgeCloses(observed, state),
    ],
  };
}
