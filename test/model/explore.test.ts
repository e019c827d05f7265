import { describe, expect, it } from 'vitest';
import { ENDLESS, explore, type Model, STRANDED, type Step } from './explore.ts';

interface Counter {
  readonly value: number;
}

/** Goes from number to number: `1>2` for certain, `1?2` by chance. Only 9 is complete, and 13 must not be. */
function walk(...ways: string[]): Model<Counter> {
  return {
    initial: { value: 0 },
    steps: ({ value }) =>
      ways.flatMap((way): Step<Counter>[] => {
        const [from, to] = way.split(/[>?]/).map(Number);
        return from === value ? [{ name: way, to: { value: to! }, chance: way.includes('?') }] : [];
      }),
    violation: ({ value }) => (value === 13 ? 'unlucky' : undefined),
    complete: ({ value }) => value === 9,
  };
}

describe('the explorer', () => {
  it('finds nothing where every way ends complete, and counts each state once', () => {
    expect(explore(walk('0>1', '0>2', '1>9', '2>9'))).toEqual({ states: 4 });
  });

  it('names the shortest of the ways to a state that must not be', () => {
    const { counterexample } = explore(walk('0>1', '1>2', '2>13', '0>3', '3>13'));
    expect(counterexample).toEqual({ problem: 'unlucky', steps: ['0>3', '3>13'] });
  });

  it('finds a state of rest that is not complete, though another way is', () => {
    const { counterexample } = explore(walk('0>9', '0>1', '1>2'));
    expect(counterexample).toEqual({ problem: STRANDED, steps: ['0>1', '1>2'] });
  });

  it('does not count on what only chance may bring', () => {
    const { counterexample } = explore(walk('0>1', '1?9'));
    expect(counterexample).toEqual({ problem: STRANDED, steps: ['0>1'] });
  });

  it('looks behind what chance may bring', () => {
    const { counterexample } = explore(walk('0>9', '9?13'));
    expect(counterexample).toEqual({ problem: 'unlucky', steps: ['0>9', '9?13'] });
  });

  it('finds the way into a circle that nothing certain leads out of', () => {
    const { counterexample } = explore(walk('0>9', '0>1', '1>2', '2>1', '2?9'));
    expect(counterexample).toEqual({ problem: ENDLESS, steps: ['0>1'] });
  });

  it('takes a circle for harmless that has a way out', () => {
    expect(explore(walk('0>1', '1>0', '1>9'))).toEqual({ states: 3 });
  });

  it('tells states apart by their parts, however deep', () => {
    interface Nested {
      readonly parts: ReadonlyArray<{ readonly at: readonly number[] }>;
      readonly name: string | null;
    }
    const nested = (at: number[], name: string | null): Nested => ({ parts: [{ at }], name });
    const all = [nested([1], null), nested([1], 'a'), nested([1, 2], null), nested([], 'a'), nested([1], null)];
    const { states } = explore<Nested>({
      initial: nested([], null),
      steps: ({ parts, name }) =>
        parts[0]!.at.length === 0 && name === null ? all.map((to) => ({ name: 'step', to, chance: false })) : [],
      violation: () => undefined,
      complete: () => true,
    });
    expect(states).toBe(5);
  });

  it('gives up on a model without bounds', () => {
    const model: Model<Counter> = {
      ...walk(),
      steps: ({ value }) => [{ name: 'on', to: { value: value + 1 }, chance: false }],
      violation: () => undefined,
    };
    expect(() => explore(model, 100)).toThrow('more than 100 states');
  });
});
