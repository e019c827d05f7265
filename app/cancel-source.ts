import { RequestError } from '../domain/errors.ts';
import { conclude } from './conclude.ts';
import type { Source, SourceFiles, Terminal } from './ports.ts';
import type { PublishPorts } from './publish.ts';
import { describeSource } from './source-status.ts';
import { isDiscarded } from './standing.ts';

export interface CancelSourcePorts extends PublishPorts {
  readonly files: Pick<SourceFiles, 'remove'>;
}

export interface Cancelled {
  /** False: it had ended before. */
  readonly now: boolean;
  /** The record as its owner sees it. */
  readonly source: object;
}

/**
 * Ends the source, whoever works on it: that one looks twice a second, stops, and removes what it has stored in the meantime.
 * What waits in the queue, or is just being accepted, comes to a worker that finds it ended. What has ended keeps its end.
 * Safe to repeat. Throws RequestError `unknown-source`, for another user's too.
 */
export async function cancelSource(ports: CancelSourcePorts, owner: string, sourceUuid: string): Promise<Cancelled> {
  const source = await ports.sources.get(sourceUuid);
  if (source?.owner !== owner || source.expiresAt <= ports.clock.now())
    throw new RequestError('unknown-source', 'There is no source with this source-uuid.');
  const ended = source.terminal === undefined ? await end(ports, source) : source;
  const cancelled = isDiscarded(ended);
  // Once more where it was cancelled before: the call that did may have broken off here.
  if (cancelled) await ports.files.remove(ended);
  return { now: cancelled && source.terminal === undefined, source: describeSource(ended) };
}

/** @returns the record with its end: the first that was stored, of whichever kind. */
async function end(ports: CancelSourcePorts, source: Source): Promise<Source> {
  try {
    const ended = await conclude(ports, source, cancelledEnd());
    if (ended) return ended;
  } catch (error) {
    // Once it is stored it is the end, and becomes known when Redis is back.
    const stored = await ports.sources.get(source.sourceUuid);
    if (stored?.generation !== source.generation || stored.terminal === undefined) throw error;
    ports.log.warn('cancel-not-published', { sourceUuid: source.sourceUuid, error });
    return stored;
  }
  throw new RequestError('unavailable', 'This source has just been uploaded anew. Please send the request again.');
}

function cancelledEnd(): Terminal {
  return {
    status: 'failure',
    code: 'cancelled',
    error: 'The source was cancelled, and what was stored of it is removed. Upload it again if you still want it.',
  };
}
