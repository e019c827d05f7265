import { randomBytes, randomUUID } from 'node:crypto';
import type { Clock } from '../clock.ts';
import type { HttpFaults } from '../faults/http-faults.ts';
import type { LocalLog } from '../log.ts';
import { AsyncInvocations } from './async-invocations.ts';
import type { FunctionConfig, InvokeResult } from './function-config.ts';
import { responseTooLarge } from './function-error.ts';
import { functionArn, localFunctionName } from './function-name.ts';
import { FunctionPool, type PoolEnding } from './function-pool.ts';
import type { InvocationRequest, Invoker } from './invoker.ts';
import { type Authorize, startLambdaApi } from './lambda-api.ts';
import { LambdaError } from './lambda-error.ts';
import {
  DEFAULT_MAX_ENVIRONMENTS,
  DEFAULT_MAXIMUM_EVENT_AGE_MS,
  MAX_ASYNC_PAYLOAD_BYTES,
  MAX_STREAMED_RESPONSE_BYTES,
  MAX_SYNC_PAYLOAD_BYTES,
  MAX_SYNC_WAIT_MS,
} from './limits.ts';
import { startMemoryWatch } from './memory-watch.ts';
import { startOrphanGuard } from './orphan-guard.ts';
import { RunningEnvironments } from './running-environments.ts';

export type { FunctionConfig, InvokeResult } from './function-config.ts';

export interface LambdaService extends AsyncDisposable {
  /** The value of AWS_ENDPOINT_URL_LAMBDA. */
  readonly url: string;
  /** Starts nothing yet. The name must be new. */
  register(config: FunctionConfig): void;
  /**
   * RequestResponse. Rejects only when the function could not be run: unknown, payload too large, service stopped.
   * @param functionName a name or an ARN
   */
  invoke(functionName: string, event: unknown): Promise<InvokeResult>;
  /** Event: queued, and tried again as the function's settings say. Throws as `invoke` rejects. */
  invokeAsync(functionName: string, event: unknown): void;
  /** Starts one environment of each function and freezes it. Resolves when all have started or failed to. */
  prewarm(): Promise<void>;
  /** The processes of the execution environments that there are now; each leads a process group. */
  environmentIds(): number[];
}

export interface LambdaServiceOptions {
  readonly clock: Clock;
  readonly log: LocalLog;
  readonly region: string;
  readonly accountId: string;
  /** Of each function that says nothing else; further invocations wait in line. Default: 8. */
  readonly maxEnvironmentsPerFunction?: number;
  /** Asked for each call of the HTTP endpoint. Default: everything is allowed. */
  readonly authorize?: Authorize;
  /** Before each call of the HTTP endpoint; who calls the other services is found in its environments. */
  readonly faults?: HttpFaults;
}

export async function startLambdaService(options: LambdaServiceOptions): Promise<LambdaService> {
  const functions = new LocalFunctions(options);
  const { region, accountId, authorize, faults } = options;
  const api = await startLambdaApi({ invoker: functions, region, accountId, authorize, faults });
  return {
    url: api.url,
    register: (config) => functions.register(config),
    invoke: async (name, event) => functions.request(name, { event: jsonOf(event), requestId: randomUUID() }),
    invokeAsync: (name, event) => functions.queue(name, { event: jsonOf(event), requestId: randomUUID() }),
    prewarm: () => functions.prewarm(),
    environmentIds: () => functions.environmentIds(),
    async [Symbol.asyncDispose]() {
      await api[Symbol.asyncDispose]();
      await functions[Symbol.asyncDispose]();
    },
  };
}

function jsonOf(event: unknown): string {
  return JSON.stringify(event) ?? 'null';
}

class LocalFunctions implements Invoker {
  readonly #options: LambdaServiceOptions;
  readonly #pools = new Map<string, FunctionPool>();
  readonly #memory = startMemoryWatch();
  readonly #guard = startOrphanGuard();
  readonly #queue: AsyncInvocations;
  readonly #environments: RunningEnvironments;

  constructor(options: LambdaServiceOptions) {
    this.#options = options;
    this.#environments = options.faults?.environments ?? new RunningEnvironments();
    this.#queue = new AsyncInvocations(options.clock, options.log);
  }

