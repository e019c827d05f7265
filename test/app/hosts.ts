import type { ManualClock } from '../../adapters/memory/clock.ts';
import type { Clock } from '../../app/ports.ts';

export type Role = 'accept' | 'connect' | 'cancel' | 'process' | 'subscribe' | 'sweep' | 'dead-letter';

export const FAULT_KINDS = ['error', 'applied but lost', 'crash before', 'crash after'] as const;

/** What goes wrong, once: at the `call`-th call of a port by any host of the role, counted from 0. */
export interface PlannedFault {
  readonly role: Role;
  readonly call: number;
  /** `redis lost`: all that Redis holds is gone right before the call. */
  readonly kind: (typeof FAULT_KINDS)[number] | 'redis lost';
}

const forever = new Promise<never>(() => {});

/** Invocations that can crash, and the record of every call that they make of a port. */
export function createHosts(clock: ManualClock, faults: readonly PlannedFault[], lose: () => Promise<void> | void) {
  const calls: { readonly role: Role; readonly call: string }[] = [];
  const counts = new Map<Role, number>();
  let running = 0;
  let faultedAt: number | undefined;
  let happened = 0;

  /** @returns what is to go wrong with this call. */
  function record(role: Role, call: string): PlannedFault['kind'] | undefined {
    const index = counts.get(role) ?? 0;
    counts.set(role, index + 1);
    calls.push({ role, call });
    const fault = faults.find((each) => each.role === role && each.call === index);
    if (fault) {
      faultedAt = clock.now();
      happened += 1;
    }
    return fault?.kind;
  }

  /** A call that is answered `retry` where others throw: these ports never throw. */
  const refuse = (name: string, call: string) => {
    if (name === 'sockets') return 'retry';
    throw new Error(`${call} was made to fail`);
  };

  function wrap<P extends object>(host: Host, role: Role, name: string, port: P): P {
    return new Proxy(port, {
      get(target, property) {
        const value = Reflect.get(target, property);
        if (typeof value !== 'function' || property === 'all') return value;
        const call = `${name}.${String(property)}`;
        return async (...args: unknown[]) => {
          if (host.crashed) return forever;
          const kind = record(role, call);
          const apply = () => Reflect.apply(value, target, args) as Promise<unknown>;
          if (kind === 'redis lost') await lose();
          if (kind === 'error') return refuse(name, call);
          if (kind === 'crash before') return host.crash();
          const answer = await apply();
          if (kind === 'crash after') return host.crash();
          if (host.crashed) return forever;
          return kind === 'applied but lost' ? refuse(name, call) : answer;
        };
      },
    });
  }

  return {
    calls,
    /** How many of the planned faults. */
    get happened() {
      return happened;
    },
    /** When the last of them did; undefined: none has yet. */
    get faultedAt() {
      return faultedAt;
    },
    get running() {
      return running;
    },
    async run<P extends Record<string, object | undefined>>(
      role: Role,
      stores: P,
      work: (ports: P & { readonly clock: Clock }) => Promise<unknown>,
    ): Promise<'done' | 'failed' | 'crashed'> {
      const host = createHost();
      const ports = Object.entries(stores).map(([name, port]) => [name, port && wrap(host, role, name, port)]);
      running += 1;
      const ended = work({ ...Object.fromEntries(ports), clock: mortal(clock, host) }).then(
        () => 'done' as const,
        () => 'failed' as const,
      );
      const end = await Promise.race([ended, host.gone]);
      running -= 1;
      return end;
    },
  };
}

interface Host {
  readonly crashed: boolean;
  readonly gone: Promise<'crashed'>;
  crash(): Promise<never>;
}

function createHost(): Host {
  const { promise, resolve } = Promise.withResolvers<'crashed'>();
  let crashed = false;
  return {
    get crashed() {
      return crashed;
    },
    gone: promise,
    crash() {
      crashed = true;
      resolve('crashed');
      return forever;
    },
  };
}

/** Whoever slept while its host crashed does not wake. */
function mortal(clock: Clock, host: Host): Clock {
  return {
    now: () => clock.now(),
    async sleep(ms, signal) {
      if (host.crashed) return forever;
      await clock.sleep(ms, signal);
      return host.crashed ? forever : undefined;
    },
  };
}
