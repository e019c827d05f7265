import type { Step } from './explore.ts';
import type { State } from './state.ts';

/** What is explored: one way to build the service, in one situation. */
export interface Setting {
  readonly design: Design;
  readonly scenario: Scenario;
}

/** Each switch is one rule of the service. */
export interface Design {
  /** `naive`: sees that there is nothing, and deletes its lease in a second step. */
  readonly exit: 'atomic' | 'naive';
  readonly duplicatesWake: boolean;
  /** Starts a subscriber where there are doorbells and no lease. */
  readonly sweeper: boolean;
  /** A connection that Redis could not be told of says so in its record, and the sweeper rings for it. */
  readonly announces: boolean;
  /** When what others left pending is taken over. `late`: not before new ones are read, but once the exit is refused. */
  readonly reclaim: 'first' | 'late' | 'never';
  readonly settle: 'after-delivery' | 'before-delivery';
  readonly cursor: 'after-delivery' | 'before-delivery';
  /** `blind`: takes any lease for its own. */
  readonly renewal: 'checks-token' | 'blind';
  /** What a doorbell says: which channel to look at, or which frame to send. */
  readonly doorbell: 'channel' | 'frame';
  /** A subscriber that lost its lease, or ran out of time, starts another when it leaves. */
  readonly successor: boolean;
}

export const AS_BUILT: Design = {
  exit: 'atomic',
  duplicatesWake: true,
  sweeper: true,
  announces: true,
  reclaim: 'first',
  settle: 'after-delivery',
  cursor: 'after-delivery',
  renewal: 'checks-token',
  doorbell: 'channel',
  successor: true,
};

export interface Scenario {
  readonly programs: readonly Program[];
  /** The faults that may happen, and how many of them at most, of whatever kind. */
  readonly faults: readonly Fault[];
  readonly faultCount: number;
  /** After these, and no others, a frame may come twice. Default: `MAY_REPEAT`. */
  readonly mayRepeat?: readonly Fault[];
}

/** One call that says something of a channel, operation by operation, and starts a subscriber if any answer said so. */
export interface Program {
  readonly name: string;
  readonly channel: number;
  /** `connect` writes the connection's record. A channel that no program connects is connected from the start. */
  readonly operations: ReadonlyArray<'publish' | 'connect' | 'open'>;
}

export type Fault =
  /** Or its call that starts the subscriber fails. */
  | 'publisher-crash'
  /** Or that of an `open`: the script is run again. */
  | 'publish-answer-lost'
  /** Redis does not take the `open` of a connection, whose handshake is accepted all the same. */
  | 'open-failed'
  | 'start-lost'
  | 'subscriber-crash'
  /** Of a subscriber that lives: it was slow, or Redis was away. */
  | 'lease-expired'
  /** The function's time is nearly up, and it hands over. */
  | 'time-up'
  | 'read-answer-lost'
  | 'post-answer-lost'
  | 'exit-answer-lost';

export const MAY_REPEAT: readonly Fault[] = [
  'subscriber-crash',
  'lease-expired',
  'post-answer-lost',
  'exit-answer-lost',
];

export function fair(name: string, to: State): Step<State> {
  return { name, to, chance: false };
}

export function fromOutside(name: string, to: State): Step<State> {
  return { name, to, chance: true };
}

export function fault({ scenario }: Setting, kind: Fault, name: string, to: State): Step<State>[] {
  if (to.faultsLeft === 0 || !scenario.faults.includes(kind)) return [];
  const excused = to.excused || (scenario.mayRepeat ?? MAY_REPEAT).includes(kind);
  return [{ name, to: { ...to, faultsLeft: to.faultsLeft - 1, excused }, chance: true }];
}
