import { type Doorbell, replaced, type State } from './state.ts';

/**
 * What happens in Redis in one step: each function is one Lua script or one command there, by the same name. Where
 * something is said of a variant, it is what the script would be if it were written otherwise.
 */

/** @returns the state after it, and whether the caller has to start a subscriber. */
type Answer<T> = readonly [state: State, answer: T];

const woken = (state: State): Answer<boolean> => [state, state.lease === 'free'];

export function publish(state: State, channel: number): Answer<boolean> {
  const seq = state.channels[channel]!.history + 1;
  const channels = replaced(state.channels, channel, { ...state.channels[channel]!, history: seq });
  return woken({ ...state, channels, doorbells: [...state.doorbells, { channel, seq, status: 'unread' }] });
}

/** A dedupe key that was seen already: nothing rings, but it tells whether to wake. */
export function publishAgain(state: State, duplicatesWake: boolean): Answer<boolean> {
  return duplicatesWake ? woken(state) : [state, false];
}

/** Rings for a connection, each time that it is asked. */
export function open(state: State, channel: number): Answer<boolean> {
  const seq = state.channels[channel]!.history;
  return woken({ ...state, doorbells: [...state.doorbells, { channel, seq, status: 'unread' }] });
}

export function acquire(state: State, token: number): Answer<boolean> {
  return state.lease === 'free' ? [{ ...state, lease: token }, true] : [state, false];
}

/** @returns whether the subscriber may go on. Blind: the script without its comparison of the token. */
export function renew(state: State, token: number, blind: boolean): boolean {
  return state.lease === token || (blind && state.lease !== 'free');
}

export function release(state: State, token: number): State {
  return state.lease === token ? { ...state, lease: 'free' } : state;
}

/** XAUTOCLAIM to its end. @returns the ids that are pending, whoever read them. */
export function reclaim(state: State): readonly number[] {
  return idsOf(state, 'pending');
}

/** XREADGROUP `>`. */
export function read(state: State): Answer<readonly number[]> {
  const ids = idsOf(state, 'unread');
  return [marked(state, ids, 'pending'), ids];
}

export function settle(state: State, ids: readonly number[]): State {
  return marked(state, ids, 'gone');
}

/** A lease that is nobody's counts as this token's. */
export function exit(state: State, token: number): Answer<boolean> {
  const mine = state.lease === token || state.lease === 'free';
  return mine && !hasDoorbells(state) ? [{ ...state, lease: 'free' }, true] : [state, false];
}

/** @returns the cursor, and the seqs after it. */
export function next(state: State, channel: number): readonly [cursor: number, page: readonly number[]] {
  const { cursor, history } = state.channels[channel]!;
  return [cursor, Array.from({ length: history - cursor }, (_, index) => cursor + 1 + index)];
}

export function moveCursor(state: State, channel: number, cursor: number): State {
  return { ...state, channels: replaced(state.channels, channel, { ...state.channels[channel]!, cursor }) };
}

/** What the sweeper sees, in one script: XLEN, as what was settled is deleted. */
export function isUnserved(state: State): boolean {
  return state.lease === 'free' && hasDoorbells(state);
}

export function hasDoorbells(state: State): boolean {
  return state.doorbells.some(({ status }) => status !== 'gone');
}

function idsOf(state: State, status: Doorbell['status']): readonly number[] {
  return state.doorbells.flatMap((doorbell, id) => (doorbell.status === status ? [id] : []));
}

function marked(state: State, ids: readonly number[], status: Doorbell['status']): State {
  if (ids.length === 0) return state;
  const doorbells = state.doorbells.map((doorbell, id) => (ids.includes(id) ? { ...doorbell, status } : doorbell));
  return { ...state, doorbells };
}
