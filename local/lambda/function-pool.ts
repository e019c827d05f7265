import { randomUUID } from 'node:crypto';
import {
  type Ending,
  type EnvironmentContext,
  type EnvironmentInvocation,
  ExecutionEnvironment,
} from './execution-environment.ts';
import type { FunctionConfig } from './function-config.ts';
import { IDLE_ENVIRONMENT_MS } from './limits.ts';
import type { RunningEnvironments } from './running-environments.ts';

export interface PoolContext extends EnvironmentContext {
  readonly environments: RunningEnvironments;
}

export interface PooledInvocation extends EnvironmentInvocation {
  /** Past this the invocation is not begun any more. Default: never. */
  readonly expiresAt?: number;
}

export type PoolEnding = Ending | { readonly outcome: 'expired' };

interface Waiting {
  readonly invocation: PooledInvocation;
  readonly resolve: (ending: PoolEnding) => void;
}

/**
 * The execution environments of one function, and the line before them. An invocation takes whichever environment is
 * free first, be it one that has just finished or one that has just started: none waits for a cold start while another is idle.
 */
export class FunctionPool {
  readonly #config: FunctionConfig;
  readonly #context: PoolContext;
  readonly #maxEnvironments: number;
  readonly #line: Waiting[] = [];
  readonly #all = new Set<ExecutionEnvironment>();
  /** The one used last is used first, so that those that are not needed grow old. The value ends its retirement. */
  readonly #idle = new Map<ExecutionEnvironment, AbortController>();
  #starting = 0;
  #stopped = false;

  constructor(config: FunctionConfig, context: PoolContext, maxEnvironments: number) {
    this.#config = config;
    this.#context = context;
    this.#maxEnvironments = maxEnvironments;
  }

  get config(): FunctionConfig {
    return this.#config;
  }

  get environmentIds(): number[] {
    return [...this.#all].map((environment) => environment.pid);
  }

  invoke(invocation: PooledInvocation): Promise<PoolEnding> {
    if (this.#stopped) return Promise.resolve({ outcome: 'stopped' });
    return new Promise((resolve) => {
      this.#line.push({ invocation, resolve });
      this.#advance();
    });
  }

  /** Starts one environment, if there is none, and freezes it. What is wrong with it is told by the next invocation too. */
  async prewarm(): Promise<void> {
    if (this.#all.size === 0 && !this.#stopped) await this.#start();
  }

  async dispose(): Promise<void> {
    this.#stopped = true;
    for (const { resolve } of this.#line.splice(0)) resolve({ outcome: 'stopped' });
    for (const retirement of this.#idle.values()) retirement.abort();
    this.#idle.clear();
    await Promise.all([...this.#all].map((environment) => environment.kill()));
  }

  #advance(): void {
    while (this.#line.length > 0 && this.#idle.size > 0) {
      const waiting = this.#next();
      if (waiting) void this.#run(this.#takeIdle(), waiting);
    }
    while (this.#line.length > this.#starting && this.#all.size < this.#maxEnvironments && !this.#stopped) {
      void this.#start();
    }
  }

  /** @returns the first that is not too old. */
  #next(): Waiting | undefined {
    for (;;) {
      const waiting = this.#line.shift();
      const { expiresAt = Number.POSITIVE_INFINITY } = waiting?.invocation ?? {};
      if (!waiting || this.#context.clock.now() < expiresAt) return waiting;
      waiting.resolve({ outcome: 'expired' });
    }
  }

  #takeIdle(): ExecutionEnvironment {
    const [environment, retirement] = [...this.#idle].at(-1)!;
    this.#idle.delete(environment);
    retirement.abort();
    return environment;
  }

  async #start(): Promise<void> {
    const environment = new ExecutionEnvironment(this.#config, this.#context);
    this.#all.add(environment);
    this.#context.environments.add(environment);
    void environment.gone.then(() => this.#forget(environment));
    this.#starting += 1;
    // The invocation that waits gets its start's error under its own id, as the real service reports it.
    const requestId = this.#line[0]?.invocation.requestId ?? randomUUID();
    const startedAt = performance.now();
    const failure = await environment.start(requestId);
    this.#starting -= 1;
    if (!failure) {
      this.#say(`INIT_START Runtime Version: ${process.version} Init Duration: ${milliseconds(startedAt)} ms`);
      this.#release(environment);
      return;
    }
    if (failure.outcome === 'failed') {
      const { errorType, errorMessage } = failure.error;
      this.#context.log.error(this.#config.name, `The environment did not start: ${errorType}: ${errorMessage}`);
    }
    // Answered before there is room again: else its end would be the reason for one more start.
    this.#next()?.resolve(failure);
    await environment.kill();
  }

  async #run(environment: ExecutionEnvironment, { invocation, resolve }: Waiting): Promise<void> {
    const { requestId } = invocation;
    this.#say(`START RequestId: ${requestId} Version: $LATEST`);
    const startedAt = performance.now();
    const ending = await environment.invoke(invocation);
    const duration = milliseconds(startedAt);
    this.#release(environment);
    resolve(ending);
    // What the handler printed before it returned has come in by the next turn of the loop.
    setImmediate(() => this.#report(requestId, duration, ending));
  }

  #report(requestId: string, duration: string, ending: Ending): void {
    const { memoryMb, name } = this.#config;
    if (ending.outcome === 'failed') {
      const { errorType, errorMessage, trace = [] } = ending.error;
      this.#context.log.error(name, [`${errorType}: ${errorMessage}`, ...trace.slice(1)].join('\n'));
    }
    const used =
      ending.outcome === 'result' ? `\tMax Memory Used: ${Math.ceil(ending.maxRssBytes / 1024 / 1024)} MB` : '';
    this.#say(`END RequestId: ${requestId}`);
    this.#say(`REPORT RequestId: ${requestId}\tDuration: ${duration} ms\tMemory Size: ${memoryMb} MB${used}`);
  }

  #say(text: string): void {
    this.#context.log.line(this.#config.name, text);
  }

  /** Gives the environment to the next in line, or freezes it until there is one. */
  #release(environment: ExecutionEnvironment): void {
    if (this.#stopped || !environment.usable) {
      this.#advance();
      return;
    }
    const waiting = this.#next();
    if (waiting) {
      void this.#run(environment, waiting);
      return;
    }
    environment.freeze();
    const retirement = new AbortController();
    this.#idle.set(environment, retirement);
    void this.#context.clock.sleep(IDLE_ENVIRONMENT_MS, retirement.signal).then(() => {
      if (retirement.signal.aborted) return;
      this.#idle.delete(environment);
      void environment.kill();
    });
  }

  #forget(environment: ExecutionEnvironment): void {
    this.#all.delete(environment);
    this.#context.environments.remove(environment);
    this.#idle.get(environment)?.abort();
    this.#idle.delete(environment);
    this.#advance(); // there is room for another one
  }
}

function milliseconds(since: number): string {
  return (performance.now() - since).toFixed(2);
}
