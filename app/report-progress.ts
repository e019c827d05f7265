import { PROGRESS_INTERVAL_MS } from '../domain/limits.ts';
import { progressEvent, type StageProgress } from './events.ts';
import type { Publication, Source } from './ports.ts';
import { publishProgress, type ReportPorts } from './publish.ts';

export interface ProgressReporter {
  /** The newest value replaces one that is still waiting. Never throws and never waits. */
  report(progress: StageProgress): void;
  /** The stage is over: its last value is out, or was tried, when this resolves. */
  end(progress: StageProgress): Promise<void>;
  /** The stage broke off: a value that waits is out, or was tried, when this resolves. */
  flush(): Promise<void>;
  /** Stops; a waiting value is dropped. Resolves when nothing is under way. */
  stop(): Promise<void>;
  readonly latest: StageProgress | undefined;
  /** When a value last went out; what was refused was not heard. */
  readonly heardAt: number;
}

interface Waiting {
  readonly progress: StageProgress;
  /** Given with the first try and kept for the next: what was taken although its answer was lost is not said twice. */
  dedupeKey?: string;
}

/** Between two tries to publish, while Redis does not take it. */
const RETRY_MS = 1_000;

/**
 * One publish under way at a time, at most one per PROGRESS_INTERVAL_MS. What Redis does not take is tried again until
 * something newer replaces it or the stage ends: a stage that stands still would otherwise not be seen at all.
 */
export function createProgressReporter(ports: ReportPorts, source: Source): ProgressReporter {
  let latest: StageProgress | undefined;
  let waiting: Waiting | undefined;
  let count = 0;
  let heardAt = Number.NEGATIVE_INFINITY;
  /** Where the last value stands: should Redis have gone back to before it, what comes next finds that out. */
  let last: Publication['known'];
  let nextAt = Number.NEGATIVE_INFINITY;
  let pump: Promise<void> | undefined;
  let hurry = new AbortController();

  async function send(next: Waiting): Promise<void> {
    next.dedupeKey ??= `${source.attempt}.${++count}`;
    nextAt = ports.clock.now() + PROGRESS_INTERVAL_MS;
    try {
      const event = progressEvent(source, next.progress);
      const progress = { dedupeKey: next.dedupeKey, event, ...(last && { known: last }) };
      const { outcome, epoch, seq } = await publishProgress(ports, source, progress);
      if (outcome === 'refused') return;
      heardAt = ports.clock.now();
      last = { epoch, seq, dedupeKey: next.dedupeKey };
    } catch (error) {
      ports.log.warn('progress-not-published', { sourceUuid: source.sourceUuid, error });
      nextAt = ports.clock.now() + RETRY_MS;
      if (!hurry.signal.aborted) waiting ??= next;
    }
  }

  async function run(): Promise<void> {
    while (waiting !== undefined) {
      const pause = nextAt - ports.clock.now();
      if (pause > 0) await ports.clock.sleep(pause, hurry.signal);
      const next = waiting;
      waiting = undefined;
      if (next !== undefined) await send(next);
    }
    pump = undefined;
  }

  function report(progress: StageProgress): void {
    latest = progress;
    waiting = { progress };
    pump ??= run();
  }

  async function flush(): Promise<void> {
    hurry.abort();
    await pump;
    hurry = new AbortController();
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
      waiting = undefined;
      hurry.abort();
      await pump;
    },
  };
}
