import { spawn } from 'node:child_process';
import { readFile, rm } from 'node:fs/promises';
import { join, relative } from 'node:path';
import * as z from 'zod';
import { type NamedTest, patternOf } from './mutant.ts';

export interface TestResult {
  readonly file: string;
  /** The titles of its suites and its own. */
  readonly fullName: string;
  readonly status: 'passed' | 'failed';
  /** The stack of what it failed with; empty where it passed. */
  readonly failure: string;
}

export interface TestRun {
  /** Of the tests that were named, in every file that was. */
  readonly results: readonly TestResult[];
  /** What kept a file, or all of it, from being run. */
  readonly broken?: string;
}

/** The named tests together take some seconds: what has not ended by then goes round in circles. */
const GIVE_UP_MS = 180_000;

/** Many a mutant hangs: its test is over before the run is. */
const SOON = ['--testTimeout=20000', '--hookTimeout=60000'];

const report = z.object({
  testResults: z.array(
    z.object({
      name: z.string(),
      message: z.string().optional(),
      assertionResults: z.array(
        z.object({ fullName: z.string(), status: z.string(), failureMessages: z.array(z.string()).nullish() }),
      ),
    }),
  ),
});

/** Runs these tests and no others in a copy of the repository. */
export async function runTests(
  dir: string,
  tests: readonly NamedTest[],
  { workers, signal }: { readonly workers: number; readonly signal: AbortSignal },
): Promise<TestRun> {
  const outputFile = join(dir, 'mutants-report.json');
  await rm(outputFile, { force: true });
  const files = [...new Set(tests.map(({ file }) => file))];
  const pattern = [...new Set(tests.map(patternOf))].join('|');
  const options = ['--reporter=json', `--outputFile=${outputFile}`, `--maxWorkers=${workers}`, ...SOON, '-t', pattern];
  const failed = await vitest(dir, ['run', ...files, ...options], signal);
  const text = await readFile(outputFile, 'utf8').catch(() => undefined);
  if (text === undefined) return { results: [], broken: failed ?? 'vitest wrote no report' };
  const { testResults } = report.parse(JSON.parse(text));
  const message = testResults.find((each) => each.message)?.message;
  return {
    ...(message && { broken: message }),
    results: testResults.flatMap(({ name, assertionResults }) =>
      assertionResults
        .filter(({ status }) => status === 'passed' || status === 'failed')
        .map(({ fullName, status, failureMessages }) => ({
          file: relative(dir, name),
          fullName,
          status: status as TestResult['status'],
          failure: (failureMessages ?? []).join('\n'),
        })),
    ),
  };
}

/** @returns why there is no report, where that is known. A failed test is no failure here. */
async function vitest(dir: string, args: readonly string[], signal: AbortSignal): Promise<string | undefined> {
  // A group of its own: a test that never yields would outlive the end of vitest.
  const child = spawn(process.execPath, [join(dir, 'node_modules/vitest/vitest.mjs'), ...args], {
    cwd: dir,
    env: { ...process.env, NO_COLOR: '1' },
    stdio: ['ignore', 'ignore', 'pipe'],
    detached: true,
  });
  const stop = AbortSignal.any([signal, AbortSignal.timeout(GIVE_UP_MS)]);
  const kill = () => child.pid && process.kill(-child.pid, 'SIGKILL');
  stop.addEventListener('abort', kill);
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-2_000);
  });
  try {
    await new Promise<void>((resolve, reject) => child.once('close', () => resolve()).once('error', reject));
  } finally {
    stop.removeEventListener('abort', kill);
  }
  return stop.aborted ? `it had not ended after ${GIVE_UP_MS / 1000} s` : said.trim() || undefined;
}
