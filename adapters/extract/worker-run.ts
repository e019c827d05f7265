import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { Readable } from 'node:stream';
import type { Clock, ExtractProgress, Log } from '../../app/ports.ts';
import { SourceFailure } from '../../domain/errors.ts';
import { readLines } from '../ndjson.ts';
import type { ExtractLimits } from './limits.ts';
import { type Extracted, workerMessage } from './worker-message.ts';
import { MESSAGES_FD, type WorkerRequest } from './worker-protocol.ts';

export interface WorkerRunOptions {
  readonly workerPath: string;
  /** Folders that the child may read, beside the document: its program, and nothing that is not needed for it. */
  readonly readable: readonly string[];
  /** Where this node finds what it is linked with, if that is said by the environment. The child has nothing else of it. */
  readonly libraryPath: string | undefined;
  readonly documentFd: number;
  readonly filename: string;
  readonly limits: ExtractLimits;
  readonly clock: Clock;
  readonly log: Log;
  readonly signal: AbortSignal;
  onProgress(progress: ExtractProgress): void;
}

/** Disposing kills the child, if it is still there, and waits until it is gone. */
export interface WorkerRun extends AsyncDisposable {
  /** The document's text. Ends only after a success; throws what `outcome` rejects with. */
  readonly text: AsyncIterable<Uint8Array>;
  /** Rejects with SourceFailure, the signal's reason, or an Error where the child failed through no fault of the document. */
  readonly outcome: Promise<Extracted>;
}

/** Limits that outlive a parent which was killed: no core dump, no endless loop. `exec` leaves no shell behind. */
const SHELL = 'ulimit -c 0; ulimit -t "$1"; shift; exec "$@"';

/**
 * Runs the parser in a process of its own: no environment, no file to write, no process to start, only its own program to
 * read. Since it can start nothing, killing it kills all of it; it stays in the group of the function, so that whatever
 * stops or freezes that reaches it as well.
 */
export function startWorker(options: WorkerRunOptions): WorkerRun {
  const { limits, clock, signal } = options;
  const child = spawnWorker(options);
  const ended = new AbortController();
  let stopped: { readonly reason: unknown } | undefined;
  const stop = (reason: unknown) => {
    if (ended.signal.aborted) return;
    stopped ??= { reason };
    child.kill('SIGKILL');
  };
  const abort = () => stop(signal.reason);
  if (signal.aborted) abort();
  signal.addEventListener('abort', abort);
  const closed = closedWith(child).finally(() => {
    ended.abort();
    signal.removeEventListener('abort', abort);
  });
  closed.catch(() => {});
  void clock.sleep(limits.wallClockMs, ended.signal).then(() => stop(timedOut(limits)));
  void watchMemory(child.pid, options, ended.signal, () => stop(outOfMemory()));
  const said = readMessages(child.stdio[MESSAGES_FD] as Readable, options.onProgress);
  const errors = tailOf(child.stderr);

  const outcome = (async () => {
    const [exit, answer] = await Promise.all([closed, said.catch((error: unknown) => stop(error))]);
    if (stopped) throw stopped.reason;
    if (answer?.done) return answer.done;
    if (answer?.failure) throw new SourceFailure(answer.failure.code, answer.failure.error);
    throw crashed(exit, answer?.ready === true, errors(), options.log);
  })();
  outcome.catch(() => {});

  return {
    outcome,
    text: textOf(child.stdout, limits, outcome, stop),
    async [Symbol.asyncDispose]() {
      stop(new Error('the extraction was given up'));
      // Nobody may read these any more, and a pipe that is full would never close.
      child.stdout.destroy();
      await closed.catch(() => {});
    },
  };
}

