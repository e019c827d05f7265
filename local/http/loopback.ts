import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

/** Another program, or an earlier start of this one, holds the port. */
export class PortInUseError extends Error {
  readonly code = 'PORT_IN_USE';
  readonly port: number;

  constructor(port: number, options?: { cause?: unknown }) {
    super(`Port ${port} is already in use. Stop what listens there, or choose another port.`, options);
    this.name = 'PortInUseError';
    this.port = port;
  }
}

export interface Listening extends AsyncDisposable {
  readonly port: number;
}

/**
 * Listens on one loopback address, never on the outside.
 * Dispose destroys every socket that the server ever accepted, upgraded ones included, which `server.close()` alone waits for.
 */
export async function listenOnLoopback(
  server: Server,
  port: number,
  host: '127.0.0.1' | '::1' = '127.0.0.1',
): Promise<Listening> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  server.listen({ port, host });
  try {
    await once(server, 'listening');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'EADDRINUSE') throw new PortInUseError(port, { cause });
    throw cause;
  }
  return {
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
