import { RequestError } from '../domain/errors.ts';
import type { Clock, Source, Sources } from './ports.ts';

export interface SourceStatusPorts {
  readonly sources: Sources;
  readonly clock: Clock;
}

/** The record as its owner sees it. Throws RequestError `unknown-source`, for another user's too. */
export async function sourceStatus(
  { sources, clock }: SourceStatusPorts,
  owner: string,
  sourceUuid: string,
): Promise<object> {
  const source = await sources.get(sourceUuid);
  // Kept for days after its expiry, as DynamoDB deletes when it likes. One that is not queued was never accepted.
  if (source?.owner !== owner || source.expiresAt <= clock.now() || !source.queued)
    throw new RequestError('unknown-source', 'There is no source with this source-uuid.');
  return describeSource(source);
}

export function describeSource(source: Source): object {
  return {
    'source-uuid': source.sourceUuid,
    'ws-uuid': source.wsUuid,
    type: source.type,
    filename: source.filename,
    status: source.terminal?.status ?? 'processing',
    stage: source.stage,
    progress: source.progress,
    ...outcome(source),
    'accepted-at': new Date(source.openedAt).toISOString(),
    'ended-at': source.endedAt === undefined ? undefined : new Date(source.endedAt).toISOString(),
  };
}

function outcome({ terminal }: Source): object {
  if (terminal === undefined) return {};
  return terminal.status === 'success'
    ? { result: terminal.result }
    : { result: 'Error', error: terminal.error, code: terminal.code };
}