function spawnWorker({ workerPath, readable, libraryPath, documentFd, filename, limits }: WorkerRunOptions) {
  const request: WorkerRequest = { filename, textBytes: limits.textBytes, pages: limits.pages };
  const node = [
    process.execPath,
    `--max-old-space-size=${limits.heapMb}`,
    '--permission',
    ...readable.map((folder) => `--allow-fs-read=${folder}`),
    workerPath,
    JSON.stringify(request),
  ];
  return spawn('/bin/sh', ['-c', SHELL, 'sh', String(limits.cpuSeconds), ...node], {
    stdio: [documentFd, 'pipe', 'pipe', 'pipe'],
    env: libraryPath === undefined ? {} : { LD_LIBRARY_PATH: libraryPath },
    cwd: '/',
  }) as ChildProcessByStdio<null, Readable, Readable>;
}

interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** Rejects only where the child could not be started. */
async function closedWith(child: ChildProcessByStdio<null, Readable, Readable>): Promise<Exit> {
  const [code, signal] = await once(child, 'close');
  return { code, signal };
}

interface Answer {
  readonly ready?: boolean;
  readonly done?: Extracted;
  readonly failure?: { readonly code: SourceFailure['code']; readonly error: string };
}

async function readMessages(
  messages: AsyncIterable<Uint8Array>,
  onProgress: WorkerRunOptions['onProgress'],
): Promise<Answer> {
  let answer: Answer = {};
  for await (const line of readLines(messages)) {
    const message = workerMessage.parse(JSON.parse(line));
    if ('progress' in message) onProgress(message.progress);
    else answer = { ...answer, ...message };
  }
  return answer;
}

async function* textOf(
  stdout: AsyncIterable<Uint8Array>,
  limits: ExtractLimits,
  outcome: Promise<unknown>,
  stop: (reason: unknown) => void,
): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  for await (const chunk of stdout) {
    bytes += chunk.byteLength;
    // The child counts as well; this holds for one that was taken over.
    if (bytes > limits.textBytes) {
      stop(new SourceFailure('document-too-large', 'The document has more text than can be taken: split it.'));
      break;
    }
    yield chunk;
  }
  await outcome;
}

async function watchMemory(
  pid: number | undefined,
  { limits, clock }: WorkerRunOptions,
  ended: AbortSignal,
  onLimit: () => void,
): Promise<void> {
  while (pid !== undefined && !ended.aborted) {
    const peak = peakRssBytes(pid);
    // Without /proc, that is on a developer's Mac, the heap limit and the clock are what there is.
    if (peak === undefined) return;
    if (peak > limits.rssBytes) return onLimit();
    await clock.sleep(limits.rssPollMs, ended);
  }
}

/** The kernel keeps the highest value itself: a peak between two looks is seen all the same. */
function peakRssBytes(pid: number): number | undefined {
  try {
    const kilobytes = /^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1];
    return kilobytes === undefined ? undefined : Number(kilobytes) * 1024;
  } catch {
    return undefined;
  }
}

const TAIL_CHARACTERS = 2000;

function tailOf(stderr: Readable): () => string {
  let tail = '';
  stderr.setEncoding('utf8').on('data', (text: string) => {
    tail = (tail + text).slice(-TAIL_CHARACTERS);
  });
  return () => tail;
}

/** Somebody ends this machine's work: not the document's fault, and another attempt will do. */
const STOPPED_FROM_OUTSIDE: readonly (NodeJS.Signals | null)[] = ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT'];

function crashed({ code, signal }: Exit, ready: boolean, stderr: string, log: Log): Error {
  log.warn('extract-worker-crashed', { code, signal, ready, stderr });
  if (!ready || STOPPED_FROM_OUTSIDE.includes(signal)) {
    return new Error(`the extract worker ended before it could work: ${signal ?? `exit code ${code}`}`);
  }
  // SIGKILL that did not come from here is the kernel's own way to say that memory ran out.
  if (signal === 'SIGKILL' || /out of memory|allocation failed/i.test(stderr)) return outOfMemory();
  return new SourceFailure('document-broken', 'The document is damaged and cannot be read: save it anew.');
}

function outOfMemory(): SourceFailure {
  return new SourceFailure('document-memory', 'The document takes more memory to read than it may have: split it.');
}

function timedOut({ wallClockMs }: ExtractLimits): SourceFailure {
  return new SourceFailure(
    'document-timeout',
    `The document could not be read within ${wallClockMs / 1000} s: split it.`,
  );
}
