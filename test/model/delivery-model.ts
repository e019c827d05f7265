import type { Model, Step } from './explore.ts';
import { NEW_PUBLISHER, publisherSteps } from './publisher.ts';
import * as scripts from './scripts.ts';
import { fair, fault, type Scenario, type Setting } from './setting.ts';
import { type Channel, replaced, type State } from './state.ts';
import { beginSteps, subscriberSteps } from './subscriber.ts';

/** A third at once would show nothing that two do not: there is one lease to lose. */
const SUBSCRIBERS_AT_ONCE = 2;

/**
 * One shard, from the publisher to the socket. Read state.ts first, then scripts.ts (Redis), publisher.ts, subscriber.ts
 * and pass.ts. A step here is one Lua script, one command, one post or one start there, and any other may come between.
 *
 * Left out, as it makes no difference to what is asked here: batches and pages (all fits into one), several connections
 * of a channel, the regular reclaim (it does what the one after a refused exit does), and a settling that is still under
 * way when the next pass begins (a later settling).
 * Left out, and so not shown: that Redis loses its data, that a connection goes or is closed, a resume on an open one.
 */
export function deliveryModel(setting: Setting): Model<State> {
  const { programs } = setting.scenario;
  return {
    initial: initialState(setting.scenario),
    steps: (state) => [
      ...programs.flatMap((_, index) => publisherSteps(setting, state, index)),
      ...state.subscribers.flatMap((_, token) => subscriberSteps(setting, state, token)),
      ...startSteps(setting, state),
      ...expirySteps(setting, state),
      ...sweeperSteps(setting, state),
    ],
    violation,
    complete: (state) =>
      state.lease === 'free' &&
      !scripts.hasDoorbells(state) &&
      state.channels.every(({ connected, received, history }) => !connected || received === history),
  };
}

function initialState({ programs, faultCount }: Scenario): State {
  const count = 1 + Math.max(...programs.map(({ channel }) => channel));
  const channel = (index: number): Channel => ({
    connected: !programs.some((program) => program.channel === index && program.operations.includes('connect')),
    unannounced: false,
    history: 0,
    cursor: 0,
    received: 0,
    repeated: false,
    disordered: false,
  });
  return {
    publishers: programs.map(() => NEW_PUBLISHER),
    channels: Array.from({ length: count }, (_, index) => channel(index)),
    doorbells: [],
    lease: 'free',
    starts: 0,
    subscribers: Array.from({ length: SUBSCRIBERS_AT_ONCE }, () => null),
    faultsLeft: faultCount,
    excused: false,
  };
}

function startSteps(setting: Setting, state: State): Step<State>[] {
  if (state.starts === 0) return [];
  const taken = { ...state, starts: state.starts - 1 };
  return [...beginSteps(setting, taken), ...fault(setting, 'start-lost', 'a start is lost', taken)];
}

/** That of a dead subscriber expires for certain, unless somebody keeps it alive; that of a live one by bad luck. */
function expirySteps(setting: Setting, state: State): Step<State>[] {
  if (state.lease === 'free') return [];
  const expired: State = { ...state, lease: 'free' };
  if (state.lease !== 'left') return fault(setting, 'lease-expired', 'the lease of a live subscriber expires', expired);
  const renewed = state.subscribers.some((each) => each && !each.stopped);
  return setting.design.renewal === 'blind' && renewed ? [] : [fair('the lease of a dead subscriber expires', expired)];
}

/** Not while a start is under way: that there are two at once, the publishers see to. */
function sweeperSteps({ design }: Setting, state: State): Step<State>[] {
  if (!design.sweeper) return [];
  const rings = state.channels.flatMap((channel, index) => {
    if (!channel.unannounced) return [];
    const channels = replaced(state.channels, index, { ...channel, unannounced: false });
    return [fair('the sweeper rings for a connection', scripts.open({ ...state, channels }, index)[0])];
  });
  if (state.starts > 0 || !scripts.isUnserved(state)) return rings;
  return [...rings, fair('the sweeper starts a subscriber', { ...state, starts: 1 })];
}

function violation({ channels, excused }: State): string | undefined {
  if (channels.some(({ disordered }) => disordered)) return 'a frame came before an earlier one';
  if (channels.some(({ repeated }) => repeated && !excused)) return 'a frame came twice without cause';
  return undefined;
}
