import type { RunningEnvironments } from '../lambda/running-environments.ts';
import type { RunningRedis } from '../redis/start-redis.ts';
import { type Fault, FaultError } from './fault.ts';
import type { FaultRegistry, FaultState } from './registry.ts';

/** What can be made to fail while everything runs. All throw a FaultError for what makes no sense here. */
export interface Faults {
  set(fault: Fault): FaultState;
  list(): FaultState[];
  /** @returns how many were cleared: all without an `id`. Connections whose calls hang are broken. */
  clear(id?: number): number;
  /**
   * Kills the environments of a function, by its name for people: one in which an invocation runs, or with `all` each that
   * there is. @returns how many.
   */
  kill(functionName: string, options?: { readonly all?: boolean }): number;
  redis(action: RedisAction): Promise<void>;
  /**
   * Cuts every WebSocket without a close frame, as the end of the gateway's host would. @returns how many.
   * @param options.disconnect whether `$disconnect` is invoked for them, which is best effort on AWS. Default: true.
   */
  dropSockets(options?: { readonly disconnect?: boolean }): number;
}

/**
 * `lose`: all data is gone. `kill`: the server's process is killed, and started again at once with its data.
 * `stop` and `continue`: it is not scheduled in between.
 */
export const REDIS_ACTIONS = ['lose', 'kill', 'stop', 'continue'] as const;
export type RedisAction = (typeof REDIS_ACTIONS)[number];

export interface FaultParts {
  readonly registry: FaultRegistry;
  readonly environments: RunningEnvironments;
  /** By their names for people: the names in the template. */
  readonly functions: ReadonlyMap<string, string>;
  readonly redis: RunningRedis;
  readonly dropSockets: (options: { readonly disconnect: boolean }) => number;
}

export function createFaults({ registry, environments, functions, redis, dropSockets }: FaultParts): Faults {
  return {
    set: (fault) => registry.set(fault),
    list: () => registry.list(),
    clear: (id) => registry.clear(id),
    kill(functionName, { all = false } = {}) {
      const name = functions.get(functionName);
      if (name === undefined) {
        throw new FaultError(
          `There is no function "${functionName}": it is one of ${[...functions.keys()].join(', ')}.`,
        );
      }
      const own = environments.all().filter((environment) => environment.functionName === name);
      const doomed = all ? own : own.filter(({ busy }) => busy).slice(0, 1);
      for (const environment of doomed) environment.crash();
      return doomed.length;
    },
    async redis(action) {
      if (action === 'lose') return await redis.lose();
      if (redis.server === undefined) throw new FaultError(REFUSALS[redis.kind as 'embedded' | 'external']);
      await redis.server[action]();
    },
    dropSockets: ({ disconnect = true } = {}) => dropSockets({ disconnect }),
  };
}

const REFUSALS = {
  embedded: 'The embedded Redis is a part of this process and cannot be killed or stopped: "redis lose" empties it.',
  external:
    'The Redis of REDIS_URL was not started here and is not killed or stopped from here: "redis lose" empties it.',
};
