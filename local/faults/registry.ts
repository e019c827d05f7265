import type { Clock } from '../clock.ts';
import type { RunningEnvironment } from '../lambda/running-environments.ts';
import { checkFault } from './check-fault.ts';
import { type Fault, FaultError, type FaultService } from './fault.ts';

/** One call of a simulated service, before anything of it is done. */
export interface FaultableCall {
  readonly service: FaultService;
  readonly operation: string;
  /** Undefined where it is not a function's. */
  readonly caller?: RunningEnvironment | undefined;
}

/** A fault that is set. */
export interface FaultState {
  /** For `clear`. */
  readonly id: number;
  readonly fault: Fault;
  /** Calls that were hit. */
  readonly hits: number;
  /** Calls that hang now. */
  readonly held: number;
}

/** A fault that a call has met. */
export interface Hit {
  readonly fault: Fault;
  /** Resolves when the fault is cleared, or `given` up. Never rejects. */
  hold(givenUp: AbortSignal): Promise<void>;
}

/** How a service takes part, beyond asking for its calls. */
export interface FaultPoint {
  /** @returns why it cannot do that here, a sentence. */
  refusal?(fault: Fault): string | undefined;
  /** Called before the first call that the fault may hit. */
  onSet?(): void;
}

export interface FaultRegistryOptions {
  readonly clock: Clock;
  /** By their names for people: the names in the template. */
  readonly functions: ReadonlyMap<string, string>;
  /** 0 to 1, 1 excluded. Default: Math.random. */
  readonly random?: () => number;
}

interface Entry {
  readonly id: number;
  readonly fault: Fault;
  readonly clearing: AbortController;
  left: number;
  hits: number;
  held: number;
}

/** The faults that are set, in memory only: a start begins without any. The first that matches a call is the one that hits it. */
export class FaultRegistry {
  readonly clock: Clock;
  readonly #functions: ReadonlyMap<string, string>;
  readonly #random: () => number;
  readonly #points = new Map<FaultService, FaultPoint>();
  #entries: Entry[] = [];
  #lastId = 0;

  constructor({ clock, functions, random = Math.random }: FaultRegistryOptions) {
    this.clock = clock;
    this.#functions = functions;
    this.#random = random;
  }

  /** Of each call of each service: nothing more may be spent where it is false. */
  get any(): boolean {
    return this.#entries.length > 0;
  }

  /** A fault of this service is set. */
  has(service: FaultService): boolean {
    return this.#entries.some(({ fault }) => fault.service === service);
  }

  /** Whether a fault of this service goes by its caller, and might go by a call of this function. */
  goesBy(service: FaultService, functionName: string): boolean {
    return this.#entries.some(({ fault }) => {
      if (fault.service !== service) return false;
      if (fault.function !== undefined) return this.#functions.get(fault.function) === functionName;
      return fault.kind.startsWith('crash-');
    });
  }

  join(service: FaultService, point: FaultPoint): void {
    this.#points.set(service, point);
  }

  /** @throws FaultError */
  set(input: Fault): FaultState {
    const fault = checkFault(input, [...this.#functions.keys()]);
    const point = this.#points.get(fault.service);
    const refusal = point?.refusal?.(fault);
    if (refusal !== undefined) throw new FaultError(refusal);
    this.#lastId += 1;
    const left = fault.times ?? Number.POSITIVE_INFINITY;
    const entry: Entry = { id: this.#lastId, fault, clearing: new AbortController(), left, hits: 0, held: 0 };
    this.#entries.push(entry);
    if (fault.seconds !== undefined) {
      void this.clock.sleep(fault.seconds * 1000, entry.clearing.signal).then(() => this.#remove(entry));
    }
    point?.onSet?.();
    return stateOf(entry);
  }

  list(): FaultState[] {
    return this.#entries.map(stateOf);
  }

  /** @returns how many were cleared: all without an `id`. */
  clear(id?: number): number {
    const cleared = this.#entries.filter((entry) => id === undefined || entry.id === id);
    for (const entry of cleared) this.#remove(entry);
    return cleared.length;
  }

  match(call: FaultableCall): Hit | undefined {
    const entry = this.#entries.find((each) => this.#hits(each, call));
    if (!entry) return undefined;
    entry.hits += 1;
    entry.left -= 1;
    const { fault } = entry;
    // A call that hangs is still the fault's: it has to be there to be cleared.
    if (entry.left === 0 && fault.kind !== 'hang') this.#remove(entry);
    return { fault, hold: (givenUp) => this.#hold(entry, givenUp) };
  }

  #hits({ fault, left }: Entry, { service, operation, caller }: FaultableCall): boolean {
    if (left === 0 || fault.service !== service) return false;
    if (fault.operation !== undefined && fault.operation !== operation) return false;
    if (fault.function !== undefined && this.#functions.get(fault.function) !== caller?.functionName) return false;
    if (fault.kind.startsWith('crash-') && caller === undefined) return false;
    return fault.rate === undefined || this.#random() < fault.rate;
  }

  async #hold(entry: Entry, givenUp: AbortSignal): Promise<void> {
    entry.held += 1;
    const { promise, resolve } = Promise.withResolvers<void>();
    const over = AbortSignal.any([entry.clearing.signal, givenUp]);
    if (over.aborted) resolve();
    else over.addEventListener('abort', () => resolve(), { once: true });
    await promise;
    entry.held -= 1;
    if (entry.left === 0 && entry.held === 0) this.#remove(entry);
  }

  #remove(entry: Entry): void {
    this.#entries = this.#entries.filter((each) => each !== entry);
    entry.clearing.abort();
  }
}

function stateOf({ id, fault, hits, held }: Entry): FaultState {
  return { id, fault, hits, held };
}
