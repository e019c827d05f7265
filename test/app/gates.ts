/** One piece of work whose calls to the outside wait until the test lets them go on, one at a time. */
export interface Task {
  /** The same port, for this task. */
  through<P extends object>(port: P): P;
  /** Lets the call go on that waits longest. */
  step(): void;
  isWaiting(): boolean;
  /** From now on nothing waits. */
  run(): void;
}

export function createTask(): Task {
  const waiting: Array<() => void> = [];
  let free = false;
  const turn = () => (free ? undefined : new Promise<void>((resolve) => waiting.push(resolve)));
  return {
    through: (port) =>
      new Proxy(port, {
        get(target, name) {
          const member = Reflect.get(target, name);
          if (typeof member !== 'function') return member;
          return async (...args: unknown[]) => {
            await turn();
            return Reflect.apply(member, target, args);
          };
        },
      }),
    step: () => waiting.shift()?.(),
    isWaiting: () => waiting.length > 0,
    run() {
      free = true;
      for (const resume of waiting.splice(0)) resume();
    },
  };
}
