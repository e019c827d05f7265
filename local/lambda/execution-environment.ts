import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import type { Clock } from '../clock.ts';
import type { LocalLog } from '../log.ts';
import { type EnvironmentFrame, encodeFrame, frameReader, type InvokeFrame } from './control-frames.ts';
import { environmentVariables } from './environment-variables.ts';
import type { FunctionConfig } from './function-config.ts';
import { exited, type FunctionError, outOfMemory, timedOut } from './function-error.ts';
import { INIT_TIMEOUT_MS } from './limits.ts';
import type { MemoryWatch } from './memory-watch.ts';
import type { OrphanGuard } from './orphan-guard.ts';
import type { RunningEnvironment } from './running-environments.ts';

export interface EnvironmentContext {
  readonly clock: Clock;
  readonly log: LocalLog;
  readonly region: string;
  readonly memory: MemoryWatch;
  readonly guard: OrphanGuard;
}

export interface EnvironmentInvocation
  extends Pick<InvokeFrame, 'requestId' | 'invokedFunctionArn' | 'traceId' | 'maxStreamedBytes'> {
  /** JSON text. */
  readonly event: string;
  /** Called before the first chunk, only where the handler streams. */
  readonly onContentType?: (contentType: string) => void;
  readonly onChunk?: (chunk: Buffer) => void;
}

/** How an invocation, or the start of an environment, ended. */
export type Ending =
  | { readonly outcome: 'result'; readonly payload: Buffer; readonly streamed: boolean; readonly maxRssBytes: number }
  | { readonly outcome: 'failed'; readonly error: FunctionError }
  /** The service stops: nobody is to be told anything. */
  | { readonly outcome: 'stopped' };

/** Why a process was killed. `fatal`: it has said why itself. `fault`: for no reason of its own. */
type KillReason = 'timeout' | 'memory' | 'retired' | 'fatal' | 'fault';

const BOOTSTRAP = fileURLToPath(new URL('bootstrap.mjs', import.meta.url));

/** What V8 says before it aborts at the end of its heap. */
const HEAP_EXHAUSTED = /heap out of memory|Reached heap limit/;

/** The shares of the memory that V8's old and young generations get, about as in the real runtime: buffers and code need the rest. */
const OLD_SPACE_SHARE = 0.9;
const SEMI_SPACE_SHARE = 0.05;

function memoryFlags(memoryMb: number): string[] {
  return [
    `--max-old-space-size=${Math.floor(memoryMb * OLD_SPACE_SHARE)}`,
    `--max-semi-space-size=${Math.max(1, Math.floor(memoryMb * SEMI_SPACE_SHARE))}`,
  ];
}

/**
 * One process that serves one invocation after the other. It leads a process group of its own, so that whatever the
 * handler starts is stopped, continued and killed with it.
 */
export class ExecutionEnvironment implements RunningEnvironment {
  /** Resolves when the process has gone. */
  readonly gone: Promise<void>;
  readonly pid: number;
  readonly id = randomBytes(16).toString('hex');
  readonly #config: FunctionConfig;
  readonly #context: EnvironmentContext;
  readonly #child: ChildProcess;
  readonly #control: Socket;
  #current: { requestId: string; invocation?: EnvironmentInvocation; settle: (ending: Ending) => void } | undefined;
  #stopWatching: (() => void) | undefined;
  #frozen = false;
  #heapExhausted = false;
  #killedFor: KillReason | undefined;

