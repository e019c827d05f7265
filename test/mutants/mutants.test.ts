import { readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseMutantsArguments } from './arguments.ts';
import { MUTANTS } from './catalogue.ts';
import { complaintsAbout, judge } from './judge.ts';
import { type Mutant, plant } from './mutant.ts';
import type { TestResult } from './run-tests.ts';
import { ROOT } from './workspace.ts';

/** Only that each mutant can still be planted, and that its tests are there: `npm run mutants` runs them. */

const read = (file: string) => readFileSync(join(ROOT, file), 'utf8');

/** A contract stands in a file that the test imports. */
function withImports(file: string, seen = new Set<string>()): Set<string> {
  if (seen.has(file)) return seen;
  seen.add(file);
  for (const [, specifier] of read(file).matchAll(/from '(\.[^']+\.ts)'/g)) {
    const imported = relative(ROOT, resolve(ROOT, dirname(file), specifier!));
    if (imported.startsWith('test/')) withImports(imported, seen);
  }
  return seen;
}

/** Whatever is the first argument of a call and a text: titles are among them. */
function titlesIn(file: string): string[] {
  const literals = read(file).matchAll(/\(\s*(?:'([^'\n]*)'|"([^"\n]*)"|`([^`\n]*)`),/g);
  return [...literals].map(([, single, double, template]) => single ?? double ?? template ?? '');
}

describe.each(MUTANTS.map((mutant) => [mutant.name, mutant] as const))('the mutant %s', (_, mutant) => {
  it('can still be planted', () => {
    const original = read(mutant.file);
    expect(plant(mutant, original)).not.toBe(original);
  });

  it('has tests to kill it', () => {
    expect(mutant.killedBy).not.toEqual([]);
    for (const { file, title } of mutant.killedBy) {
      const titles = [...withImports(file)].flatMap(titlesIn);
      expect(
        titles.filter((each) => each.includes(title)),
        `${file}: ${title}`,
      ).not.toEqual([]);
    }
  });
});

it('each mutant has a name of its own', () => {
  expect(new Set(MUTANTS.map(({ name }) => name)).size).toBe(MUTANTS.length);
});

describe('planting', () => {
  const mutant = { ...MUTANTS[0]!, file: 'a.ts', name: 'wrong', find: 'good', replace: '$&bad' };

  it('replaces the text as it is written', () => {
    expect(plant(mutant, 'a good thing')).toBe('a $&bad thing');
  });

  it.each(['nothing', 'good and good'])('refuses a file where the text does not stand exactly once: %s', (source) => {
    expect(() => plant(mutant, source)).toThrow('the mutant no longer applies: wrong');
  });
});

describe('a mutant', () => {
  const named = { file: 'test/a.test.ts', title: 'sees (it)', suite: 'b' };
  const mutant: Mutant = { ...MUTANTS[0]!, killedBy: [named] };
  const result = (failure: string, fullName = 'a b c sees (it) at once'): TestResult => ({
    file: named.file,
    fullName,
    status: failure === '' ? 'passed' : 'failed',
    failure,
  });
  const judged = (...failures: string[]) => judge(mutant, { results: failures.map((each) => result(each)) });

  it.each([
    'AssertionError: expected 1 to be 2\n    at /tmp/x/test/a.test.ts:1:1',
    'Error: expected RequestError: no to match object { code: 1 }',
    'Error: promise resolved "undefined" instead of rejecting',
    'Error: crash at call 3\n    at surviveAll (/tmp/x/test/app/step-boundaries.ts:150:19)',
  ])('is killed by a named test that saw it: %j', (failure) => {
    expect(judged('', failure)).toEqual({ outcome: 'killed', by: ['a b c sees (it) at once'] });
  });

  it.each([
    'ReferenceError: x is not defined\n    at /tmp/x/app/deliver.ts:1:1',
    'Error: Test timed out in 20000ms.\n    at /tmp/x/test/a.test.ts:1:1',
    'Error: boom\n    at run (/tmp/x/app/deliver.ts:1:1)',
  ])('is not killed by a crash or a hang: %j', (failure) => {
    expect(judged(failure)).toEqual({ outcome: 'broken', why: failure.split('\n')[0] });
  });

  it('survives where all tests pass, and where only others fail', () => {
    expect(judged('')).toEqual({ outcome: 'survived' });
    const others = result('AssertionError: no', 'a b c sees that');
    expect(judge(mutant, { results: [result(''), others] })).toEqual({ outcome: 'survived' });
  });

  it('is not judged where its tests were not run', () => {
    expect(judge(mutant, { results: [] })).toMatchObject({ outcome: 'broken' });
    expect(judge(mutant, { results: [], broken: 'SyntaxError: no\nmore' })).toEqual({
      outcome: 'broken',
      why: 'SyntaxError: no',
    });
  });

  it('is not tried with tests that fail without it, or are not there', () => {
    expect(complaintsAbout([named], { results: [result('')] })).toEqual([]);
    expect(complaintsAbout([named], { results: [result('AssertionError: no')] })).toHaveLength(1);
    expect(complaintsAbout([named], { results: [] })).toEqual(['test/a.test.ts: no test was run for "sees (it)"']);
  });
});

describe('the arguments', () => {
  it('are all mutants by default, or those that are named', () => {
    expect(parseMutantsArguments([], ['a'])).toEqual({ command: 'run', only: [] });
    expect(parseMutantsArguments(['--only', 'a', '--only', 'b'], ['a', 'b'])).toEqual({
      command: 'run',
      only: ['a', 'b'],
    });
    expect(parseMutantsArguments(['--list'], [])).toEqual({ command: 'list' });
    expect(parseMutantsArguments(['-h'], [])).toEqual({ command: 'help' });
  });

  it.each([
    [['--only', 'c'], 'There is no mutant "c": see --list.'],
    [['--only'], "Option '--only <value>' argument missing."],
    [['x'], "Unexpected argument 'x'."],
  ])('are refused where they make no sense: %j', (args, message) => {
    expect(() => parseMutantsArguments(args, ['a'])).toThrow(message);
  });
});
