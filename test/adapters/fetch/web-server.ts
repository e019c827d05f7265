import { createServer, type RequestListener } from 'node:http';
import { type AddressInfo, createServer as createTcpServer, type Server, type Socket } from 'node:net';
import { expect } from 'vitest';
import { systemClock } from '../../../adapters/clock.ts';
import { type OpenUrlOptions, openUrl } from '../../../adapters/fetch/open-url.ts';
import { type Download, StartOver } from '../../../app/fetch-source.ts';
import { SourceFailure } from '../../../domain/errors.ts';

/** A bound for a hang, never the way a test waits. */
export const WAIT = { timeout: 15_000, interval: 5 };

export interface TestServer extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
  /** Sockets that are open now. */
  readonly open: ReadonlySet<Socket>;
  /** Requests so far, as far as the server saw them: connections of a server below HTTP. */
  readonly count: () => number;
}

export async function serve(listener: RequestListener, address = '127.0.0.1'): Promise<TestServer> {
  const server = createServer(listener);
  let requests = 0;
  server.on('request', () => {
    requests += 1;
  });
  return await listen(server, () => requests, address);
}

/** A server below HTTP: what it does with a connection once the first bytes of a request are there. */
export async function serveConnections(answer: (socket: Socket, connection: number) => void): Promise<TestServer> {
  let connections = 0;
  const server = createTcpServer((socket) => {
    const number = connections;
    connections += 1;
    socket.on('error', () => {});
    socket.once('data', () => answer(socket, number));
  });
  return await listen(server, () => connections, '127.0.0.1');
}

/** The same bytes to each request, and then, where told, the end of the connection. */
export function serveRaw(answer: string | Buffer, hangUp = true): Promise<TestServer> {
  return serveConnections((socket) => (hangUp ? socket.end(answer) : socket.write(answer)));
}

async function listen(server: Server, count: () => number, address: string): Promise<TestServer> {
  const open = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    open.add(socket);
    socket.on('close', () => open.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, address, resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://${address}:${port}`,
    port,
    open,
    count,
    async [Symbol.asyncDispose]() {
      for (const socket of open) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

export const ALLOWED = { allowHosts: ['127.0.0.1'], clock: systemClock };

export type ReadOptions = Partial<OpenUrlOptions>;

export interface Read extends Download {
  readonly bytes: Buffer;
  /** How often it began anew. */
  readonly restarts: number;
}

/** The whole content, from as many beginnings as it took. */
export async function read(url: string, options: ReadOptions = {}): Promise<Read> {
  await using opened = await openUrl(url, { ...ALLOWED, ...options });
  let download: Download = opened;
  for (let restarts = 0; ; restarts += 1) {
    const chunks: Uint8Array[] = [];
    try {
      for await (const chunk of download.body) chunks.push(chunk);
      return { ...download, bytes: Buffer.concat(chunks), restarts };
    } catch (error) {
      if (!(error instanceof StartOver)) throw error;
      download = error.next;
    }
  }
}

/** One failure with a sentence that says what happened and what to do. */
export async function failure(url: string, options: ReadOptions = {}): Promise<SourceFailure> {
  const error = await read(url, options).then(
    ({ bytes }) => `${bytes.length} bytes came`,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(SourceFailure);
  const { message } = error as SourceFailure;
  expect(message).toMatch(/^[A-Z].*\.$/);
  expect(message).toMatch(ADVICE);
  return error as SourceFailure;
}

const ADVICE = /\b(check (it|the URL)|try again later|send (a|one|the)|Send the file)\b/;

/** Without the pauses between tries: they are on a clock that each sleep moves on. */
export const NO_RETRIES = { retries: 0 };
