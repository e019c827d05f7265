import { parseEventId } from '../domain/ids.ts';
import { type ClientMessage, clientMessage, type Notice } from '../domain/messages.ts';
import type { Connections, EventBus, Log, Sockets, SubscriberStarter } from './ports.ts';

export interface ClientMessagePorts {
  readonly connections: Connections;
  readonly bus: EventBus;
  readonly subscribers: SubscriberStarter;
  readonly sockets: Sockets;
  readonly log: Log;
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
  try {
    await move(ports, connectionId, message.data);
  } catch (error) {
    ports.log.warn('client-message-failed', { connectionId, action: message.data.action, error });
    const sentence = 'This could not be done just now. Please send it again.';
    await answer(ports.sockets, connectionId, { type: 'error', code: 'unavailable', error: sentence });
  }
}

async function move(
  { connections, bus, subscribers }: ClientMessagePorts,
  connectionId: string,
  message: Exclude<ClientMessage, { action: 'ping' }>,
): Promise<void> {
  const connection = await connections.find(connectionId);
  // It left meanwhile, or the index does not have it yet: then the answer reaches it, and it sends again.
  if (connection === undefined) throw new Error('No such connection');
  const { wake } =
    message.action === 'resume'
      ? await bus.open(connection, parseEventId(message['last-event-id']))
      : await bus.acknowledge(connection, connectionId, parseEventId(message['event-id'])!);
  if (wake) await subscribers.start(connection.shard);
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
