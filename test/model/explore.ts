/** Something that may happen next, under the name that it has in a counterexample. */
export interface Step<State> {
  readonly name: string;
  readonly to: State;
  /** It may happen, but nothing may count on it: a fault, or something new from outside. */
  readonly chance: boolean;
}

export interface Model<State> {
  readonly initial: State;
  /** States MUST be plain values whose properties always come in the same order: they are told apart by their JSON. */
  steps(state: State): readonly Step<State>[];
  /** @returns a sentence where the state is one that must never be. */
  violation(state: State): string | undefined;
  /** Asked of states of rest, in which nothing happens any more but by chance: is it how things should end? */
  complete(state: State): boolean;
}

export interface Counterexample {
  readonly problem: string;
  /** The names of the steps that lead to it; there is no shorter way. */
  readonly steps: readonly string[];
}

export interface Exploration {
  /** How many were looked at: all that can be reached, unless a counterexample ended it. */
  readonly states: number;
  readonly counterexample?: Counterexample;
}

export const STRANDED = 'at rest, and not complete';
export const ENDLESS = 'can never come to rest';

/**
 * Looks at every state that can be reached, the nearest first.
 *
 * What must happen in the end: from each of them, without any further chance, every fair continuation comes to rest in
 * a complete state. Fair means that what is possible over and over happens some day. In a finite graph such a
 * continuation ends in a strongly connected component that no step leaves. So it is enough that each of these is
 * a single state of rest (else one could go round in it for ever) and that each state of rest is complete.
 *
 * Throws when there are more than `limit` states: a model that outgrew its bounds proves nothing in time.
 */
export function explore<State extends object>(model: Model<State>, limit = 300_000): Exploration {
  const graph = createGraph(model.initial);
  const resting: number[] = [];
  for (let at = 0; at < graph.states.length; at++) {
    if (graph.states.length > limit) throw new Error(`The model has more than ${limit} states`);
    const state = graph.states[at]!;
    const found = (problem: string) => ({ states: at + 1, counterexample: { problem, steps: graph.wayTo(at) } });
    const violation = model.violation(state);
    if (violation !== undefined) return found(violation);
    let rests = true;
    for (const step of model.steps(state)) {
      const to = graph.reach(step, at);
      if (step.chance) continue;
      rests = false;
      graph.comesFrom(to, at);
    }
    if (!rests) continue;
    if (!model.complete(state)) return found(STRANDED);
    resting.push(at);
  }
  const endless = graph.firstWithoutWayTo(resting);
  if (endless === undefined) return { states: graph.states.length };
  return { states: graph.states.length, counterexample: { problem: ENDLESS, steps: graph.wayTo(endless) } };
}

function createGraph<State extends object>(initial: State) {
  const states: State[] = [initial];
  const nameOf = createNames();
  const known = new Map<string, number>([[nameOf(initial), 0]]);
  const reachedFrom: number[] = [-1];
  const reachedBy: string[] = [''];
  /** By state: from which ones a step that is no chance leads to it. */
  const predecessors: number[][] = [[]];

  return {
    states,
    reach({ name, to }: Step<State>, from: number): number {
      const key = nameOf(to);
      const seen = known.get(key);
      if (seen !== undefined) return seen;
      const index = states.push(to) - 1;
      known.set(key, index);
      reachedFrom.push(from);
      reachedBy.push(name);
      predecessors.push([]);
      return index;
    },
    comesFrom(to: number, from: number): void {
      predecessors[to]!.push(from);
    },
    wayTo(index: number): string[] {
      const names: string[] = [];
      for (let at = index; at !== 0; at = reachedFrom[at]!) names.unshift(reachedBy[at]!);
      return names;
    },
    firstWithoutWayTo(targets: readonly number[]): number | undefined {
      const leads = new Uint8Array(states.length);
      const open = [...targets];
      for (const target of targets) leads[target] = 1;
      for (let at = open.pop(); at !== undefined; at = open.pop()) {
        for (const from of predecessors[at]!) {
          if (leads[from] === 1) continue;
          leads[from] = 1;
          open.push(from);
        }
      }
      const first = leads.indexOf(0);
      return first === -1 ? undefined : first;
    },
  };
}

/**
 * Equal states get equal names. A step leaves most parts of a state as they were, the very same objects: each part is
 * written out once, and from then on has a number.
 */
function createNames(): (state: object) => string {
  const numbers = new Map<string, number>();
  const seen = new WeakMap<object, number>();

  function numberOf(part: object): number {
    let number = seen.get(part);
    if (number !== undefined) return number;
    const written = JSON.stringify(part);
    number = numbers.get(written) ?? numbers.size;
    numbers.set(written, number);
    seen.set(part, number);
    return number;
  }

  return (state) => {
    const parts = Object.values(state).map((part) =>
      typeof part === 'object' && part !== null ? numberOf(part) : `${part}`,
    );
    return parts.join();
  };
}
