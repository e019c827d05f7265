import { formatEventId } from '../domain/ids.ts';
import type { Notice } from '../domain/messages.ts';
import { sourcesOfChannel } from './channel-sources.ts';
import { snapshotOf } from './events.ts';
import type { NextEvents } from './ports.ts';
import type { Frame } from './post-frame.ts';
import type { RestoreChannelPorts } from './restore-channel.ts';

/** A channel may have a thousand sources, and a line of the log at most 256 KB. */
const MAX_LOGGED_IDS = 100;

/**
 * Events that it asked for are not held any more: it is told so, then how each source stands, and goes on with what is
 * held. The sources are read after the history was, so that none of them stands further back than its events.
 */
export async function* bridgeGap(
  ports: RestoreChannelPorts,
  wsUuid: string,
  connectionId: string,
  { epoch, firstHeld }: NextEvents,
): AsyncGenerator<Frame> {
  const reached = firstHeld - 1;
  const gap: Notice = { type: 'gap', 'resume-from': formatEventId({ epoch, seq: reached }) };
  const { sources } = await sourcesOfChannel(ports, wsUuid);
  const correlationIds: string[] = [];
  let frame = JSON.stringify(gap);
  for await (const source of sources) {
    yield { frame };
    frame = JSON.stringify(snapshotOf(source));
    if (source.correlationId && correlationIds.length < MAX_LOGGED_IDS) correlationIds.push(source.correlationId);
  }
  ports.log.info('gap-bridged', { wsUuid, connectionId, correlationIds });
  yield { frame, reached };
}
