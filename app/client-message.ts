import { parseEventId } from '../domain/ids.ts';
import { clientMessage, type Notice } from '../domain/messages.ts';
import type { Connections, EventBus, Sockets, SubscriberStarter } from './ports.ts';

export interface ClientMessagePorts {
  readonly connections: Connections;
  readonly bus: EventBus;
  readonly subscribers: SubscriberStarter;
  readonly sockets: Sockets;
}

/** What a client sent on its socket. A message that is not of the protocol is answered, never punished. */
export async function receiveClientMessage(
  ports: ClientMessagePorts,
  connectionId: string,
  text: string,
): Promise<void> {
  const message = clientMessage.safeParse(parseJson(text));
  if (!message.success) {
    const error =
      'Send {"action": "ping"}, {"action": "resume", "last-event-id": …} or {"action": "ack", "event-id": …}.';
    return await answer(ports.sockets, connectionId, { type: 'error', code: 'invalid-request', error });
  }
  if (message.data.action === 'ping') return await answer(ports.sockets, connectionId, { type: 'pong' });
  const connection = await ports.connections.find(connectionId);
  if (connection === undefined) return; // it left meanwhile
  const { wake } =
    message.data.action === 'resume'
      ? await ports.bus.open(connection, connectionId, parseEventId(message.data['last-event-id']))
      : await ports.bus.acknowledge(connection, connectionId, parseEventId(message.data['event-id'])!);
  if (wake) await ports.subscribers.start(connection.shard);
}

async function answer(sockets: Sockets, connectionId: string, notice: Notice): Promise<void> {
  await sockets.post(connectionId, JSON.stringify(notice));
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
