import { readFileSync } from 'node:fs';
import { SourceFailure } from '../../../domain/errors.ts';
import { extraction } from '../../adapters/extract/harness.ts';
import { sentenceOf } from '../documents/check-document.ts';
import type { HostileDocument } from './hostile.ts';

/** What the whole of a document may take: the limits of its child, what they overshoot by, its fetching and its end. */
export const MAX_RSS_BYTES = 950_000_000;
export const MAX_SECONDS = 35;

/** Less of the processor than this in all the time that a document has, 30 s: the machine had no time for it. */
const STARVED_SECONDS = 20;
const ALL_SECONDS = 29;

export interface HostileOutcome {
  readonly about: string;
  readonly end: string;
  readonly peakRssBytes: number;
  readonly seconds: number;
  /** Of the processor, in the child. Time on the clock is also that of whoever else is on the machine. */
  readonly cpuSeconds: number;
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
  const watched = watchChildren(worker.workerPath);
  const end = await running.then(() => 'text', endOf);
  const seconds = (performance.now() - startedAt) / 1000;
  const { peakRssBytes, cpuSeconds } = watched.stop();
  const isStarved = end === 'document-timeout' && seconds > ALL_SECONDS && cpuSeconds < STARVED_SECONDS;
  const isExpected = isStarved || [ends].flat().includes(end as 'text');
  return { about, end, peakRssBytes, seconds, cpuSeconds, isExpected };
}

function endOf(error: unknown): string {
  if (!(error instanceof SourceFailure)) return `an error: ${error}`;
  return sentenceOf(error.code, error.message).wrong ?? error.code;
}

/** Of the children of this process that run the worker: what the largest one held at most, and the busiest one used. */
function watchChildren(workerPath: string): { stop(): { peakRssBytes: number; cpuSeconds: number } } {
  let peakRssBytes = 0;
  let cpuSeconds = 0;
  const look = () => {
    for (const pid of childrenOf(process.pid)) {
      try {
        if (!readFileSync(`/proc/${pid}/cmdline`, 'latin1').includes(workerPath)) continue;
        const kilobytes = /^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1];
        peakRssBytes = Math.max(peakRssBytes, Number(kilobytes ?? 0) * 1024);
        cpuSeconds = Math.max(cpuSeconds, cpuSecondsOf(pid));
      } catch {
        // It ended meanwhile.
      }
    }
  };
  const looking = setInterval(look, LOOK_EVERY_MS);
  return {
    stop() {
      clearInterval(looking);
      return { peakRssBytes, cpuSeconds };
    },
  };
}

const TICKS_PER_SECOND = 100; // of the kernel's interface, whatever its own timer does

/** The 14th and the 15th field; the second one, in brackets, is a name that may hold spaces. */
function cpuSecondsOf(pid: string): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

function childrenOf(pid: number): readonly string[] {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1').trim().split(' ').filter(Boolean);
  } catch {
    return []; // no /proc on this machine: the memory is not measured
  }
}
