import { setMaxListeners } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DEVELOPMENT_KEY } from '../../../local/development-key.ts';
import { fileLog } from '../../../local/log.ts';
import { type LocalStack, startLocalStack } from '../../../local/stack.ts';
import type { ChaosArguments } from '../arguments.ts';
import { createApi } from '../clients/api.ts';
import { type Pace, runChannelClient } from '../clients/channel-client.ts';
import { createClientSockets } from '../clients/client-socket.ts';
import { startWeb } from '../clients/content.ts';
import { sleep } from '../clients/patience.ts';
import { createPermits } from '../clients/permits.ts';
import { inject } from '../faults/inject.ts';
import { drawPlan, isCalm } from '../faults/plan.ts';
import { createHistory, type History, type HistoryRecord, lineOf } from '../history.ts';
import type { FinalState } from '../judge/final-state.ts';
import { judge, type Verdict } from '../judge/judge.ts';
import { createRandom } from '../random.ts';
import { Counts } from './counts.ts';
import { type MachineLoad, watchMachine } from './machine.ts';
import { ProcessWatch } from './orphans.ts';
import { type Quiet, untilQuiet } from './quiet.ts';
import { createStateReader, type StateReader } from './read-state.ts';
import { createRunLog, type RunLog } from './run-log.ts';

export interface ChaosOptions extends Omit<ChaosArguments, 'command'> {
  /** The clients give up then, and what they lack is held against the service. Default: grows with the uploads. */
  readonly mostMs?: number;
  /** Default: long enough for everything to have come to its end before. */
  readonly pace?: Pace;
  /** Invokes the sweeper so often, beside its own minute. Default: not. */
  readonly sweepEveryMs?: number;
  /** Waits for the messages of killed workers, which takes the visibility time-out of 330 s. Default: true. */
  readonly awaitHidden?: boolean;
  /** Other things run on it, so that nothing can be held to its own time, but to what the load leaves of it. Default: false. */
  readonly sharesMachine?: boolean;
  /** Ends the run early; what was seen by then is judged. */
  readonly signal?: AbortSignal;
  readonly say?: (line: string) => void;
}

export interface ChaosResult {
  readonly verdict: Verdict;
  readonly history: History;
  readonly state: FinalState;
  readonly counts: Counts;
  readonly log: RunLog;
  /** By their names for people: the names in the log. */
  readonly functions: ReadonlyMap<string, string>;
  readonly redis: string;
  readonly milliseconds: number;
  /** `interrupted` and `out of time` judge what there was. */
  readonly end: 'complete' | 'interrupted' | 'out of time';
  readonly quiet: Quiet;
  /** Of messages that were not waited for. */
  readonly hidden: number;
  readonly machine: MachineLoad;
}

const UNHURRIED: Pace = { absence: 40_000, silence: 100_000 };

const VISIBILITY_MS = 330_000;

/**
 * Clients that are there at one time: most wait for something. When all sockets are cut they come back together, through
 * the eight environments that the runtime gives a function: many more than these would only time out in that line.
 */
const MOST_CLIENTS = 72;

/** Uploads under faults, then quiet, then the verdict. */
export async function runChaos(options: ChaosOptions): Promise<ChaosResult> {
  const { seed, redis, out, say = () => {}, awaitHidden = true } = options;
  const begunAt = Date.now();
  const counts = new Counts();
  const stateDir = await mkdtemp(join(tmpdir(), 'source-upload-chaos-'));
  const processes = new ProcessWatch();
  const machine = watchMachine();
  await using cleaning = new AsyncDisposableStack();
  cleaning.defer(() => rm(stateDir, { recursive: true, force: true }));
  if (out) await mkdir(out, { recursive: true });
  const log = createRunLog(out ? cleaning.use(fileLog(join(out, 'logs'))) : undefined);
  const history = createHistory(Date.now, out ? cleaning.use(fileOf(join(out, 'history.txt'))).add : undefined);

  const stack = await startLocalStack({
    port: 0,
    stateDir,
    redis,
    log,
    // One user does here what thousands do.
    context: { allowFetchHosts: 'localhost', maxChannels: '0', maxSockets: '0', maxUploads: '0' },
    signal: options.signal,
  });
  let settled: Settled;
  try {
    await stack.lambda.prewarm();
    say(`Seed ${seed}; ${stack.redis.description}`);
    settled = await runOn(stack, { ...options, say, awaitHidden }, { history, counts, processes });
  } finally {
    processes.see(stack.lambda.environmentIds());
    await stack[Symbol.asyncDispose]();
  }
  const { end, quiet, hidden } = settled;
  const state = { ...settled.state, orphans: await processes.left(stateDir) };
  const functions = new Map([...stack.functions].map(([name, config]) => [name, config.name]));
  const load = machine.stop();
  const verdict = judge(history.records, state, options.sharesMachine ? Math.max(1, load.perCore) : 1);
  const milliseconds = Date.now() - begunAt;
  const witnesses = { history, counts, log, functions, machine: load };
  return { verdict, state, ...witnesses, redis: stack.redis.description, milliseconds, end, quiet, hidden };
}

/** Written as it happens: a run that is killed leaves it, too. */
function fileOf(path: string): { add(record: HistoryRecord): void } & AsyncDisposable {
  const stream = createWriteStream(path);
  return {
    add: (record) => void stream.write(`${lineOf(record)}\n`),
    [Symbol.asyncDispose]: () => new Promise<void>((resolve) => stream.end(() => resolve())),
  };
}

interface Settled extends Pick<ChaosResult, 'end' | 'quiet' | 'hidden'> {
  readonly state: Omit<FinalState, 'orphans'>;
}

