import { PROGRESS_INTERVAL_MS } from '../domain/limits.ts';
import { progressEvent, type StageProgress } from './events.ts';
import type { Clock, Log, Source } from './ports.ts';
import { type PublishPorts, publish } from './publish.ts';

export interface ProgressReporter {
  /** The newest value replaces one that is still waiting. Never throws and never waits. */
  report(progress: StageProgress): void;
  /** The stage is over: its last value is out, or was tried, when this resolves. */
  end(progress: StageProgress): Promise<void>;
  /** Stops; a waiting value is dropped. Resolves when nothing is under way. */
  stop(): Promise<void>;
  readonly latest: StageProgress | undefined;
}

/** One publish under way at a time, at most one per PROGRESS_INTERVAL_MS. Progress that Redis does not take is lost, and said. */
export function createProgressReporter(
  ports: Pick<PublishPorts, 'bus' | 'subscribers'> & { readonly clock: Clock; readonly log: Log },
  source: Source,
): ProgressReporter {
  let latest: StageProgress | undefined;
  let waiting: StageProgress | undefined;
  let count = 0;
  let lastSentAt = Number.NEGATIVE_INFINITY;
  let pump: Promise<void> | undefined;
  let hurry = new AbortController();

  async function send(progress: StageProgress): Promise<void> {
    lastSentAt = ports.clock.now();
    const dedupeKey = `${source.attempt}.${++count}`;
    try {
      await publish(ports, source, 'progress', [{ dedupeKey, event: progressEvent(source, progress) }]);
    } catch (error) {
      ports.log.warn('progress-lost', { sourceUuid: source.sourceUuid, error });
    }
  }

  async function run(): Promise<void> {
    while (waiting !== undefined) {
      const pause = lastSentAt + PROGRESS_INTERVAL_MS - ports.clock.now();
      if (pause > 0) await ports.clock.sleep(pause, hurry.signal);
      const progress = waiting;
      waiting = undefined;
      if (progress !== undefined) await send(progress);
    }
    pump = undefined;
  }

  return {
    get latest() {
      return latest;
    },
    report(progress) {
      latest = progress;
      waiting = progress;
      pump ??= run();
    },
    async end(progress) {
      this.report({ ...progress, ended: true });
      hurry.abort();
      await pump;
      hurry = new AbortController();
    },
    async stop() {
      waiting = undefined;
      hurry.abort();
      await pump;
    },
  };
}
