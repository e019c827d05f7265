import { describe, expect, it } from 'vitest';
import { deliveryModel } from './delivery-model.ts';
import { ENDLESS, type Exploration, explore, STRANDED } from './explore.ts';
import { AS_BUILT, type Design, type Fault, MAY_REPEAT, type Program, type Scenario } from './setting.ts';

const program = (name: string, channel: number, ...operations: Program['operations']): Program => ({
  name,
  channel,
  operations,
});

const A = program('A', 0, 'publish');
const TWICE = program('A', 0, 'publish', 'publish');
const B = program('B', 0, 'publish');
const OTHER = program('B', 1, 'publish');
const CLIENT = program('C', 0, 'connect', 'open');

/** After these there may be two subscribers at once, which makes ten times as many states. */
const TWO_AT_ONCE: readonly Fault[] = ['lease-expired', 'exit-answer-lost'];

/** After these something is left that nobody knows of, but the sweeper. */
const FORGETFUL: readonly Fault[] = ['publisher-crash', 'start-lost', 'subscriber-crash'];

const ONE_AT_A_TIME: readonly Fault[] = [
  ...FORGETFUL,
  'publish-answer-lost',
  'time-up',
  'read-answer-lost',
  'post-answer-lost',
];

const ALL: readonly Fault[] = [...ONE_AT_A_TIME, ...TWO_AT_ONCE];

const when = (programs: readonly Program[], faults: readonly Fault[] = [], faultCount = faults.length): Scenario => ({
  programs,
  faults,
  faultCount,
});

function exploration(scenario: Scenario, change: Partial<Design> = {}): Exploration {
  return explore(deliveryModel({ design: { ...AS_BUILT, ...change }, scenario }));
}

/** What goes wrong, and the last steps to it. */
function failure(steps: number, scenario: Scenario, change: Partial<Design> = {}) {
  const { counterexample } = exploration(scenario, change);
  return { problem: counterexample?.problem, end: counterexample?.steps.slice(-steps) };
}

describe('the delivery of events, as built', () => {
  // Some 108,000 states, in about 3 s on one core.
  it.each<[title: string, scenario: Scenario, states: number]>([
    ['three events of two publishers, with a fault', when([TWICE, B], ONE_AT_A_TIME, 1), 15_000],
    ['two events of two publishers, with two faults', when([A, B], ONE_AT_A_TIME, 2), 15_000],
    ['two events of two publishers, with any fault', when([A, B], ALL, 1), 30_000],
    ['one event, with any three faults', when([A], ALL, 3), 20_000],
    ['two channels, with a fault', when([A, OTHER], ONE_AT_A_TIME, 1), 8_000],
    ['a client that connects meanwhile, with a fault', when([A, CLIENT], ONE_AT_A_TIME, 1), 5_000],
  ])('strands nothing and keeps the order: %s', (_, scenario, states) => {
    const explored = exploration(scenario);
    expect(explored.counterexample).toBeUndefined();
    expect(explored.states).toBeGreaterThan(states);
  });

  it('needs no sweeper as long as nobody dies and no start is lost', () => {
    const faults = ALL.filter((fault) => !FORGETFUL.includes(fault));
    const explored = exploration(when([TWICE, B], faults, 1), { sweeper: false });
    expect(explored.counterexample).toBeUndefined();
    expect(explored.states).toBeGreaterThan(15_000);
  });

  // That it sends nothing twice after any other fault, or none, is part of every exploration above.
  it.each(MAY_REPEAT)('may send a frame twice after this fault: %s', (fault) => {
    const { problem } = failure(1, { ...when([A, B], [fault]), mayRepeat: [] });
    expect(problem).toBe('a frame came twice without cause');
  });
});

describe('what the exit is atomic for', () => {
  it('a naive one strands the event that comes between its look and its leaving', () => {
    expect(failure(3, when([A, B]), { exit: 'naive', sweeper: false })).toEqual({
      problem: STRANDED,
      end: ['subscriber 1 looks whether there is nothing', 'B publishes', 'subscriber 1 deletes its lease'],
    });
  });

  it('the sweeper makes of that loss a delay', () => {
    expect(exploration(when([A, B]), { exit: 'naive' }).counterexample).toBeUndefined();
  });
});

