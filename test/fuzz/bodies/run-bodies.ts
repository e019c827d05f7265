import { createFailures } from '../failures.ts';
import { type BodyVerdict, bodyCase, checkBody } from './check-body.ts';

/** More time of the processor than a body may take. Time on the clock is also that of whoever else is on the machine. */
export const SLOW_MS = 100;

const SAY_EVERY = 100_000;

export interface BodyFigures {
  bodies: number;
  accepted: number;
  comparedWithFormData: number;
  readonly refused: Map<string, number>;
  wrong: number;
  uncaught: number;
  slow: number;
  longestMs: number;
  longestClockMs: number;
}

/** @returns the exit code: 0 where nothing was wrong. */
export async function runBodies(options: {
  readonly count: number;
  readonly seed: number;
  readonly only?: number;
  readonly out?: string;
}): Promise<number> {
  const { count, seed, only } = options;
  const failures = createFailures(options.out, (line) => console.log(line));
  const startedAt = performance.now();
  const figures = await fuzzBodies({
    seed,
    from: only ?? 0,
    to: only === undefined ? count : only + 1,
    onWrong: (index, wrong, body) => failures.add(`seed-${seed}-body-${index}`, wrong, body),
    onProgress: (done) => console.log(`${done.toLocaleString('en')} bodies, ${failures.count} of them wrong`),
  });
  console.log(linesOf(figures, (performance.now() - startedAt) / 1000).join('\n'));
  return figures.wrong + figures.uncaught + figures.slow === 0 ? 0 : 1;
}

export interface FuzzBodiesOptions {
  readonly seed: number;
  readonly from: number;
  readonly to: number;
  onWrong(index: number, wrong: string, body: Uint8Array): void;
  onProgress?(done: number): void;
}

export async function fuzzBodies({ seed, from, to, onWrong, onProgress }: FuzzBodiesOptions): Promise<BodyFigures> {
  const figures: BodyFigures = {
    bodies: 0,
    accepted: 0,
    comparedWithFormData: 0,
    refused: new Map(),
    wrong: 0,
    uncaught: 0,
    slow: 0,
    longestMs: 0,
    longestClockMs: 0,
  };
  let current: { index: number; body: Buffer } = { index: from, body: Buffer.alloc(0) };
  const uncaught = (error: unknown) => {
    figures.uncaught += 1;
    onWrong(current.index, `nobody caught ${error instanceof Error ? error.stack : String(error)}`, current.body);
  };
  process.on('uncaughtException', uncaught).on('unhandledRejection', uncaught);
  try {
    for (let index = from; index < to; index += 1) {
      const made = bodyCase(seed, index);
      current = { index, body: made.body };
      const verdict = await timed(figures, () => checkBody(made, true));
      count(figures, verdict);
      if (verdict.wrong !== undefined)
        onWrong(index, `${verdict.wrong}; its type is ${JSON.stringify(made.type)}`, made.body);
      if (figures.bodies % SAY_EVERY === 0) onProgress?.(figures.bodies);
    }
    // What was thrown beside the last one is to be heard as well.
    await new Promise((resolve) => setImmediate(resolve));
  } finally {
    process.off('uncaughtException', uncaught).off('unhandledRejection', uncaught);
  }
  return figures;
}

/** With the comparison, which takes as long again. */
async function timed(figures: BodyFigures, check: () => Promise<BodyVerdict>): Promise<BodyVerdict> {
  const startedAt = performance.now();
  const before = process.threadCpuUsage();
  const verdict = await check();
  const { user, system } = process.threadCpuUsage(before);
  const cpuMs = (user + system) / 1000;
  if (cpuMs > SLOW_MS) figures.slow += 1;
  figures.longestMs = Math.max(figures.longestMs, cpuMs);
  figures.longestClockMs = Math.max(figures.longestClockMs, performance.now() - startedAt);
  return verdict;
}

function count(figures: BodyFigures, { accepted, comparedTwice, code, wrong }: BodyVerdict): void {
  figures.bodies += 1;
  if (accepted) figures.accepted += 1;
  if (comparedTwice) figures.comparedWithFormData += 1;
  if (code !== undefined) figures.refused.set(code, (figures.refused.get(code) ?? 0) + 1);
  if (wrong !== undefined) figures.wrong += 1;
}

function linesOf(figures: BodyFigures, seconds: number): string[] {
  const number = (value: number) => value.toLocaleString('en', { maximumFractionDigits: 1 });
  const refused = [...figures.refused].toSorted((one, other) => other[1] - one[1]);
  return [
    `${number(figures.bodies)} bodies in ${number(seconds)} s`,
    `accepted             ${number(figures.accepted)}, all compared with the second parser, ${number(figures.comparedWithFormData)} with FormData too`,
    `refused              ${refused.map(([code, times]) => `${code} ${number(times)}`).join(', ')}`,
    `wrong                ${number(figures.wrong)}`,
    `uncaught             ${number(figures.uncaught)}`,
    `longest              ${number(figures.longestMs)} ms of the processor, ${number(figures.longestClockMs)} ms on the clock`,
    `over ${SLOW_MS} ms of the processor  ${number(figures.slow)}`,
  ];
}
