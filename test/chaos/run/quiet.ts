import { sleep } from '../clients/patience.ts';
import type { StateReader } from './read-state.ts';

export interface Quiet {
  /** What was still going on when the time was over; empty: nothing. */
  readonly busy: readonly string[];
}

/**
 * Waits until nothing is left to do: the clients have what they wait for, but a message whose worker was killed comes
 * again only after the queue's visibility time-out, and a published end is looked for once more after a minute.
 */
export async function untilQuiet(
  reader: StateReader,
  { mostMs, hidden, signal }: { readonly mostMs: number; readonly hidden: boolean; readonly signal: AbortSignal },
): Promise<Quiet> {
  const until = Date.now() + mostMs;
  for (;;) {
    const busy = await whatIsBusy(reader, hidden);
    if (busy.length === 0 || Date.now() >= until || signal.aborted) return { busy };
    await sleep(1_000, signal);
  }
}

async function whatIsBusy(reader: StateReader, hidden: boolean): Promise<string[]> {
  const [shards, queues] = await Promise.all([reader.shards(), reader.queues()]);
  const busy = [
    ...shards.flatMap(({ shard, doorbells, leased }) => (doorbells > 0 || leased ? [`shard ${shard}`] : [])),
    ...queues.flatMap((queue) => (queue.visible > 0 || (hidden && queue.hidden > 0) ? [queue.name] : [])),
  ];
  if (busy.length > 0) return busy;
  const open = [...(await reader.sources()).values()].filter(({ queued, terminal, published }) =>
    terminal === undefined ? queued : published === undefined,
  );
  return open.length > 0 ? [`${open.length} sources`] : [];
}
