import { HEARTBEAT_WITHIN_MS } from '../domain/limits.ts';
import type { Source } from './ports.ts';
import { publishHeartbeat, type ReportPorts } from './publish.ts';

/** The rest of the time that a client is promised is for a try that fails, and for the way to the client. */
const SILENCE_MS = HEARTBEAT_WITHIN_MS - 5_000;

/** Between two tries to publish, while Redis does not take it. */
const RETRY_MS = 1_000;

/**
 * Says that somebody is at work whenever nothing else was said for a while, also before the first progress of a stage and
 * where progress of this attempt is refused, since an earlier one had come further. Ends when it is disposed of, or with
 * the attempt: what nobody works on must fall silent.
 * @param heardAt when the last event of this attempt went out.
 */
export function startHeartbeat(
  ports: ReportPorts,
  source: Source,
  heardAt: () => number,
  lost: AbortSignal,
): AsyncDisposable {
  const stop = new AbortController();
  const over = AbortSignal.any([stop.signal, lost]);
  const run = async () => {
    let saidAt = ports.clock.now();
    let count = 1;
    while (!over.aborted) {
      const left = Math.max(saidAt, heardAt()) + SILENCE_MS - ports.clock.now();
      if (left > 0) {
        await ports.clock.sleep(left, over);
        continue;
      }
      try {
        // The same key until it is known to be taken: what was taken although its answer was lost is not said twice.
        await publishHeartbeat(ports, source, `${source.attempt}.heartbeat.${count}`);
        saidAt = ports.clock.now();
        count += 1;
      } catch (error) {
        ports.log.warn('heartbeat-not-published', { sourceUuid: source.sourceUuid, error });
        await ports.clock.sleep(RETRY_MS, over);
      }
    }
  };
  const running = run();
  return {
    async [Symbol.asyncDispose]() {
      stop.abort();
      await running;
    },
  };
}