interface Notes {
  readonly history: History;
  readonly counts: Counts;
  readonly processes: ProcessWatch;
}

async function runOn(
  stack: LocalStack,
  options: ChaosOptions & { readonly awaitHidden: boolean; readonly say: (line: string) => void },
  { history, counts, processes }: Notes,
): Promise<Settled> {
  const { uploads, seed, say, awaitHidden } = options;
  const mostMs = options.mostMs ?? 300_000 + uploads * 600; // 5 min, and 0.6 s for each
  const timeOut = AbortSignal.timeout(mostMs);
  const signal = AbortSignal.any([timeOut, ...(options.signal ? [options.signal] : [])]);
  const over = new AbortController();
  setMaxListeners(0, signal, over.signal);
  const random = createRandom(seed);
  const background = [watch(stack, options, { history, counts, processes }, over.signal)];
  background.push(
    inject({
      faults: stack.faults,
      plan: drawPlan(options, random.fork('faults')),
      history,
      progress: () => counts.of('uploads') / uploads,
      isCalm: (progress) => isCalm(progress, uploads),
      count: (what) => counts.add(what),
      signal: AbortSignal.any([signal, over.signal]),
    }),
  );
  await runClients(stack, options, { history, counts, processes }, signal);
  counts.add('clients done');
  say(`The clients are done; waiting for quiet${awaitHidden ? ', which takes up to 7 min' : ''}.`);
  using reader = createStateReader(stack);
  const quiet = await untilQuiet(reader, {
    mostMs: awaitHidden ? VISIBILITY_MS + 90_000 : 90_000,
    hidden: awaitHidden,
    signal: options.signal ?? new AbortController().signal,
  });
  const { state, hidden } = await readState(stack, reader, awaitHidden);
  over.abort();
  await Promise.all(background);
  const end = options.signal?.aborted ? 'interrupted' : timeOut.aborted ? 'out of time' : 'complete';
  return { end, quiet, hidden, state };
}

async function runClients(
  stack: LocalStack,
  { uploads, channels, seed, concurrency, pace = UNHURRIED }: ChaosOptions,
  { history, counts }: Notes,
  signal: AbortSignal,
): Promise<void> {
  await using web = await startWeb();
  const random = createRandom(seed).fork('clients');
  const world = {
    api: createApi(stack.url, '1', DEVELOPMENT_KEY, history),
    sockets: createClientSockets(history),
    permits: createPermits(concurrency),
    webUrl: web.url,
    pace,
    signal,
    onUpload: () => counts.add('uploads'),
    count: (what: string) => counts.add(what),
  };
  const waiting = Array.from({ length: channels }, (_, channel) => {
    const share = Math.floor((uploads * (channel + 1)) / channels) - Math.floor((uploads * channel) / channels);
    return { channel, share };
  });
  const work = async () => {
    for (let next = waiting.shift(); next !== undefined && !signal.aborted; next = waiting.shift())
      await runChannelClient(world, random.fork(`channel ${next.channel}`), next.share);
  };
  await Promise.all(Array.from({ length: MOST_CLIENTS }, work));
}

const WATCH_MS = 500;
const SAY_EVERY_MS = 15_000;

async function watch(
  stack: LocalStack,
  { sweepEveryMs, say = () => {}, uploads }: ChaosOptions,
  { counts, processes }: Notes,
  signal: AbortSignal,
): Promise<void> {
  const sweeper = stack.functions.get('sweeper')!.name;
  const startedAt = Date.now();
  let [sweptAt, saidAt] = [startedAt, startedAt];
  while (!signal.aborted) {
    await sleep(WATCH_MS, signal);
    processes.see(stack.lambda.environmentIds());
    const now = Date.now();
    if (sweepEveryMs !== undefined && now - sweptAt >= sweepEveryMs) {
      sweptAt = now;
      stack.lambda.invokeAsync(sweeper, {});
    }
    if (now - saidAt < SAY_EVERY_MS || counts.of('clients done') > 0) continue;
    saidAt = now;
    say(`${Math.round((now - startedAt) / 1000)} s: ${counts.of('uploads')} of ${uploads} sent; ${counts.faults()}`);
  }
}

async function readState(
  stack: LocalStack,
  reader: StateReader,
  awaitHidden: boolean,
): Promise<Pick<Settled, 'state' | 'hidden'>> {
  const queues = await reader.queues();
  const hidden = awaitHidden ? 0 : queues.reduce((sum, queue) => sum + queue.hidden, 0);
  const sources = await reader.sources();
  const state = {
    readAt: Date.now(),
    sources,
    closed: await reader.closed(),
    statuses: await readStatuses(stack, [...sources.keys()]),
    shards: await reader.shards(),
    keysWithoutTtl: await reader.keysWithoutTtl(),
    queues: awaitHidden ? queues : queues.map((queue) => ({ ...queue, hidden: 0 })),
  };
  return { state, hidden };
}

const STATUSES_AT_ONCE = 8;

async function readStatuses(stack: LocalStack, sources: readonly string[]): Promise<FinalState['statuses']> {
  const api = createApi(stack.url, '1', DEVELOPMENT_KEY, createHistory());
  const statuses = new Map<string, { status: number; body: Readonly<Record<string, unknown>> }>();
  const waiting = [...sources];
  const work = async () => {
    for (let source = waiting.pop(); source !== undefined; source = waiting.pop()) {
      const { status = 0, body } = await api.status(source);
      statuses.set(source, { status, body });
    }
  };
  await Promise.all(Array.from({ length: STATUSES_AT_ONCE }, work));
  return statuses;
}
