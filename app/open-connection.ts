import { RequestError } from '../domain/errors.ts';
import { isUuid, parseEventId } from '../domain/ids.ts';
import { SOCKET_LIFE_MS } from '../domain/limits.ts';
import type { Channels, Clock, Connections, EventBus, Log, SubscriberStarter } from './ports.ts';
import { refusalOfOneMore, type UserLimits } from './user-limits.ts';

export interface OpenConnectionPorts {
  readonly channels: Channels;
  readonly connections: Connections;
  readonly bus: EventBus;
  readonly subscribers: SubscriberStarter;
  readonly clock: Clock;
  readonly limits: UserLimits;
  readonly log: Log;
}

export interface OpenConnection {
  readonly connectionId: string;
  readonly connectedAt: number;
  readonly wsUuid: string | undefined;
  readonly lastEventId: string | undefined;
}

/** $disconnect is best effort, so the record outlives the socket's two hours by ten minutes and then expires. */
const CONNECTION_TTL_MS = SOCKET_LIFE_MS + 10 * 60_000;

/** Throws RequestError `ws-uuid-missing`, `ws-uuid-invalid`, `invalid-request`, `unknown-channel` or `too-many-sockets`: the handshake is refused. */
export async function openConnection(ports: OpenConnectionPorts, request: OpenConnection): Promise<void> {
  const { wsUuid, connectionId, connectedAt } = request;
  if (!wsUuid)
    throw new RequestError('ws-uuid-missing', 'Connect to the ws-address that POST /public/sources/ws gave.');
  if (!isUuid(wsUuid)) throw new RequestError('ws-uuid-invalid', 'The ws-uuid in this address is not a UUID.');
  const lastEventId = request.lastEventId === undefined ? undefined : parseEventId(request.lastEventId);
  if (request.lastEventId !== undefined && lastEventId === undefined) {
    throw new RequestError('invalid-request', 'last-event-id must be an event-id as it was received.');
  }
  const channel = await ports.channels.get(wsUuid, ports.clock.now());
  if (channel === undefined) {
    throw new RequestError('unknown-channel', 'This channel is unknown or has expired: ask for its address again.');
  }
  const { shard, owner } = channel;
  // None is older than the gateway lets it become: what a $disconnect that never came has left is not counted for longer.
  const since = ports.clock.now() - SOCKET_LIFE_MS;
  const tooMany = await refusalOfOneMore(ports.limits, 'sockets', (most) =>
    ports.connections.countOf(owner, since, most),
  );
  if (tooMany) throw tooMany;
  const expiresAt = ports.clock.now() + CONNECTION_TTL_MS;
  const connection = {
    wsUuid,
    owner,
    connectionId,
    shard,
    connectedAt,
    expiresAt,
    ...(lastEventId && { lastEventId }),
  };
  // Before the ring: a doorbell that is served while nobody knows of the connection brings it nothing.
  await ports.connections.add(connection);
  try {
    const { wake } = await ports.bus.open(connection, lastEventId);
    if (wake) await ports.subscribers.start(shard);
  } catch (error) {
    ports.log.warn('connection-not-announced', { wsUuid, connectionId, error });
    // All of the channel may have happened before: then no event rings for it any more, and the sweeper has to.
    await ports.connections.add({ ...connection, unannounced: true });
  }
}
