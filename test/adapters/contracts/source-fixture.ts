import { randomUUID } from 'node:crypto';
import type { NewSource, Source, Sources, Terminal } from '../../../app/ports.ts';

export const NOW = Date.UTC(2025, 5, 1);
export const MINUTE = 60_000;
export const DAY = 24 * 60 * MINUTE;
/** Of records opened before this and never queued. */
export const ABANDONED = NOW - MINUTE;
export const LATER = NOW + 3 * MINUTE;
export const EVENT = { epoch: 'abc123', seq: 7 };
export const SUCCESS: Terminal = { status: 'success', result: { pages: 3, title: 'Größe' } };
export const FAILURE: Terminal = { status: 'failure', error: 'It was stopped.', code: 'cancelled' };

export function newSource(changes: Partial<NewSource> = {}): NewSource {
  return {
    sourceUuid: randomUUID(),
    owner: '1',
    wsUuid: randomUUID(),
    shard: 3,
    batchSize: 2,
    type: 'url-upload',
    filename: 'report.pdf',
    url: 'https://example.com/report.pdf?page=1',
    contentSha256: 'e3b0c442',
    correlationId: 'request-1',
    // Sent again, it comes a moment later.
    openedAt: changes.sourceUuid === undefined ? NOW : NOW + 1,
    deadline: NOW + MINUTE,
    expiresAt: NOW + 7 * DAY,
    ...changes,
  };
}

/** Records in the states that the suites start from. */
export function sourceStates(sources: () => Sources) {
  const opened = async (changes: Partial<NewSource> = {}): Promise<Source> =>
    (await sources().open(newSource(changes), ABANDONED)).source;
  const settled = async (changes: Partial<NewSource> = {}): Promise<Source> =>
    (await sources().settle(await opened(changes), SUCCESS, NOW + 1, LATER))!;
  const published = async (changes: Partial<NewSource> = {}): Promise<Source> => {
    const source = await settled(changes);
    await sources().markPublished(source, EVENT, LATER);
    return (await sources().get(source.sourceUuid))!;
  };
  return { opened, settled, published };
}
