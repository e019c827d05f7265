import { SLOW_MS } from '../bodies/run-bodies.ts';
import { createFailures, type Failures } from '../failures.ts';
import { createInChild, type InChild } from './in-child.ts';
import { documentCase } from './mutate-document.ts';
import { runBatch } from './run-batch.ts';

export interface RunDocumentsOptions {
  readonly count: number;
  readonly seed: number;
  readonly children: number;
  readonly only?: number;
  readonly out?: string;
}

/** A process has as many: what a library keeps from one document to the next is not to be taken for what one needs. */
const BATCH = 500;

/** What so many processes at one time may take of memory, a small machine has. */
const AT_ONCE = 2;

interface Figures {
  readonly ends: Map<string, number>;
  readonly stopped: Map<string, number>;
  documents: number;
  inChildren: number;
  uncaught: number;
  longestMs: number;
  slow: number;
}

interface Run {
  readonly options: RunDocumentsOptions;
  readonly figures: Figures;
  readonly failures: Failures;
  readonly inChild: InChild;
}

/** @returns the exit code: 0 where nothing was wrong. */
export async function runDocuments(options: RunDocumentsOptions): Promise<number> {
  const startedAt = performance.now();
  const failures = createFailures(options.out, (line) => console.log(line));
  using inChild = createInChild();
  const figures: Figures = {
    ends: new Map(),
    stopped: new Map(),
    documents: 0,
    inChildren: 0,
    uncaught: 0,
    longestMs: 0,
    slow: 0,
  };
  const run: Run = { options, figures, failures, inChild };
  const batches = batchesOf(options);
  const worker = async () => {
    for (let batch = batches.shift(); batch; batch = batches.shift()) {
      await tryBatch(run, batch);
      console.log(`${figures.documents.toLocaleString('en')} documents, ${failures.count} of them wrong`);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  console.log(linesOf(run, (performance.now() - startedAt) / 1000).join('\n'));
  return failures.count === 0 ? 0 : 1;
}

function batchesOf({ count, only }: RunDocumentsOptions): number[][] {
  if (only !== undefined) return [[only]];
  const indexes = Array.from({ length: count }, (_, index) => index);
  return Array.from({ length: Math.ceil(count / BATCH) }, (_, batch) =>
    indexes.slice(batch * BATCH, (batch + 1) * BATCH),
  );
}

async function tryBatch(run: Run, indexes: readonly number[]): Promise<void> {
  const { options, figures, failures } = run;
  const ends = new Map<number, string>();
  const again: number[] = [];
  const wrong = (index: number, what: string) =>
    failures.add(`seed-${options.seed}-document-${index}`, what, documentCase(options.seed, index).bytes);
  for (let left = indexes; left.length > 0; ) {
    left = await runBatch(
      { seed: options.seed, indexes: left },
      {
        onVerdict(index, verdict, cpuMs) {
          figures.documents += 1;
          add(figures.ends, verdict.end);
          ends.set(index, verdict.end);
          figures.longestMs = Math.max(figures.longestMs, cpuMs);
          if (cpuMs > 10 * SLOW_MS) figures.slow += 1;
          if (verdict.wrong !== undefined) wrong(index, verdict.wrong);
        },
        onUncaught(index, error) {
          figures.uncaught += 1;
          wrong(index, `nobody caught ${error}`);
        },
        onStopped(index, why) {
          figures.documents += 1;
          add(figures.stopped, why);
          again.push(index);
        },
      },
    );
  }
  for (const index of [...again, ...indexes.filter((each) => isInChild(each, options))]) {
    const what = await tryInChild(run, index, ends.get(index));
    if (what !== undefined) wrong(index, what);
  }
}

/** Spread over all of them. */
function isInChild(index: number, { count, children, only }: RunDocumentsOptions): boolean {
  return only !== undefined || (children > 0 && index % Math.max(1, Math.floor(count / children)) === 0);
}

/** @param here how it ended in this process; undefined where it was stopped. */
async function tryInChild(
  { options, figures, inChild }: Run,
  index: number,
  here: string | undefined,
): Promise<string | undefined> {
  figures.inChildren += 1;
  const document = documentCase(options.seed, index);
  const { end, wrong } = await inChild.check(document);
  if (wrong !== undefined) return `in a child: ${wrong}`;
  if (here === undefined) add(figures.ends, end);
  return here === undefined || here === end || isSalted(document.bytes)
    ? undefined
    : `is ${end} in a child, and ${here} here`;
}

/** Each process that makes the corpus encrypts its PDF anew: a change may break one and leave the other whole. */
function isSalted(bytes: Buffer): boolean {
  return bytes.includes('/Encrypt');
}

function add(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}

function linesOf({ figures, failures }: Run, seconds: number): string[] {
  const number = (value: number) => value.toLocaleString('en', { maximumFractionDigits: 1 });
  const list = (counts: Map<string, number>) =>
    [...counts]
      .toSorted((one, other) => other[1] - one[1])
      .map(([name, times]) => `  ${name} ${number(times)}`)
      .join('\n');
  return [
    `${number(figures.documents)} documents in ${number(seconds)} s, ${number(figures.inChildren)} of them in a child as well`,
    list(figures.ends),
    `stopped by a limit   ${number([...figures.stopped.values()].reduce((sum, each) => sum + each, 0))}`,
    list(figures.stopped),
    `wrong                ${number(failures.count)}`,
    `uncaught             ${number(figures.uncaught)}`,
    `longest              ${number(figures.longestMs)} ms of the processor; ${number(figures.slow)} took more than ${(10 * SLOW_MS) / 1000} s`,
  ].filter((line) => line !== '');
}
