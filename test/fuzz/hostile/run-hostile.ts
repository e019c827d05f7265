import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleWorker } from '../../../lib/bundle.ts';
import { extraction } from '../../adapters/extract/harness.ts';
import { HOSTILE_DOCUMENTS } from './documents.ts';
import { type HostileOutcome, MAX_RSS_BYTES, MAX_SECONDS, tryHostile, type Worker } from './try-hostile.ts';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

/** One after the other, each followed by a document that is none of them. @returns the exit code. */
export async function runHostile({ only }: { readonly only?: string }): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'source-upload-hostile-'));
  try {
    bundleWorker(ROOT, folder);
    const worker = { workerPath: join(folder, 'extract-worker.mjs'), readable: [folder] };
    const outcomes: (HostileOutcome & { readonly isTimed: boolean })[] = [];
    let wrong = 0;
    for (const document of HOSTILE_DOCUMENTS.filter(({ about }) => about.includes(only ?? ''))) {
      const outcome = await tryHostile(document, worker);
      // Writing a file that is larger than any may be is no part of its time.
      const isTimed = document.documentBytes === undefined;
      outcomes.push({ ...outcome, isTimed });
      const isWrong = !isGood(outcome) || (isTimed && outcome.seconds >= MAX_SECONDS) || !(await isReadNext(worker));
      if (isWrong) wrong += 1;
      console.log(lineOf(outcome, isWrong));
    }
    const peak = Math.max(0, ...outcomes.map(({ peakRssBytes }) => peakRssBytes));
    const longest = Math.max(0, ...outcomes.filter(({ isTimed }) => isTimed).map(({ seconds }) => seconds));
    console.log(
      `${outcomes.length} documents, ${wrong} wrong; at most ${megabytes(peak)} of ${megabytes(MAX_RSS_BYTES)} and ${longest.toFixed(1)} s of ${MAX_SECONDS} s`,
    );
    return wrong === 0 ? 0 : 1;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function isGood({ isExpected, peakRssBytes }: HostileOutcome): boolean {
  return isExpected && peakRssBytes < MAX_RSS_BYTES;
}

async function isReadNext(worker: Worker): Promise<boolean> {
  const next = await extraction('next.txt', 'the next one', worker);
  return (await next.run()).words === 3 && next.text() === 'the next one';
}

function lineOf({ about, end, peakRssBytes, seconds }: HostileOutcome, isWrong: boolean): string {
  const figures = `${megabytes(peakRssBytes).padStart(7)}  ${seconds.toFixed(1).padStart(5)} s`;
  return `${isWrong ? 'WRONG' : 'ok   '}  ${figures}  ${end.padEnd(28)}  ${about}`;
}

function megabytes(bytes: number): string {
  return `${Math.round(bytes / 1_000_000)} MB`;
}
