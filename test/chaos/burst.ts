import { randomUUID } from 'node:crypto';
import type { ChannelRef, Publication } from '../../app/ports.ts';
import type { Random } from './random.ts';

/** More than any channel gets: no round is ever finished, so no socket is closed and nobody waits for its grace. */
const ENDLESS_BATCH = 1_000_000_000;

/** One to three events of one source. */
export function publicationsOf(at: ChannelRef, random: Random): Publication[] {
  const sourceUuid = randomUUID();
  const base = { ...at, batchSize: ENDLESS_BATCH, source: `${sourceUuid}#1` };
  const stamp = { type: 'file-upload', 'source-uuid': sourceUuid } as const;
  const all: Publication[] = [
    {
      ...base,
      kind: 'opening',
      dedupeKey: 'received',
      event: { message: 'Source received. Starting to processing', status: 'processing', ...stamp },
    },
    {
      ...base,
      kind: 'progress',
      dedupeKey: '1.1',
      event: { status: 'processing', stage: 'extract', progress: 100, ...stamp },
    },
    { ...base, kind: 'terminal', dedupeKey: 'terminal', event: { result: {}, status: 'success', ...stamp } },
  ];
  return all.slice(0, random.whole(1, 3));
}
