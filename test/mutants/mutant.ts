/** A bug that is planted on purpose, and the tests that are there to find it. */
export interface Mutant {
  readonly name: string;
  /** One sentence: what the service does with it. */
  readonly what: string;
  /** From the root of the repository. */
  readonly file: string;
  /** Stands exactly once in the file. */
  readonly find: string;
  readonly replace: string;
  /** At least one of them fails. */
  readonly killedBy: readonly NamedTest[];
}

export interface NamedTest {
  /** What vitest is given. The test itself may stand in a file that this one imports. */
  readonly file: string;
  /** Its title or a part of it, as it is written: without what `%s` stands for. */
  readonly title: string;
  /** Part of the title of a suite around it, where a contract runs on several implementations. */
  readonly suite?: string;
}

/** The code has changed since the mutant was written: it has to be planted anew, or is not wanted any more. */
export class MutantDoesNotApply extends Error {
  override readonly name = 'MutantDoesNotApply';
  readonly code = 'MUTANT_DOES_NOT_APPLY';
}

/** Throws MutantDoesNotApply. */
export function plant({ name, file, find, replace }: Mutant, source: string): string {
  const parts = source.split(find);
  if (parts.length === 2) return parts.join(replace);
  const times = parts.length === 1 ? 'is not' : `is ${parts.length - 1} times`;
  throw new MutantDoesNotApply(`the mutant no longer applies: ${name}: what it replaces ${times} in ${file}`);
}

/** For vitest's `-t`, and to know the test again in its report. */
export function patternOf({ title, suite }: NamedTest): string {
  return suite === undefined ? escaped(title) : `${escaped(suite)}.*${escaped(title)}`;
}

function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}
