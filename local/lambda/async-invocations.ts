import { setMaxListeners } from 'node:events';
import type { Clock } from '../clock.ts';
import type { LocalLog } from '../log.ts';
import type { PoolEnding } from './function-pool.ts';
import { ASYNC_RETRY_DELAYS_MS } from './limits.ts';

export interface AsyncInvocation {
  readonly functionName: string;
  readonly requestId: string;
  readonly maximumRetryAttempts: number;
  readonly expiresAt: number;
  readonly run: () => Promise<PoolEnding>;
}

/**
 * The queue of asynchronous invocations: each is tried again until it succeeds, its retries are used up or it is
 * too old. What is waiting is lost when the service stops; the real one keeps it.
 */
export class AsyncInvocations {
  readonly #clock: Clock;
  readonly #log: LocalLog;
  readonly #stopped = new AbortController();

  constructor(clock: Clock, log: LocalLog) {
    this.#clock = clock;
    this.#log = log;
    setMaxListeners(0, this.#stopped.signal); // one for each that waits for its retry
  }

  async deliver(invocation: AsyncInvocation): Promise<void> {
    const { functionName, requestId, maximumRetryAttempts, expiresAt } = invocation;
    const give = (up: string) => this.#log.error(functionName, `The event of ${requestId} is discarded: ${up}.`);
    for (let attempt = 0; !this.#stopped.signal.aborted; attempt += 1) {
      const { outcome } = await invocation.run();
      if (outcome === 'result' || outcome === 'stopped') return;
      if (outcome === 'expired') return give('it waited longer than its maximum age');
      if (attempt >= maximumRetryAttempts) return give(`it failed ${attempt + 1} times`);
      const delayMs = ASYNC_RETRY_DELAYS_MS[attempt] ?? ASYNC_RETRY_DELAYS_MS.at(-1)!;
      if (this.#clock.now() + delayMs >= expiresAt) return give('its next attempt would exceed its maximum age');
      this.#log.warn(functionName, `${requestId} failed, and is tried again in ${delayMs / 60_000} min.`);
      await this.#clock.sleep(delayMs, this.#stopped.signal);
    }
  }

  [Symbol.dispose](): void {
    this.#stopped.abort();
  }
}
