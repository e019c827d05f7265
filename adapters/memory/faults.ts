type Operation<P> = { [K in keyof P]: P[K] extends (...args: never[]) => Promise<unknown> ? K : never }[keyof P];

/** What can go wrong with a service, for the tests of whoever calls it. Each applies to the next `times` calls (1 by default). */
export interface Faults<P> {
  /** The call fails and nothing was done. */
  failNext(operation: Operation<P>, options?: FaultOptions): void;
  /** The call fails although everything was done: its answer was lost. */
  loseNextAnswer(operation: Operation<P>, options?: FaultOptions): void;
  /** Something else happens first: how a test gets between two steps of the code under test. */
  beforeNext(operation: Operation<P>, action: () => Promise<unknown> | unknown): void;
}

export interface FaultOptions {
  readonly error?: Error;
  readonly times?: number;
}

export class InjectedFault extends Error {
  override readonly name = 'InjectedFault';
  readonly code = 'injected-fault';
}

type Step = (call: () => Promise<unknown>) => Promise<unknown>;

/** The same port, with faults that can be put in its way. */
export function withFaults<P extends object>(port: P): P & Faults<P> {
  const planned = new Map<PropertyKey, Step[]>();
  const plan = (operation: PropertyKey, step: Step, times = 1) => {
    planned.set(operation, [...(planned.get(operation) ?? []), ...Array.from({ length: times }, () => step)]);
  };

  const faults: Faults<P> = {
    failNext(operation, { error = fault(operation), times } = {}) {
      plan(operation, () => Promise.reject(error), times);
    },
    loseNextAnswer(operation, { error = fault(operation), times } = {}) {
      plan(operation, (call) => call().then(() => Promise.reject(error)), times);
    },
    beforeNext(operation, action) {
      plan(operation, async (call) => {
        await action();
        return call();
      });
    },
  };

  return new Proxy(port, {
    get(target, property) {
      if (property in faults) return faults[property as keyof Faults<P>];
      const value = Reflect.get(target, property);
      if (typeof value !== 'function') return value;
      return (...args: unknown[]) => {
        const call = () => Reflect.apply(value, target, args);
        const step = planned.get(property)?.shift();
        return step ? step(call) : call();
      };
    },
  }) as P & Faults<P>;
}

function fault(operation: PropertyKey): InjectedFault {
  return new InjectedFault(`${String(operation)} was made to fail`);
}