  register(config: FunctionConfig): void {
    if (this.#pools.has(config.name)) throw new Error(`There is a function ${config.name} already.`);
    const { clock, log, region, maxEnvironmentsPerFunction = DEFAULT_MAX_ENVIRONMENTS } = this.#options;
    const shared = { memory: this.#memory, guard: this.#guard, environments: this.#environments };
    const context = { clock, log, region, ...shared };
    const maxEnvironments = config.maxEnvironments ?? maxEnvironmentsPerFunction;
    this.#pools.set(config.name, new FunctionPool(config, context, maxEnvironments));
  }

  configOf(functionName: string): FunctionConfig {
    return this.#pool(functionName).config;
  }

  async request(functionName: string, request: InvocationRequest): Promise<InvokeResult> {
    const expiresAt = this.#options.clock.now() + MAX_SYNC_WAIT_MS;
    const ending = await this.#begin(functionName, request, MAX_SYNC_PAYLOAD_BYTES, expiresAt);
    if (ending.outcome === 'expired') throw new LambdaError('TooManyRequestsException', 'Rate Exceeded.');
    if (ending.outcome === 'failed') return { functionError: 'Unhandled', payload: JSON.stringify(ending.error) };
    if (ending.outcome !== 'result') throw new LambdaError('ServiceException', 'The local Lambda service has stopped.');
    if (ending.payload.length <= MAX_SYNC_PAYLOAD_BYTES) return { payload: ending.payload.toString() };
    return { functionError: 'Unhandled', payload: JSON.stringify(responseTooLarge(MAX_SYNC_PAYLOAD_BYTES)) };
  }

  queue(functionName: string, request: InvocationRequest): void {
    const { maximumRetryAttempts, maximumEventAgeMs = DEFAULT_MAXIMUM_EVENT_AGE_MS } = this.configOf(functionName);
    checkSize(request.event, MAX_ASYNC_PAYLOAD_BYTES);
    const expiresAt = this.#options.clock.now() + maximumEventAgeMs;
    const { requestId } = request;
    const run = () => this.#begin(functionName, request, MAX_ASYNC_PAYLOAD_BYTES, expiresAt);
    void this.#queue.deliver({ functionName, requestId, maximumRetryAttempts, expiresAt, run });
  }

  async prewarm(): Promise<void> {
    await Promise.all([...this.#pools.values()].map((pool) => pool.prewarm()));
  }

  environmentIds(): number[] {
    return [...this.#pools.values()].flatMap((pool) => pool.environmentIds);
  }

  async #begin(
    functionName: string,
    request: InvocationRequest,
    limitBytes: number,
    expiresAt?: number,
  ): Promise<PoolEnding> {
    const pool = this.#pool(functionName);
    checkSize(request.event, limitBytes);
    const chunks: Buffer[] = [];
    const ending = await pool.invoke({
      ...request,
      invokedFunctionArn: functionArn(this.#options, functionName),
      traceId: request.traceId ?? newTraceId(),
      maxStreamedBytes: request.onChunk ? MAX_STREAMED_RESPONSE_BYTES : MAX_SYNC_PAYLOAD_BYTES,
      // A streamed response to a caller that does not stream is gathered.
      onChunk: request.onChunk ?? ((chunk) => void chunks.push(chunk)),
      expiresAt,
    });
    if (ending.outcome !== 'result' || !ending.streamed || request.onChunk) return ending;
    return { ...ending, payload: Buffer.concat(chunks) };
  }

  #pool(functionName: string): FunctionPool {
    const name = localFunctionName(functionName, this.#options);
    const pool = name === undefined ? undefined : this.#pools.get(name);
    if (pool) return pool;
    throw new LambdaError(
      'ResourceNotFoundException',
      `Function not found: ${functionArn(this.#options, functionName)}`,
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#queue[Symbol.dispose]();
    await Promise.all([...this.#pools.values()].map((pool) => pool.dispose()));
    this.#memory[Symbol.dispose]();
    await this.#guard[Symbol.asyncDispose]();
  }
}

function checkSize(event: string, limitBytes: number): void {
  if (Buffer.byteLength(event) <= limitBytes) return;
  const message = `Request must be smaller than ${limitBytes} bytes for the InvokeFunction operation`;
  throw new LambdaError('RequestTooLargeException', message);
}

function newTraceId(): string {
  return `Root=1-${randomBytes(4).toString('hex')}-${randomBytes(12).toString('hex')};Sampled=0`;
}
