import type { Step } from './explore.ts';
import { passSteps } from './pass.ts';
import * as scripts from './scripts.ts';
import { fair, fault, type Setting } from './setting.ts';
import { IDLE_PASS, type Pass, replaced, type State, type Subscriber } from './state.ts';

/** `subscribe` of app/subscribe.ts: the loop, the renewal beside it, and the deliveries that it has begun. */
export function subscriberSteps(setting: Setting, state: State, token: number): Step<State>[] {
  const subscriber = state.subscribers[token];
  if (!subscriber) return [];
  return [
    ...loopSteps(setting, state, token, subscriber),
    ...renewalSteps(setting, state, token, subscriber),
    ...subscriber.passes.flatMap((_, channel) => passSteps(setting, state, token, channel)),
    ...fault(setting, 'subscriber-crash', `subscriber ${token + 1} crashes`, ended(state, token)),
  ];
}

/** A function that was started: its first act is to acquire. */
export function beginSteps({ design }: Setting, state: State): Step<State>[] {
  const token = state.subscribers.indexOf(null);
  const [acquired, mine] = scripts.acquire(state, token);
  if (!mine) return [fair('a started subscriber finds the lease taken', state)];
  if (token === -1) return []; // not before one of the others has ended
  const subscriber: Subscriber = {
    loop: design.reclaim === 'first' ? 'reclaim' : 'read',
    stopped: false,
    handsOver: false,
    passes: state.channels.map(() => IDLE_PASS),
  };
  const subscribers = replaced(state.subscribers, token, subscriber);
  return [fair(`subscriber ${token + 1} acquires`, { ...acquired, subscribers })];
}

function loopSteps(setting: Setting, state: State, token: number, subscriber: Subscriber): Step<State>[] {
  const { design } = setting;
  const name = `subscriber ${token + 1}`;
  const goes = (loop: Subscriber['loop'], from = state) => change(from, token, { loop });
  switch (subscriber.loop) {
    case 'reclaim': {
      const ids = design.reclaim === 'never' ? [] : scripts.reclaim(state);
      return [fair(`${name} reclaims`, goes('read', ring(state, token, ids)))];
    }
    case 'read':
      return readSteps(setting, state, token, subscriber);
    case 'exit': {
      if (design.exit === 'naive') {
        const next = scripts.hasDoorbells(state) ? 'reclaim' : 'delete';
        return [fair(`${name} looks whether there is nothing`, goes(next))];
      }
      const [left, idle] = scripts.exit(state, token);
      const unheard = fault(setting, 'exit-answer-lost', `${name} exits, answer lost`, left);
      if (idle) return [fair(`${name} exits`, ended(left, token)), ...unheard];
      return [fair(`${name} may not exit`, goes(subscriber.stopped ? 'leave' : 'reclaim'))];
    }
    case 'delete':
      return [fair(`${name} deletes its lease`, ended(scripts.release(state, token), token))];
    case 'leave':
      return leaveSteps(setting, state, token, subscriber);
  }
}

/** Deliveries go on while it waits for a doorbell. A read that was under way when it was stopped still returns. */
function readSteps(setting: Setting, state: State, token: number, subscriber: Subscriber): Step<State>[] {
  const name = `subscriber ${token + 1}`;
  const { stopped } = subscriber;
  const after = (loop: Subscriber['loop'], from: State) => change(from, token, { loop: stopped ? 'leave' : loop });
  const [taken, ids] = scripts.read(state);
  const steps: Step<State>[] = [];
  if (ids.length > 0) {
    steps.push(fair(`${name} reads`, after('read', ring(taken, token, ids))));
    steps.push(...fault(setting, 'read-answer-lost', `${name} reads, answer lost`, after('reclaim', taken)));
  } else if (!isBusy(subscriber)) {
    steps.push(fair(`${name} reads nothing`, change(state, token, { loop: 'exit' })));
  } else if (stopped) {
    steps.push(fair(`${name} reads nothing`, change(state, token, { loop: 'leave' })));
  }
  if (stopped) return steps;
  const timeUp = change(stop(state, token), token, { loop: 'leave', handsOver: true });
  return [...steps, ...fault(setting, 'time-up', `${name} has no time left`, timeUp)];
}

/** Not before what is under way has ended. */
function leaveSteps({ design }: Setting, state: State, token: number, subscriber: Subscriber): Step<State>[] {
  const name = `subscriber ${token + 1}`;
  if (isBusy(subscriber)) return [];
  if (subscriber.handsOver) {
    return [fair(`${name} releases`, change(scripts.release(state, token), token, { handsOver: false }))];
  }
  const left = ended(state, token);
  if (!design.successor) return [fair(`${name} leaves`, left)];
  return [fair(`${name} starts a successor`, { ...left, starts: left.starts + 1 })];
}

function renewalSteps({ design }: Setting, state: State, token: number, subscriber: Subscriber): Step<State>[] {
  if (subscriber.stopped) return [];
  if (scripts.renew(state, token, design.renewal === 'blind')) return [];
  return [fair(`subscriber ${token + 1} learns that its lease is lost`, stop(state, token))];
}

/** `ring` of app/serve-channels.ts: once stopped, it takes nothing up. */
function ring(state: State, token: number, ids: readonly number[]): State {
  const subscriber = state.subscribers[token]!;
  if (subscriber.stopped) return state;
  const fresh = unheld(subscriber, ids);
  const passes = subscriber.passes.map((pass, channel) => {
    const mine = fresh.filter((id) => state.doorbells[id]!.channel === channel);
    return mine.length === 0 ? pass : { ...pass, waiting: [...pass.waiting, ...mine] };
  });
  return change(state, token, { passes });
}

function unheld({ passes }: Subscriber, ids: readonly number[]): readonly number[] {
  const held = passes.flatMap(({ waiting, covered }) => [...waiting, ...covered]);
  return ids.filter((id) => !held.includes(id));
}

function isBusy({ passes }: Subscriber): boolean {
  return passes.some(({ next, waiting }) => next !== 'begin' || waiting.length > 0);
}

/** Passes end where they are, but note what they have sent. */
function stop(state: State, token: number): State {
  const passes = state.subscribers[token]!.passes.map(stoppedPass);
  return change(state, token, { stopped: true, passes });
}

function stoppedPass(pass: Pass): Pass {
  if (pass.next === 'move' || pass.next === 'settle') return { ...pass, waiting: [] };
  if (pass.next === 'post' && pass.began) return { ...pass, next: 'move', waiting: [], covered: [] };
  return IDLE_PASS;
}

function change(state: State, token: number, by: Partial<Subscriber>): State {
  return { ...state, subscribers: replaced(state.subscribers, token, { ...state.subscribers[token]!, ...by }) };
}

/** Its lease, if it has it still, stays until it expires. */
function ended(state: State, token: number): State {
  const lease = state.lease === token ? 'left' : state.lease;
  return { ...state, lease, subscribers: replaced(state.subscribers, token, null) };
}
