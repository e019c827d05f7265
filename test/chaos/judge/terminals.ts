import type { EventId } from '../../../domain/ids.ts';
import type { FinalState } from './final-state.ts';
import {
  acceptedAt,
  isRefused,
  type Observed,
  type ObservedFrame,
  type ObservedSocket,
  type ObservedSource,
} from './observed.ts';
import type { Violation } from './violation.ts';

/** A final status that a socket was given. */
export interface SeenTerminal {
  readonly at: number;
  readonly socket: number;
  /** The same text for the same value, wherever it was read. */
  readonly value: string;
  /** Undefined: in a snapshot. */
  readonly eventId?: EventId;
}

/** @returns undefined for any other message. */
export function terminalValue(message: Readonly<Record<string, unknown>>): string | undefined {
  if (message.status === 'success') return canonical({ status: 'success', result: message.result });
  if (message.status !== 'failure') return undefined;
  return canonical({ status: 'failure', error: message.error, code: message.code });
}

export function sourceOf({ message }: ObservedFrame): string | undefined {
  const source = message?.['source-uuid'];
  return typeof source === 'string' ? source : undefined;
}

const toldBySocket = new WeakMap<ObservedSocket, ReadonlyMap<string, number>>();

/** The sources whose end a socket was given, and when first. */
export function toldTo(socket: ObservedSocket): ReadonlyMap<string, number> {
  const known = toldBySocket.get(socket);
  if (known) return known;
  const ends = new Map<string, number>();
  for (const frame of socket.frames) {
    const source = sourceOf(frame);
    if (source === undefined || ends.has(source) || !frame.message) continue;
    if (terminalValue(frame.message) !== undefined) ends.set(source, frame.at);
  }
  toldBySocket.set(socket, ends);
  return ends;
}

export function seenTerminals({ channels }: Observed): Map<string, SeenTerminal[]> {
  const seen = new Map<string, SeenTerminal[]>();
  for (const { sockets } of channels.values()) {
    for (const { socket, frames } of sockets) {
      for (const frame of frames) {
        const source = sourceOf(frame);
        const value = frame.message && terminalValue(frame.message);
        if (source === undefined || value === undefined) continue;
        const { at, eventId } = frame;
        const terminals = seen.get(source) ?? [];
        terminals.push({ at, socket, value, ...(eventId && { eventId }) });
        seen.set(source, terminals);
      }
    }
  }
  return seen;
}

/** I1 and I2. */
export function judgeTerminals(observed: Observed, state: FinalState): Violation[] {
  const seen = seenTerminals(observed);
  const violations: Violation[] = [];
  for (const source of observed.sources.values()) {
    const { sourceUuid, channel } = source;
    const told = seen.get(sourceUuid) ?? [];
    const add = (invariant: 'I1' | 'I2', what: string) =>
      violations.push({ invariant, what, channel, source: sourceUuid });
    if (isRefused(source)) {
      if (told.length > 0) add('I2', 'it was refused, and a socket was told its end');
      if (state.sources.has(sourceUuid)) add('I2', 'it was refused, and there is a record of it');
    } else {
      for (const what of faultsOfSource(source, told, state)) add('I1', what);
      if (acceptedAt(source) !== undefined && told.length === 0)
        add('I1', 'it was answered 200, and no socket was told its end');
    }
  }
  for (const sourceUuid of new Set([...seen.keys(), ...state.sources.keys()])) {
    if (observed.sources.has(sourceUuid)) continue;
    violations.push({ invariant: 'I2', what: 'it was never sent, and is known all the same', source: sourceUuid });
  }
  return violations;
}

function* faultsOfSource(
  source: ObservedSource,
  told: readonly SeenTerminal[],
  state: FinalState,
): Generator<string, void> {
  const stored = state.sources.get(source.sourceUuid);
  const accepted = acceptedAt(source) !== undefined;
  if (stored === undefined) {
    if (accepted) yield 'it was answered 200, and there is no record of it';
    if (told.length > 0) yield 'a socket was told its end, and there is no record of it';
    return;
  }
  // A request that comes again after the end is a new upload, by the protocol: so many ends there may be.
  const { generation, terminal } = stored;
  if (generation > source.requests.length)
    yield `it has ${generation} generations of ${source.requests.length} requests`;
  if (terminal === undefined) {
    if (accepted || stored.queued) yield 'it is accepted, and the store has no final status for it';
    if (told.length > 0 && generation === 1) yield 'a socket was told an end that the store does not have';
    return;
  }
  const values = new Set(told.map(({ value }) => value));
  const storedValue = canonical({ ...terminal });
  if (values.size > generation)
    yield `${values.size} different ends were told of ${generation} generations: ${[...values].join(' / ')}`;
  if (generation === 1 && values.size === 1 && !values.has(storedValue))
    yield `told ${[...values][0]}, stored ${storedValue}`;
  yield* faultsOfStatus(source, storedValue, state);
}

function* faultsOfStatus({ sourceUuid }: ObservedSource, stored: string, state: FinalState): Generator<string, void> {
  const answer = state.statuses.get(sourceUuid);
  if (answer === undefined) return;
  const { status, body } = answer;
  if (status !== 200) yield `its status call is answered ${status}`;
  else if (terminalValue(body) !== stored) yield `stored ${stored}, the status call says ${JSON.stringify(body)}`;
}

/** JSON with the names of each object in alphabetical order. */
export function canonical(value: unknown): string {
  return JSON.stringify(value, (_, each: unknown) => {
    if (typeof each !== 'object' || each === null || Array.isArray(each)) return each;
    return Object.fromEntries(Object.entries(each).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}
