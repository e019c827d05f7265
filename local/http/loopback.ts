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

/** Ports below 1024 belong to the administrator, on most systems. */
export class PortForbiddenError extends Error {
  readonly code = 'PORT_FORBIDDEN';

  constructor(port: number, options?: { cause?: unknown }) {
    super(`This user may not listen on port ${port}: choose one from 1024 on.`, options);
    this.name = 'PortForbiddenError';
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
    const { code } = cause as NodeJS.ErrnoException;
    if (code === 'EADDRINUSE') throw new PortInUseError(port, { cause });
    if (code === 'EACCES') throw new PortForbiddenError(port, { cause });
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

/**
 * Listens on 127.0.0.1 and ::1 alike: `localhost` is either, by the client's choice. Each address gets a server of its own
 * from `newServer`. A machine without IPv6 has the one address only.
 * @throws PortInUseError when either is taken, PortForbiddenError; with nothing left listening.
 */
export async function listenOnLocalhost(newServer: () => Server, port: number): Promise<Listening> {
  const ipv4 = await listenOnLoopback(newServer(), port, '127.0.0.1');
  try {
    const ipv6 = await listenOnLoopback(newServer(), ipv4.port, '::1');
    return {
      port: ipv4.port,
      async [Symbol.asyncDispose]() {
        await Promise.all([ipv4[Symbol.asyncDispose](), ipv6[Symbol.asyncDispose]()]);
      },
    };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EADDRNOTAVAIL' || code === 'EAFNOSUPPORT') return ipv4;
    await ipv4[Symbol.asyncDispose]();
    // Free on one address and taken on the other: where the system chose the port, its next choice may do.
    if (port === 0 && error instanceof PortInUseError) return listenOnLocalhost(newServer, 0);
    throw error;
  }
}
