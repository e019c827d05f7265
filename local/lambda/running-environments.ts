import type { IncomingMessage } from 'node:http';

/** An execution environment, to whoever wants to know who called and to end it. */
export interface RunningEnvironment {
  /** What its log stream ends with, and what the SDKs in it write into their calls. */
  readonly id: string;
  readonly pid: number;
  /** In the template. */
  readonly functionName: string;
  /** An invocation runs in it. */
  readonly busy: boolean;
  /** Kills it as a failure of its host would; the invocation in it fails. */
  crash(): void;
}

/** All that there are, of all functions. */
export class RunningEnvironments {
  readonly #byId = new Map<string, RunningEnvironment>();

  add(environment: RunningEnvironment): void {
    this.#byId.set(environment.id, environment);
  }

  remove({ id }: RunningEnvironment): void {
    this.#byId.delete(id);
  }

  all(): RunningEnvironment[] {
    return [...this.#byId.values()];
  }

  /** Of a call by an SDK. The credentials do not say it: all environments of a function have the same. */
  callerOf({ headers }: IncomingMessage): RunningEnvironment | undefined {
    const [, id] = /\bapp\/([0-9a-f]+)/.exec(headers['user-agent'] ?? '') ?? [];
    return id === undefined ? undefined : this.#byId.get(id);
  }
}
