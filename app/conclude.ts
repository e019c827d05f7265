import type { Clock, SourceRef, Terminal } from './ports.ts';
import { type PublishPorts, publishTerminal } from './publish.ts';

export interface ConcludePorts extends PublishPorts {
  readonly clock: Clock;
}

/**
 * The only way in which a source ends, whoever ends it. Stored first, published second, marked third: whatever breaks in
 * between, the stored value is the one that everybody will hear, and an unmarked one is published again.
 */
export async function conclude(ports: ConcludePorts, ref: SourceRef, terminal: Terminal): Promise<void> {
  const stored = await ports.sources.settle(ref, terminal, ports.clock.now());
  if (stored === undefined) return; // a later generation took its place: this one has ended before
  await publishTerminal(ports, stored);
  ports.log.info('source-ended', {
    sourceUuid: stored.sourceUuid,
    status: stored.terminal?.status,
    code: stored.terminal?.status === 'failure' ? stored.terminal.code : undefined,
    milliseconds: ports.clock.now() - stored.openedAt,
  });
}
