import { fork } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { createGzip } from 'node:zlib';
import type { FetchFigures, FetchJob } from './fetch-worker.ts';
import { printTable } from './figures.ts';
import { startS3Sink } from './s3-sink.ts';

const WORKER = fileURLToPath(new URL('./fetch-worker.ts', import.meta.url));

const MEGABYTE = 1_000_000;

/** By then everything that is held is held: all parts in flight, and the code compiled. */
const MARK_MEGABYTES = 100;

/** What the memory may grow from there to the end. */
const FLAT_WITHIN_MEGABYTES = 20;

/** A function of 512 MB, and what Lambda starts Node with in it. */
const LAMBDA_FLAGS = ['--max-old-space-size=460', '--max-semi-space-size=25'];

/**
 * Each chunk from a socket is garbage at once, and with Lambda's flags V8 lets some 40 MB of it lie: how seldom it collects
 * would be measured, and not what is held.
 */
const PROMPT_FLAGS = ['--max-old-space-size=460', '--max-semi-space-size=1'];

type Encoding = 'identity' | 'gzip';

const RUNS: ReadonlyArray<{ readonly name: string; readonly encoding: Encoding; readonly flags: readonly string[] }> = [
  { name: 'as it is', encoding: 'identity', flags: PROMPT_FLAGS },
  { name: 'gzip', encoding: 'gzip', flags: PROMPT_FLAGS },
  { name: "as it is, with Lambda's flags (not judged)", encoding: 'identity', flags: LAMBDA_FLAGS },
];

export interface FetchBenchOptions {
  readonly megabytes: number;
}

/** @throws where the memory is not flat. */
export async function benchFetch({ megabytes }: FetchBenchOptions): Promise<void> {
  console.log(`A body of ${megabytes} MB into S3; memory of the fetching process, in MB\n`);
  const rows = [];
  for (const run of RUNS) rows.push({ ...run, ...(await measure(megabytes, run.encoding, run.flags)) });
  printTable([
    ['sent', 'MB/s', 'at start', `peak at ${MARK_MEGABYTES} MB`, `peak at ${megabytes} MB`, 'ratio'],
    ...rows.map(({ name, bytes, milliseconds, peakAtStart, peakAtMark, peakAtEnd }) => [
      name,
      (bytes / MEGABYTE / (milliseconds / 1000)).toFixed(0),
      mb(peakAtStart),
      mb(peakAtMark),
      mb(peakAtEnd),
      (peakAtEnd / peakAtMark).toFixed(2),
    ]),
  ]);
  const judged = rows.filter(({ flags }) => flags === PROMPT_FLAGS);
  const grew = Math.max(...judged.map(({ peakAtMark, peakAtEnd }) => peakAtEnd - peakAtMark));
  console.log(`\ngrown from ${MARK_MEGABYTES} MB to ${megabytes} MB: ${mb(grew)} MB at the most`);
  if (grew > FLAT_WITHIN_MEGABYTES * MEGABYTE) {
    throw new Error(`The memory is not flat: it may grow by ${FLAT_WITHIN_MEGABYTES} MB.`);
  }
}

function mb(bytes: number): string {
  return (bytes / MEGABYTE).toFixed(1);
}

async function measure(megabytes: number, encoding: Encoding, flags: readonly string[]): Promise<FetchFigures> {
  await using s3 = await startS3Sink();
  await using server = disposable(createServer((_request, response) => void send(response)));
  async function send(response: ServerResponse) {
    response.setHeader('content-type', 'application/octet-stream');
    if (encoding === 'gzip') response.setHeader('content-encoding', 'gzip');
    else response.setHeader('content-length', String(megabytes * MEGABYTE));
    const out = encoding === 'gzip' ? createGzip({ level: 1 }) : response;
    if (out !== response) out.pipe(response);
    // Repeats within a chunk, so that it can be compressed; differs from chunk to chunk.
    const chunk = Buffer.alloc(MEGABYTE / 10);
    for (let left = megabytes * 10; left > 0; left -= 1) {
      chunk.fill(`line ${left} of the document\n`);
      if (!out.write(Buffer.from(chunk))) await once(out, 'drain');
    }
    out.end();
  }
  const url = await listen(server.value);
  const figures = await runWorker(flags, {
    url,
    s3Url: s3.url,
    maxBytes: megabytes * MEGABYTE,
    markBytes: MARK_MEGABYTES * MEGABYTE,
  });
  if (s3.bytes() !== megabytes * MEGABYTE) throw new Error(`${s3.bytes()} bytes came to S3.`);
  return figures;
}

async function runWorker(flags: readonly string[], job: FetchJob): Promise<FetchFigures> {
  const child = fork(WORKER, { execArgv: [...flags] });
  const exited = once(child, 'exit');
  child.send(job);
  const [figures] = await Promise.race([once(child, 'message'), exited.then(failed)]);
  await exited;
  return figures as FetchFigures;
}

function failed([code]: unknown[]): never {
  throw new Error(`The fetching process ended with ${code} and no figures.`);
}

async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

function disposable(value: Server) {
  return {
    value,
    async [Symbol.asyncDispose]() {
      value.closeAllConnections();
      await new Promise((resolve) => value.close(resolve));
    },
  };
}
