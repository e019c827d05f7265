import type { Faults } from '../../../local/faults/faults.ts';
import { sleep } from '../clients/patience.ts';
import type { History } from '../history.ts';
import type { FaultAction, FaultPlan, PlannedFault } from './plan.ts';

export interface InjectorOptions {
  readonly faults: Faults;
  readonly plan: FaultPlan;
  readonly history: History;
  /** How much of the uploads has been sent, 0 to 1. At 1 nothing more is injected. */
  readonly progress: () => number;
  readonly isCalm: (progress: number) => boolean;
  /** Told of each fault that happened. */
  readonly count: (what: string) => void;
  readonly signal: AbortSignal;
}

const GLANCE_MS = 50;

/** A kill waits for an invocation that it can hit, and a crash for its call; then another fault has its turn. */
const PATIENCE_MS = 12_000;

/** It runs once a minute. */
const SWEEPER_PATIENCE_MS = 75_000;

/** Carries the plan out. Resolves when it is through, or the uploads are all sent; no fault is set any more then. */
export async function inject(options: InjectorOptions): Promise<void> {
  let last = 0;
  const newId = () => {
    last += 1;
    return last;
  };
  const lanes = Object.entries(options.plan) as [keyof FaultPlan, readonly PlannedFault[]][];
  await Promise.all(
    lanes.map(async ([name, lane]) => {
      const patienceMs = name === 'sweeper' ? SWEEPER_PATIENCE_MS : PATIENCE_MS;
      for (const { at, action } of lane) {
        if (!(await reach(options, at))) return;
        await new Injection(options, newId(), patienceMs).run(action);
      }
    }),
  );
}

/** @returns false when there will be no more faults. */
async function reach({ progress, isCalm, signal }: InjectorOptions, at: number): Promise<boolean> {
  while (!signal.aborted && progress() < 1) {
    if (progress() >= at && !isCalm(progress())) return true;
    await sleep(GLANCE_MS, signal);
  }
  return false;
}

class Injection {
  readonly #options: InjectorOptions;
  readonly #until: number;
  readonly #id: number;

  constructor(options: InjectorOptions, id: number, patienceMs: number) {
    this.#options = options;
    this.#id = id;
    this.#until = Date.now() + patienceMs;
  }

  async run(action: FaultAction): Promise<void> {
    switch (action.do) {
      case 'kill':
        return await this.#kill(action.function);
      case 'crash':
        return await this.#crash(action);
      case 'burst':
        return await this.#burst(action);
      case 'redis':
        return await this.#during(`redis ${action.action}`, () => this.#options.faults.redis(action.action));
      case 'redis-stop':
        return await this.#during('redis stopped', () => this.#stopRedis(action.ms));
      case 'drop-sockets':
        return await this.#during('sockets dropped', async () => {
          const cut = this.#options.faults.dropSockets({ disconnect: action.disconnect });
          this.#options.count(`sockets cut: ${cut}`);
        });
    }
  }

  get #waits(): boolean {
    const { signal, progress } = this.#options;
    return Date.now() < this.#until && !signal.aborted && progress() < 1;
  }

  async #kill(name: string): Promise<void> {
    const { faults, signal } = this.#options;
    while (this.#waits) {
      if (faults.kill(name) > 0) {
        this.#note(`kill ${name}`);
        return;
      }
      await sleep(GLANCE_MS, signal);
    }
  }

  async #crash({ fault }: Extract<FaultAction, { do: 'crash' }>): Promise<void> {
    const { faults, signal } = this.#options;
    const { id } = faults.set(fault);
    const isSet = () => faults.list().some((each) => each.id === id);
    while (this.#waits && isSet()) await sleep(GLANCE_MS, signal);
    if (isSet()) faults.clear(id);
    else this.#note(`${fault.kind} ${fault.function} at ${fault.service} ${fault.operation}`);
  }

  async #burst({ fault, ms }: Extract<FaultAction, { do: 'burst' }>): Promise<void> {
    const { faults, signal, count } = this.#options;
    const what = `${fault.service} ${fault.operation ?? 'all'} ${fault.kind} ${fault.code ?? ''}`.trim();
    await this.#during(`burst: ${what}, rate ${fault.rate}, ${ms} ms`, async () => {
      const { id } = faults.set(fault);
      await sleep(ms, signal);
      const hits = faults.list().find((each) => each.id === id)?.hits ?? 0;
      faults.clear(id);
      count(`calls hit: ${hits}`);
    });
  }

  async #stopRedis(ms: number): Promise<void> {
    const { faults, signal } = this.#options;
    await faults.redis('stop');
    await sleep(ms, signal);
    await faults.redis('continue');
  }

  async #during(what: string, action: () => Promise<void>): Promise<void> {
    this.#note(what);
    await action();
    this.#options.history.add({ kind: 'fault-over', fault: this.#id });
  }

  #note(what: string): void {
    const { history, count } = this.#options;
    history.add({ kind: 'fault', fault: this.#id, what });
    count(what.split(/[:,]/)[0]!);
  }
}
