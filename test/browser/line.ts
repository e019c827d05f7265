import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** A line to a service that can be cut: what a client meets in a train. */
export interface Line extends AsyncDisposable {
  readonly url: string;
  /** Drops all connections, without a word on either side, and takes no new ones. */
  cut(): void;
  mend(): void;
  /** Connections that were refused because the line was cut. */
  readonly refused: number;
}

export async function startLine(targetUrl: string): Promise<Line> {
  const { hostname, port } = new URL(targetUrl);
  const sockets = new Set<Socket>();
  let whole = true;
  let refused = 0;
  const keep = (socket: Socket, other: Socket) => {
    sockets.add(socket);
    socket.on('error', () => other.destroy());
    socket.on('close', () => {
      sockets.delete(socket);
      other.destroy();
    });
    socket.pipe(other);
  };
  const server = createServer((near) => {
    if (!whole) {
      refused++;
      near.destroy();
      return;
    }
    const far = connect(Number(port), hostname);
    keep(near, far);
    keep(far, near);
  });
  await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve));
  const destroyAll = () => {
    for (const socket of sockets) socket.resetAndDestroy();
  };
  return {
    url: `http://localhost:${(server.address() as AddressInfo).port}`,
    cut() {
      whole = false;
      destroyAll();
    },
    mend() {
      whole = true;
    },
    get refused() {
      return refused;
    },
    async [Symbol.asyncDispose]() {
      destroyAll();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
