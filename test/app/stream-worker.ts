import { conclude } from '../../app/conclude.ts';
import type { Source } from '../../app/ports.ts';
import { publishOpening, publishProgress, publishTerminal } from '../../app/publish.ts';

const DAY_MS = 24 * 60 * 60_000;

type WorkPorts = Parameters<typeof publishTerminal>[0];

/** Its request was answered 200, and a worker has claimed it. */
export async function accept(
  sources: WorkPorts['sources'],
  given: Pick<Source, 'wsUuid' | 'shard' | 'sourceUuid' | 'batchSize'>,
  now: number,
): Promise<Source> {
  const { source } = await sources.open(
    {
      ...given,
      ...{ owner: '1', type: 'file-upload', filename: 'notes.txt', contentSha256: '' },
      ...{ openedAt: now, deadline: now + DAY_MS, expiresAt: now + DAY_MS },
    },
    0,
  );
  await sources.markQueued(source, now + DAY_MS);
  const claim = await sources.claim(source, now, now + DAY_MS);
  if (claim.outcome !== 'claimed') throw new Error(`Expected to claim a new source, and it is ${claim.outcome}.`);
  return claim.source;
}

export async function work(ports: WorkPorts, source: Source): Promise<void> {
  await publishOpening(ports, source);
  for (const progress of [0, 50, 100]) {
    const event = {
      type: source.type,
      'source-uuid': source.sourceUuid,
      status: 'processing',
      stage: 'extract',
      progress,
    } as const;
    await publishProgress(ports, source, { dedupeKey: `1:extract:${progress}`, event });
  }
  await conclude(ports, source, { status: 'success', result: { of: source.sourceUuid } });
}

/** Ends what its worker left, and publishes what is not known to be published. */
export async function sweep(ports: WorkPorts, source: Source): Promise<void> {
  if (source.published) return;
  if (source.terminal) await publishTerminal(ports, source);
  else await conclude(ports, source, { status: 'failure', code: 'processing-failed', error: 'It was left.' });
}
