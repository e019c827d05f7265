import { giveUp } from './conclude.ts';
import type { SourceRef } from './ports.ts';
import type { Processed } from './process-source.ts';
import { type PublishPorts, publishTerminal } from './publish.ts';

/**
 * A message whose receives were used up: its source ends here, as a failure, unless it has ended. Whoever still works on
 * it may finish: only when no lease is alive is it given up. Throws when the stores do not answer.
 */
export async function failDeadLetter(ports: PublishPorts, ref: SourceRef): Promise<Processed> {
  const source = await ports.sources.get(ref.sourceUuid);
  if (source === undefined || source.generation !== ref.generation) return { outcome: 'done' };
  if (source.terminal === undefined) {
    const ended = await giveUp(ports, source);
    if (ended === undefined || ended.terminal) return { outcome: 'done' };
    const leftMs = Math.max(0, ended.leaseUntil - ports.clock.now());
    return { outcome: 'again', afterSeconds: Math.ceil(leftMs / 1000) + 1 };
  }
  if (source.published === undefined) await publishTerminal(ports, source);
  return { outcome: 'done' };
}
