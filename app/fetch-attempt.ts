import { type FetchSourcePorts, fetchSource } from './fetch-source.ts';
import type { FetchProgress, Log, SourceFiles, SourceOwner, Sources } from './ports.ts';
import { type Attempt, standingOf } from './standing.ts';
import { watchAttempt } from './watch-attempt.ts';

export interface FetchAttemptPorts extends FetchSourcePorts {
  readonly sources: Pick<Sources, 'get'>;
  readonly files: Pick<SourceFiles, 'putOriginalStream' | 'removeOriginal'>;
  readonly log: Log;
}

/**
 * Fetches for one attempt, and for no longer than that is the current one. It has to see that by itself: an invocation goes
 * on when its caller hangs up, and a caller that was killed says nothing.
 * @returns undefined where the attempt was over before the fetch.
 */
export async function fetchAttempt(
  ports: FetchAttemptPorts,
  source: Attempt & SourceOwner & { readonly url: string },
  onProgress: (progress: FetchProgress) => void,
): Promise<FetchProgress | undefined> {
  const { sourceUuid } = source;
  const isHeld = async () => (await standingOf(ports.sources, source)) === 'held';
  await using watch = watchAttempt(ports, sourceUuid, isHeld);
  try {
    const fetched = await fetchSource(ports, source, onProgress, watch.lost);
    ports.log.info('source-fetched', { sourceUuid, attempt: source.attempt, bytes: fetched.bytes });
    return fetched;
  } catch (error) {
    if (!watch.lost.aborted) throw error;
    ports.log.info('fetch-stopped', { sourceUuid });
    return undefined;
  } finally {
    await removeDiscarded(ports, source);
  }
}

/** After the last write. Who cancelled the source may have removed everything before this original was there. */
async function removeDiscarded(ports: FetchAttemptPorts, source: Attempt & SourceOwner): Promise<void> {
  try {
    if ((await standingOf(ports.sources, source)) === 'discarded') await ports.files.removeOriginal(source);
  } catch (error) {
    // The message of a source that was cancelled comes to a worker once more, which removes it then.
    ports.log.warn('discarded-not-removed', { sourceUuid: source.sourceUuid, error });
  }
}
