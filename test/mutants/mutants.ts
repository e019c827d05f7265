import { availableParallelism } from 'node:os';
import { MUTANTS_HELP, parseMutantsArguments, UsageError } from './arguments.ts';
import { MUTANTS } from './catalogue.ts';
import { complaintsAbout, judge, type Verdict } from './judge.ts';
import type { Mutant, NamedTest } from './mutant.ts';
import { runTests } from './run-tests.ts';
import { createWorkspace, type Workspace } from './workspace.ts';

/** Each of them is a vitest of its own. */
const AT_ONCE = Math.min(2, availableParallelism());

const NAME_WIDTH = Math.max(...MUTANTS.map(({ name }) => name.length));

/** @returns whether all were killed. */
async function run(mutants: readonly Mutant[], signal: AbortSignal): Promise<boolean> {
  await using workspaces = new AsyncDisposableStack();
  const create = async () => workspaces.use(await createWorkspace());
  const [first, ...others] = await Promise.all(Array.from({ length: Math.min(AT_ONCE, mutants.length) }, create));
  // Before anything is run: a mutant that has to be written anew is known at once.
  for (const mutant of mutants) await (await first!.plant(mutant))[Symbol.asyncDispose]();
  if (!(await passUnbroken(first!, mutants, signal))) return false;
  const waiting = [...mutants];
  let killed = 0;
  const work = async (workspace: Workspace) => {
    for (let mutant = waiting.shift(); mutant && !signal.aborted; mutant = waiting.shift()) {
      const startedAt = performance.now();
      const verdict = await tryMutant(workspace, mutant, signal);
      if (signal.aborted) return;
      if (verdict.outcome === 'killed') killed += 1;
      console.log(rowOf(mutant, verdict, performance.now() - startedAt));
    }
  };
  await Promise.all([first!, ...others].map(work));
  if (signal.aborted) return false;
  console.log(`\n${killed} of ${mutants.length} mutants killed`);
  return killed === mutants.length;
}

/** A test that fails anyway proves nothing. */
async function passUnbroken({ dir }: Workspace, mutants: readonly Mutant[], signal: AbortSignal): Promise<boolean> {
  const tests = distinct(mutants.flatMap(({ killedBy }) => killedBy));
  const startedAt = performance.now();
  const complaints = complaintsAbout(tests, await runTests(dir, tests, { workers: AT_ONCE, signal }));
  if (signal.aborted) return false;
  for (const complaint of complaints) console.error(`without any mutant: ${complaint}`);
  if (complaints.length > 0) return false;
  console.log(
    `the ${tests.length} tests named for them pass without any mutant, in ${seconds(performance.now() - startedAt)}\n`,
  );
  return true;
}

function distinct(tests: readonly NamedTest[]): NamedTest[] {
  return [...new Map(tests.map((test) => [JSON.stringify(test), test])).values()];
}

async function tryMutant(workspace: Workspace, mutant: Mutant, signal: AbortSignal): Promise<Verdict> {
  await using _ = await workspace.plant(mutant);
  return judge(mutant, await runTests(workspace.dir, mutant.killedBy, { workers: 1, signal }));
}

function rowOf({ name, what }: Mutant, verdict: Verdict, milliseconds: number): string {
  const start = `${name.padEnd(NAME_WIDTH)}  ${seconds(milliseconds).padStart(6)}  `;
  if (verdict.outcome === 'killed') {
    const others = verdict.by.length > 1 ? `, and ${verdict.by.length - 1} more` : '';
    return `${start}killed by: ${verdict.by[0]}${others}`;
  }
  return `${start}${verdict.outcome === 'survived' ? 'SURVIVED' : `NOT JUDGED: ${verdict.why}`} (${what})`;
}

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(1)} s`;
}

async function main(): Promise<void> {
  const options = parseMutantsArguments(
    process.argv.slice(2),
    MUTANTS.map(({ name }) => name),
  );
  if (options.command === 'help') return console.log(MUTANTS_HELP);
  if (options.command === 'list') {
    for (const { name, what } of MUTANTS) console.log(`${name.padEnd(NAME_WIDTH)}  ${what}`);
    return;
  }
  const stop = new AbortController();
  process.once('SIGINT', () => stop.abort()).once('SIGTERM', () => stop.abort());
  const chosen = MUTANTS.filter(({ name }) => options.only.length === 0 || options.only.includes(name));
  if (!(await run(chosen, stop.signal))) process.exitCode = 1;
}

try {
  await main();
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  console.error(`${error.message} Try: npm run mutants -- --help`);
  process.exitCode = 2;
}
