import type { Connections } from './ports.ts';

/** The socket is gone. Its cursor goes with the channel's time to live: this has no way to Redis, and needs none. */
export async function closeConnection(connections: Connections, connectionId: string): Promise<void> {
  const connection = await connections.find(connectionId);
  if (connection) await connections.remove(connection);
}
