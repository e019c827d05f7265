import type { Source, SourceRef, Sources } from './ports.ts';

/** One claim of one generation: what a worker is at. */
export type Attempt = SourceRef & Pick<Source, 'attempt'>;

/**
 * How an attempt stands. `held`: it is the current one. `taken`: it was replaced, or its source has ended.
 * `discarded`: nobody will ask for what is stored of the source, so whoever stored something of it removes that.
 */
export type Standing = 'held' | 'taken' | 'discarded';

export async function standingOf(sources: Pick<Sources, 'get'>, attempt: Attempt): Promise<Standing> {
  const stored = await sources.get(attempt.sourceUuid);
  // Nobody cancelled what was never accepted: an event that somebody made up, for `npm run invoke`.
  if (stored === undefined) return 'held';
  const source = stored.generation === attempt.generation ? stored : undefined;
  if (isDiscarded(source)) return 'discarded';
  return source?.terminal === undefined && source?.attempt === attempt.attempt ? 'held' : 'taken';
}

/** @param source undefined: a later upload took the place of this generation. */
export function isDiscarded(source: Source | undefined): boolean {
  return source === undefined || (source.terminal?.status === 'failure' && source.terminal.code === 'cancelled');
}
