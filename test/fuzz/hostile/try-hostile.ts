import { readFileSync } from 'node:fs';
import { SourceFailure } from '../../../domain/errors.ts';
import { extraction } from '../../adapters/extract/harness.ts';
import { sentenceOf } from '../documents/check-document.ts';
import type { HostileDocument } from './hostile.ts';

/** What the whole of a document may take: the limits of its child, what they overshoot by, its fetching and its end. */
export const MAX_RSS_BYTES = 950_000_000;
export const MAX_SECONDS = 35;

export interface HostileOutcome {
  readonly about: string;
  readonly end: string;
  readonly peakRssBytes: number;
  readonly seconds: number;
  readonly isExpected: boolean;
}

export interface Worker {
  readonly workerPath: string;
  readonly readable: readonly string[];
}

/** As often as this; the kernel itself keeps the highest value, so that only what is touched in the last moment is missed. */
const LOOK_EVERY_MS = 10;

/** Runs the document as an upload is run: in a child process with all its limits, which is watched from here. */
export async function tryHostile(document: HostileDocument, worker: Worker): Promise<HostileOutcome> {
  const { about, filename, ends, documentBytes } = document;
  const limits = documentBytes === undefined ? {} : { documentBytes };
  const test = await extraction(filename, document.make(), { ...worker, limits });
  const startedAt = performance.now();
  const running = test.run();
  const peak = watchChildren(worker.workerPath);
  const end = await running.then(() => 'text', endOf);
  const seconds = (performance.now() - startedAt) / 1000;
  const isExpected = [ends].flat().includes(end as 'text');
  return { about, end, peakRssBytes: peak.stop(), seconds, isExpected };
}

function endOf(error: unknown): string {
  if (!(error instanceof SourceFailure)) return `an error: ${error}`;
  return sentenceOf(error.code, error.message).wrong ?? error.code;
}

/** Of the children of this process that run the worker: what the largest one held at most. */
function watchChildren(workerPath: string): { stop(): number } {
  let peak = 0;
  const look = () => {
    for (const pid of childrenOf(process.pid)) {
      try {
        if (!readFileSync(`/proc/${pid}/cmdline`, 'latin1').includes(workerPath)) continue;
        const kilobytes = /^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1];
        peak = Math.max(peak, Number(kilobytes ?? 0) * 1024);
      } catch {
        // It ended meanwhile.
      }
    }
  };
  const looking = setInterval(look, LOOK_EVERY_MS);
  return {
    stop() {
      clearInterval(looking);
      return peak;
    },
  };
}

function childrenOf(pid: number): readonly string[] {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1').trim().split(' ').filter(Boolean);
  } catch {
    return []; // no /proc on this machine: the memory is not measured
  }
}
