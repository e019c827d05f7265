import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleWorker } from '../../lib/bundle.ts';
import { tryHostile, type Worker } from '../fuzz/hostile/try-hostile.ts';
import { type BenchDocument, benchDocuments, type NativeTool } from './extract-documents.ts';
import { percentile, printTable } from './figures.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

interface Taken {
  readonly seconds: number;
  readonly peakRssBytes: number;
}

/** Each document in a child process as an upload is read, and in turns with it a native tool, so that both had the same machine. */
export async function benchExtract({
  rounds,
  megabytes,
}: {
  readonly rounds: number;
  readonly megabytes: number;
}): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'source-upload-bench-'));
  try {
    bundleWorker(ROOT, folder);
    const worker = { workerPath: join(folder, 'extract-worker.mjs'), readable: [folder] };
    const start = await median(rounds, () =>
      ours({ format: '', filename: 'a.txt', bytes: Buffer.from('x'), read: 1 }, worker),
    );
    console.log(
      `Text of documents, the median of ${rounds}. A child that reads one word: ${start.seconds.toFixed(2)} s, in each of these.`,
    );
    const rows: (readonly string[])[] = [];
    for (const document of await benchDocuments(megabytes * 10_000)) {
      rows.push(await rowOf(document, worker, folder, rounds));
    }
    printTable([
      ['format', 'MB read', 'MB/s', 'peak MB', 'beside', 'its MB/s', 'its peak MB', 'times its time'],
      ...rows,
    ]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function rowOf(
  document: BenchDocument,
  worker: Worker,
  folder: string,
  rounds: number,
): Promise<readonly string[]> {
  const { format, filename, bytes, read, native } = document;
  const path = join(folder, filename);
  writeFileSync(path, bytes);
  const tool = native && isThere(native) ? native : undefined;
  const [mine, its]: [Taken[], Taken[]] = [[], []];
  for (let left = rounds; left > 0; left -= 1) {
    mine.push(await ours(document, worker));
    if (tool) its.push(await theirs(tool, path));
  }
  const me = medianOf(mine);
  const figures = [format, megabytesOf(read), speed(read, me), megabytesOf(me.peakRssBytes)];
  if (!tool) return [...figures, native ? `no ${native.command} here` : '', '', '', ''];
  const it = medianOf(its);
  return [
    ...figures,
    tool.command,
    speed(read, it),
    megabytesOf(it.peakRssBytes),
    (me.seconds / it.seconds).toFixed(1),
  ];
}

async function ours({ format, filename, bytes }: BenchDocument, worker: Worker): Promise<Taken> {
  const outcome = await tryHostile({ about: format, filename, make: () => bytes, ends: 'text' }, worker);
  if (!outcome.isExpected) throw new Error(`${format} ended in ${outcome.end}`);
  return outcome;
}

function isThere({ command }: NativeTool): boolean {
  return spawnSync('which', [command]).status === 0;
}

async function theirs(tool: NativeTool, path: string): Promise<Taken> {
  const startedAt = performance.now();
  const child = spawn(tool.command, tool.arguments(path), { stdio: ['ignore', 'pipe', 'inherit'] });
  let peak = 0;
  const looking = setInterval(() => {
    peak = Math.max(peak, peakOf(child.pid));
  }, 5);
  child.stdout.resume();
  const [code] = await once(child, 'close');
  clearInterval(looking);
  if (code !== 0) throw new Error(`${tool.command} ended with ${code}`);
  return { seconds: (performance.now() - startedAt) / 1000, peakRssBytes: peak };
}

function peakOf(pid: number | undefined): number {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'latin1');
    return Number(/^VmHWM:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) * 1024;
  } catch {
    return 0; // it has ended, or there is no /proc
  }
}

async function median(rounds: number, take: () => Promise<Taken>): Promise<Taken> {
  const all: Taken[] = [];
  for (let left = rounds; left > 0; left -= 1) all.push(await take());
  return medianOf(all);
}

function medianOf(all: readonly Taken[]): Taken {
  return {
    seconds: percentile(
      all.map(({ seconds }) => seconds),
      0.5,
    ),
    peakRssBytes: Math.max(...all.map(({ peakRssBytes }) => peakRssBytes)),
  };
}

function speed(bytes: number, { seconds }: Taken): string {
  return (bytes / 1_000_000 / seconds).toFixed(1);
}

function megabytesOf(bytes: number): string {
  return (bytes / 1_000_000).toFixed(1);
}
