import { type Mutant, type NamedTest, patternOf } from './mutant.ts';
import type { TestResult, TestRun } from './run-tests.ts';

export type Verdict =
  | { readonly outcome: 'killed'; readonly by: readonly string[] }
  | { readonly outcome: 'survived' }
  /** The tests could not judge it: the code did not even load, or they were not there. */
  | { readonly outcome: 'broken'; readonly why: string };

export function isNamed({ file, fullName }: TestResult, test: NamedTest): boolean {
  return file === test.file && new RegExp(patternOf(test)).test(fullName);
}

/** Killed only by a named test that saw what it watches for, and said so: a mutant that merely crashes is no proof of the test. */
export function judge({ killedBy }: Mutant, { results, broken }: TestRun): Verdict {
  const named = results.filter((result) => killedBy.some((test) => isNamed(result, test)));
  const failed = named.filter(({ status }) => status === 'failed');
  const by = failed.filter(({ failure }) => isAssertion(failure)).map(({ fullName }) => fullName);
  if (by.length > 0) return { outcome: 'killed', by };
  if (failed.length > 0) return { outcome: 'broken', why: firstLine(failed[0]!.failure) };
  if (broken !== undefined) return { outcome: 'broken', why: firstLine(broken) };
  return named.length > 0 ? { outcome: 'survived' } : { outcome: 'broken', why: 'none of its tests was run' };
}

/** @returns what is wrong with these tests where nothing is planted: not run, or failed. */
export function complaintsAbout(tests: readonly NamedTest[], { results, broken }: TestRun): string[] {
  const complaints = tests.flatMap((test) => {
    const own = results.filter((result) => isNamed(result, test));
    if (own.length === 0) return [`${test.file}: no test was run for "${test.title}"`];
    const failed = own.filter(({ status }) => status === 'failed');
    return failed.map(({ fullName, failure }) => `${test.file}: ${fullName}: ${firstLine(failure)}`);
  });
  return broken === undefined ? complaints : [firstLine(broken), ...complaints];
}

/** Of vitest, or an error that a file of the tests has thrown itself: a search over many runs names the run that failed. */
function isAssertion(failure: string): boolean {
  // What follows on `rejects` and `resolves` has no name of its own.
  if (/^(AssertionError\b|Error: (promise (resolved|rejected)|expected) )/.test(failure)) return true;
  const thrownBy = failure.split('\n').find((line) => line.trimStart().startsWith('at '));
  return /^Error: (?!(Test|Hook) timed out)/.test(failure) && /\/test\/(?!mutants)[^:]*\.ts:\d/.test(thrownBy ?? '');
}

function firstLine(text: string): string {
  return text.split('\n')[0]!.slice(0, 300);
}
