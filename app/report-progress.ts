import { PROGRESS_INTERVAL_MS, SAME_PROGRESS_INTERVAL_MS } from '../domain/limits.ts';
import { percentOf, progressEvent, type StageProgress } from './events.ts';
import type { Publication, Source } from './ports.ts';
import { publishProgress, type ReportPorts } from './publish.ts';

export interface ProgressReporter {
  /** The newest value replaces one of its stage that is still waiting. Never throws and never waits. */
  report(progress: StageProgress): void;
  /** The stage is over: its last value is out, or was tried and goes ahead of the next, when this resolves. */
  end(progress: StageProgress): Promise<void>;
  /** The stage broke off, or the source has ended: what waits is out, or was tried, when this resolves. */
  flush(): Promise<void>;
  /** Stops; a waiting value is dropped. Resolves when nothing is under way. */
  stop(): Promise<void>;
  readonly latest: StageProgress | undefined;
  /** When a value last went out; what was refused was not heard. */
  readonly heardAt: number;
}

interface Waiting {
  readonly progress: StageProgress;
  /** The last value of its stage: nothing newer may replace it. */
  isLast: boolean;
  /** Given with the first try and kept for the next: what was taken although its answer was lost is not said twice. */
  dedupeKey?: string;
}

/** Between two tries to publish, while Redis does not take it. */
const RETRY_MS = 1_000;

/**
 * One publish under way at a time, at most one per PROGRESS_INTERVAL_MS. What Redis does not take is tried again until
 * something newer of its stage replaces it: a stage that stands still would otherwise not be seen at all, and the last value of a
 * stage is told before anything of the next.
 */
export function createProgressReporter(ports: ReportPorts, source: Source): ProgressReporter {
  const { clock, log } = ports;
  let latest: StageProgress | undefined;
  /** At most one of the stage at work, behind the last values of the stages before it. */
  const waiting: Waiting[] = [];
  let count = 0;
  let heardAt = Number.NEGATIVE_INFINITY;
  /** Where the last value stands: should Redis have gone back to before it, what comes next finds that out. */
  let last: Publication['known'];
  let said: { readonly progress: StageProgress; readonly at: number } | undefined;
  let nextAt = Number.NEGATIVE_INFINITY;
  let pump: Promise<void> | undefined;
  let hurry = new AbortController();

  /** @returns whether it has to be tried again. */
  async function send(next: Waiting): Promise<boolean> {
    next.dedupeKey ??= `${source.attempt}.${++count}`;
    nextAt = clock.now() + PROGRESS_INTERVAL_MS;
    try {
      const event = progressEvent(source, next.progress);
      const progress = { dedupeKey: next.dedupeKey, event, ...(last && { known: last }) };
      const { outcome, epoch, seq } = await publishProgress(ports, source, progress);
      said = { progress: next.progress, at: clock.now() };
      if (outcome === 'refused') return false;
      heardAt = clock.now();
      last = { epoch, seq, dedupeKey: next.dedupeKey };
      return false;
    } catch (error) {
      log.warn('progress-not-published', { sourceUuid: source.sourceUuid, error });
      nextAt = clock.now() + RETRY_MS;
      return true;
    }
  }

  function dueAt({ progress, isLast }: Waiting): number {
    if (isLast || !said || !isSame(progress, said.progress)) return nextAt;
    return Math.max(nextAt, said.at + SAME_PROGRESS_INTERVAL_MS);
  }

  /** Until the first is due, which may change while it waits. */
  async function untilDue(): Promise<void> {
    while (waiting[0] && !hurry.signal.aborted) {
      const left = dueAt(waiting[0]) - clock.now();
      if (left <= 0) return;
      await clock.sleep(Math.min(left, PROGRESS_INTERVAL_MS), hurry.signal);
    }
  }

  async function run(): Promise<void> {
    for (;;) {
      await untilDue();
      const next = waiting.shift();
      if (!next) break;
      const isReplaced = () => !next.isLast && waiting.length > 0;
      if (!(await send(next)) || isReplaced()) continue;
      waiting.unshift(next);
      if (hurry.signal.aborted) break;
    }
    pump = undefined;
  }

  function report(progress: StageProgress): void {
    latest = progress;
    if (waiting.at(-1)?.isLast === false) waiting.pop();
    waiting.push({ progress, isLast: false });
    pump ??= run();
  }

  async function flush(): Promise<void> {
    hurry.abort();
    pump ??= run();
    await pump;
    hurry = new AbortController();
    for (const each of waiting) each.isLast = true;
    if (waiting.length > 0) pump ??= run();
  }

  return {
    get latest() {
      return latest;
    },
    get heardAt() {
      return heardAt;
    },
    report,
    async end(progress) {
      report({ ...progress, ended: true });
      await flush();
    },
    flush,
    async stop() {
      waiting.length = 0;
      hurry.abort();
      await pump;
    },
  };
}

function isSame(one: StageProgress, other: StageProgress): boolean {
  return one.stage === other.stage && percentOf(one) === percentOf(other);
}