  constructor(config: FunctionConfig, context: EnvironmentContext) {
    this.#config = config;
    this.#context = context;
    const network = config.network ? [JSON.stringify(config.network)] : [];
    this.#child = spawn(process.execPath, [...memoryFlags(config.memoryMb), BOOTSTRAP, ...network], {
      cwd: config.codeDir,
      detached: true,
      env: environmentVariables(config, { region: context.region, id: this.id, startedAt: context.clock.now() }),
      stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
    });
    this.#control = this.#child.stdio[3] as Socket;
    this.pid = this.#child.pid ?? 0;
    this.gone = this.#follow();
    if (this.pid) context.guard.add(this.pid);
  }

  /** Loads the handler. @returns why it could not; undefined: it is ready. */
  async start(requestId: string): Promise<Ending | undefined> {
    const ending = await this.#within(INIT_TIMEOUT_MS + this.#config.timeoutMs, requestId);
    return ending.outcome === 'result' ? undefined : ending;
  }

  /** MUST NOT be called before `start` has resolved, nor while an invocation is running. */
  invoke(invocation: EnvironmentInvocation): Promise<Ending> {
    this.#thaw();
    const { event, requestId, invokedFunctionArn, traceId, maxStreamedBytes } = invocation;
    const { timeoutMs } = this.#config;
    const header: InvokeFrame = { type: 'invoke', requestId, invokedFunctionArn, traceId, timeoutMs, maxStreamedBytes };
    const ending = this.#within(timeoutMs, requestId, invocation);
    this.#control.write(encodeFrame(header, event));
    return ending;
  }

  /** Nothing in it goes on until the next invocation. */
  freeze(): void {
    this.#frozen = true;
    this.#signal('SIGSTOP');
  }

  #thaw(): void {
    if (this.#frozen) this.#signal('SIGCONT');
    this.#frozen = false;
  }

  /** The whole group, stopped or not. */
  kill(reason: KillReason = 'retired'): Promise<void> {
    this.#killedFor ??= reason;
    this.#signal('SIGKILL');
    return this.gone;
  }

  crash(): void {
    void this.kill('fault');
  }

  #signal(signal: NodeJS.Signals): void {
    try {
      if (this.pid) process.kill(-this.pid, signal);
    } catch {
      // ESRCH: all of the group have ended; macOS says EPERM while they wait to be reaped.
    }
  }

  /** Runs one phase under the limits of time and memory. */
  #within(limitMs: number, requestId: string, invocation?: EnvironmentInvocation): Promise<Ending> {
    const { clock, memory } = this.#context;
    const over = new AbortController();
    clock.sleep(limitMs, over.signal).then(() => {
      if (!over.signal.aborted) this.kill('timeout');
    });
    const limitBytes = this.#config.memoryMb * 1024 * 1024;
    this.#stopWatching = memory.watch(this.pid, limitBytes, () => this.kill('memory'));
    return new Promise<Ending>((resolve) => {
      const settle = (ending: Ending) => {
        this.#current = undefined;
        this.#stopWatching?.();
        over.abort();
        resolve(ending);
      };
      this.#current = { requestId, invocation, settle };
    });
  }

  async #follow(): Promise<void> {
    const { log, guard } = this.#context;
    this.#control.on(
      'data',
      frameReader((header, body) => this.#onFrame(header, body)),
    );
    this.#control.on('error', () => undefined); // EPIPE: its end is told by the exit
    this.#forward(this.#child.stdout!);
    this.#forward(this.#child.stderr!);
    const [code, signal] = await new Promise<[number | null, NodeJS.Signals | null]>((resolve) => {
      this.#child.once('error', (error) => {
        log.error(this.#config.name, `The environment could not be started: ${error.message}`);
        resolve([-1, null]);
      });
      this.#child.once('exit', (...how) => {
        this.#signal('SIGKILL'); // what the handler started and left behind, and that holds the pipes open
        // All pipes have been read when it closes; a process that left the group may hold them, but not us.
        const patience = setTimeout(() => resolve(how), 1000); // 1 s
        this.#child.once('close', () => {
          clearTimeout(patience);
          resolve(how);
        });
      });
    });
    guard.remove(this.pid);
    this.#stopWatching?.();
    this.#control.destroy();
    this.#current?.settle(this.#endingOfExit(this.#current.requestId, code, signal));
  }

  #endingOfExit(requestId: string, code: number | null, signal: NodeJS.Signals | null): Ending {
    if (this.#killedFor === 'retired') return { outcome: 'stopped' };
    if (this.#killedFor === 'timeout') {
      return { outcome: 'failed', error: timedOut(requestId, this.#config.timeoutMs) };
    }
    if (this.#killedFor === 'memory' || this.#heapExhausted)
      return { outcome: 'failed', error: outOfMemory(requestId) };
    return { outcome: 'failed', error: exited(requestId, code, signal) };
  }

  #forward(stream: Readable): void {
    createInterface({ input: stream }).on('line', (line) => {
      if (HEAP_EXHAUSTED.test(line)) this.#heapExhausted = true;
      this.#context.log.line(this.#config.name, line);
    });
  }

  #onFrame(header: EnvironmentFrame, body: Buffer): void {
    const { type, contentType = '', streamed = false, maxRssBytes = 0 } = header;
    if (type === 'content-type') this.#current?.invocation?.onContentType?.(contentType);
    else if (type === 'chunk') this.#current?.invocation?.onChunk?.(body);
    else if (type === 'unreachable') this.#context.log.error(this.#config.name, body.toString());
    else if (type === 'ready' || type === 'result') {
      this.#current?.settle({ outcome: 'result', payload: body, streamed, maxRssBytes });
    } else {
      this.#current?.settle({ outcome: 'failed', error: JSON.parse(body.toString()) });
      if (type !== 'error') this.kill('fatal');
    }
  }

  get functionName(): string {
    return this.#config.name;
  }

  get busy(): boolean {
    return this.#current?.invocation !== undefined;
  }

  /** It can take another invocation. */
  get usable(): boolean {
    return this.#killedFor === undefined && this.#child.exitCode === null && this.#child.signalCode === null;
  }
}
