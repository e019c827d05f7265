import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type AddressInfo, createServer as createTcpServer, type Server, type Socket } from 'node:net';
import { expect } from 'vitest';
import { systemClock } from '../../../adapters/clock.ts';
import { createForwardProcessor, type ForwardProcessorOptions } from '../../../adapters/forward/processor.ts';
import type { ManualClock } from '../../../adapters/memory/clock.ts';
import { createMemoryLog } from '../../../adapters/memory/log.ts';
import { createMemorySourceFiles } from '../../../adapters/memory/source-files.ts';
import type { ExtractProgress, Source, SourceFiles } from '../../../app/ports.ts';
import { SourceFailure } from '../../../domain/errors.ts';
import { newSource } from '../contracts/source-fixture.ts';

/** A bound for a hang, never the way a test waits. */
export const WAIT = { timeout: 15_000, interval: 5 };

export interface Upstream extends AsyncDisposable {
  readonly url: string;
  /** Sockets that are open now. */
  readonly open: ReadonlySet<Socket>;
  /** How many there have been. */
  readonly connections: number;
}

/** An upstream of HTTP. */
export function startUpstream(
  listener: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<Upstream> {
  return listening(createServer(listener));
}

/** An upstream below HTTP: it may do what no server does. */
export function startRawUpstream(listener: (socket: Socket) => void): Promise<Upstream> {
  return listening(createTcpServer(listener));
}

async function listening(server: Server): Promise<Upstream> {
  const open = new Set<Socket>();
  let connections = 0;
  server.on('connection', (socket) => {
    connections += 1;
    open.add(socket);
    socket.on('error', () => {}).on('close', () => open.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    open,
    get connections() {
      return connections;
    },
    async [Symbol.asyncDispose]() {
      for (const socket of open) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** The form of a request, read by the platform's own parser. */
export async function formOf(request: IncomingMessage): Promise<FormData> {
  const headers = { 'content-type': request.headers['content-type']! };
  return await new Response(await bodyOf(request), { headers }).formData();
}

export async function bodyOf(request: IncomingMessage): Promise<Buffer<ArrayBuffer>> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks);
}

export function answerJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

/** One that is claimed: a file, unless it has a URL. */
function sourceOf({ url, ...changes }: Partial<Source>): Source {
  const type = url === undefined ? 'file-upload' : 'url-upload';
  const claimed = { generation: 1, queued: true, attempt: 1, leaseUntil: 0, redriven: 0 };
  const sourceUuid = '6f1c7a4e-8d0b-4d53-9f43-1b6f0a1f2c3d';
  return { ...newSource({ sourceUuid, type, url }), ...claimed, ...changes };
}

export interface Forwarding {
  readonly files: ReturnType<typeof createMemorySourceFiles>;
  readonly log: ReturnType<typeof createMemoryLog>;
  readonly source: Source;
  readonly progress: ExtractProgress[];
  run(signal?: AbortSignal): Promise<unknown>;
  /** Runs, and gives what it fails with. */
  failure(signal?: AbortSignal): Promise<SourceFailure>;
}

export interface ForwardingOptions extends Partial<Omit<ForwardProcessorOptions, 'files'>> {
  readonly source?: Partial<Source>;
  readonly bytes?: Uint8Array | string;
  /** In place of what is stored. */
  readonly readOriginal?: SourceFiles['readOriginal'];
}

export async function forwarding(upstream: string, options: ForwardingOptions = {}): Promise<Forwarding> {
  const { source: changes, bytes = 'some bytes', readOriginal, ...rest } = options;
  const files = createMemorySourceFiles();
  const log = createMemoryLog();
  const source = sourceOf(changes ?? {});
  const progress: ExtractProgress[] = [];
  await files.putOriginal(source, Buffer.from(bytes as string));
  const processor = createForwardProcessor({
    upstream,
    files: { readOriginal: readOriginal ?? files.readOriginal, putResult: files.putResult },
    clock: systemClock,
    log,
    random: () => 0,
    ...rest,
  });
  const run = (signal = new AbortController().signal) =>
    processor.process(source, (each) => progress.push(each), signal);
  return {
    files,
    log,
    source,
    progress,
    run,
    async failure(signal) {
      const error = await run(signal).then(
        (result) => new Error(`it succeeded with ${JSON.stringify(result)}`),
        (reason: unknown) => reason,
      );
      expect(error).toBeInstanceOf(SourceFailure);
      return error as SourceFailure;
    },
  };
}

/** What has become of it by now: what never ends is seen by an expectation, not by the test's own end. */
export function outcomeOf(running: Promise<unknown>): { readonly result?: unknown; readonly error?: unknown } {
  const outcome: { result?: unknown; error?: unknown } = {};
  running.then(
    (result) => Object.assign(outcome, { result }),
    (error) => Object.assign(outcome, { error }),
  );
  return outcome;
}

/** Two are asleep: the deadline, and a pause that ends before it. */
const IN_A_PAUSE = 2;

/** Lets every pause pass, and never the deadline: what goes over the network is not of this clock. */
export async function throughPauses<T>(clock: ManualClock, running: Promise<T>): Promise<T> {
  let settled = false;
  const settle = () => {
    settled = true;
  };
  running.then(settle, settle);
  while (!settled) {
    await expect.poll(() => settled || clock.sleepers === IN_A_PAUSE, WAIT).toBe(true);
    if (!settled) await clock.advance(clock.nextAt! - clock.now());
  }
  return await running;
}
