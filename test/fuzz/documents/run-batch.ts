import { type ChildProcess, fork } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { EXTRACT_LIMITS } from '../../../adapters/extract/limits.ts';
import type { BatchMessage, BatchRequest } from './batch-worker.ts';
import type { DocumentVerdict } from './check-document.ts';

/** As often as this a reader that does not come back is looked for, and its memory. */
const LOOK_EVERY_MS = 100;

export interface BatchEvents {
  onVerdict(index: number, verdict: DocumentVerdict, cpuMs: number): void;
  /** Nobody caught what was thrown while this one was read. What comes after it finds its child gone, where it has one of its own. */
  onUncaught(index: number, error: string): void;
  /** It took all the time or memory that a document may have, and was stopped as it would be in its own child. */
  onStopped(index: number, why: 'time' | 'memory' | 'crash'): void;
}

type Limits = Pick<typeof EXTRACT_LIMITS, 'heapMb' | 'wallClockMs' | 'rssBytes'>;

export interface BatchOptions {
  /** Default: the one that reads documents. */
  readonly worker?: URL;
  /** Default: EXTRACT_LIMITS. */
  readonly limits?: Limits;
}

/**
 * Tries documents in one process with the limits of a document's own child, and stops it where a document reaches one.
 * @returns those that are still to be tried: none where nothing was stopped.
 */
export async function runBatch(
  request: BatchRequest,
  events: BatchEvents,
  { worker = new URL('./batch-worker.ts', import.meta.url), limits = EXTRACT_LIMITS }: BatchOptions = {},
): Promise<readonly number[]> {
  const child = fork(worker, [], {
    execArgv: [`--max-old-space-size=${limits.heapMb}`],
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  const { promise: exited, resolve } = Promise.withResolvers<void>();
  child.on('close', resolve);
  let current: { index: number; at: number } | undefined;
  let done = 0;
  child.on('message', (message: BatchMessage) => {
    if ('begun' in message) current = { index: message.begun, at: performance.now() };
    else if ('uncaught' in message) {
      if (current) events.onUncaught(current.index, message.uncaught);
    } else {
      current = undefined;
      done += 1;
      events.onVerdict(message.ended, message.verdict, message.cpuMs);
    }
  });
  child.send(request);
  let stopped: 'time' | 'memory' | undefined;
  const look = () => {
    stopped ??= reachedLimit(child, current, limits);
    if (stopped) child.kill('SIGKILL');
  };
  // Timers come first after a time in which this process was held up: what the child has said meanwhile counts.
  const looking = setInterval(() => setImmediate(look), LOOK_EVERY_MS);
  await exited;
  clearInterval(looking);
  if (done === request.indexes.length) return [];
  events.onStopped(request.indexes[done]!, stopped ?? 'crash');
  return request.indexes.slice(done + 1);
}

function reachedLimit(
  child: ChildProcess,
  current: { readonly at: number } | undefined,
  limits: Limits,
): 'time' | 'memory' | undefined {
  if (current && performance.now() - current.at > limits.wallClockMs) return 'time';
  try {
    const kilobytes = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${child.pid}/status`, 'latin1'))?.[1];
    return Number(kilobytes ?? 0) * 1024 > limits.rssBytes ? 'memory' : undefined;
  } catch {
    return undefined; // it has ended, or there is no /proc
  }
}