describe('what wakes a subscriber', () => {
  it('a duplicate that did not would strand the event whose first answer was lost', () => {
    const scenario = when([A], ['publish-answer-lost']);
    expect(failure(2, scenario, { duplicatesWake: false, sweeper: false })).toEqual({
      problem: STRANDED,
      end: ['A publishes, answer lost', 'A publishes again'],
    });
    expect(exploration(scenario, { duplicatesWake: false }).counterexample).toBeUndefined();
  });

  it.each<[Fault, string[]]>([
    ['publisher-crash', ['A crashes']],
    ['start-lost', ['a start is lost']],
    ['subscriber-crash', ['subscriber 1 crashes', 'the lease of a dead subscriber expires']],
  ])('without a sweeper, nobody is after this fault: %s', (fault, end) => {
    expect(failure(end.length, when([A], [fault]), { sweeper: false })).toEqual({ problem: STRANDED, end });
  });

  it.each<Fault>(['time-up', 'lease-expired'])(
    'a subscriber that leaves without starting a successor strands what it had read: %s',
    (fault) => {
      const { problem, end } = failure(1, when([A], [fault]), { successor: false, sweeper: false });
      expect({ problem, end }).toEqual({ problem: STRANDED, end: ['subscriber 1 leaves'] });
    },
  );
});

describe('what is done after the delivery', () => {
  it('a doorbell settled before it is lost with its subscriber, and no sweeper sees it', () => {
    expect(failure(3, when([A], ['subscriber-crash']), { settle: 'before-delivery' })).toEqual({
      problem: STRANDED,
      end: ['subscriber 1 looks up connections', 'subscriber 1 crashes', 'the lease of a dead subscriber expires'],
    });
  });

  it('a cursor moved before it leaves out the frames that a crash kept from being sent', () => {
    const { counterexample } = exploration(when([A], ['subscriber-crash']), { cursor: 'before-delivery' });
    expect(counterexample?.problem).toBe(STRANDED);
    expect(counterexample?.steps).toContain('subscriber 1 crashes');
    expect(counterexample?.steps).not.toContain('subscriber 1 posts 1');
    expect(counterexample?.steps.at(-1)).toBe('subscriber 1 exits');
  });
});

describe('what is reclaimed', () => {
  it('may be reclaimed after new ones are read: what a doorbell leads to is in the order of its channel anyway', () => {
    const explored = exploration(when([TWICE, B], ONE_AT_A_TIME, 1), { reclaim: 'late' });
    expect(explored.counterexample).toBeUndefined();
    expect(explored.states).toBeGreaterThan(15_000);
  });

  it('would have to come first if doorbells carried frames', () => {
    const scenario = when([TWICE], ['subscriber-crash']);
    expect(failure(1, scenario, { doorbell: 'frame', reclaim: 'late' })).toEqual({
      problem: 'a frame came before an earlier one',
      end: ['subscriber 1 posts 2'],
    });
    expect(exploration(scenario, { doorbell: 'frame' }).counterexample).toBeUndefined();
  });

  it('would not come first for certain, either, where a lease is lost: frames in doorbells lose their order', () => {
    expect(failure(1, when([A, B], ['lease-expired']), { doorbell: 'frame' })).toEqual({
      problem: 'a frame came before an earlier one',
      end: ['subscriber 2 posts 2'],
    });
  });

  it('has to be reclaimed some time: no subscriber could ever leave otherwise', () => {
    expect(failure(1, when([A], ['read-answer-lost']), { reclaim: 'never' })).toEqual({
      problem: ENDLESS,
      end: ['subscriber 1 reads, answer lost'],
    });
  });
});

describe('what the renewal checks the token for', () => {
  it('a blind one loses nothing when a lease expires: two subscribers serve, and frames come twice', () => {
    expect(exploration(when([A], ['lease-expired']), { renewal: 'blind' }).counterexample).toBeUndefined();
  });

  // For ever is until the time of its function is up, which the model does not count on.
  it('a blind one keeps the lease of a dead successor for ever, and can neither use it nor leave', () => {
    const scenario = when([A], ['lease-expired', 'subscriber-crash']);
    expect(exploration(scenario).counterexample).toBeUndefined();
    const { problem, end } = failure(1, scenario, { renewal: 'blind' });
    expect({ problem, end }).toEqual({ problem: ENDLESS, end: ['subscriber 2 crashes'] });
  });
});

describe('a client that connects', () => {
  it('has its record before it rings: else the doorbell is served while nobody knows of it', () => {
    const RINGS_FIRST = program('C', 0, 'open', 'connect');
    expect(failure(2, when([A, RINGS_FIRST])).problem).toBe(STRANDED);
  });

  it('gets everything though Redis did not take its doorbell: its record says so, and the sweeper rings', () => {
    expect(exploration(when([A, CLIENT], ['open-failed'])).counterexample).toBeUndefined();
  });

  it('would wait for the next event of its channel if its record did not say so, though earlier ones are there', () => {
    const { counterexample } = exploration(when([A, CLIENT], ['open-failed']), { announces: false });
    expect(counterexample?.problem).toBe(STRANDED);
    expect(counterexample?.steps).toContain('C cannot open');
    expect(counterexample?.steps).not.toContain('subscriber 1 posts 1');
  });
});
