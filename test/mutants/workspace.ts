import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { type Mutant, plant } from './mutant.ts';

export const ROOT = resolve(import.meta.dirname, '../..');

/** Nothing that a test reads, or linked instead. */
const LEFT_OUT = new Set(['node_modules', '.git', 'cdk.out', '.local', '.build', 'test-results']);

/** A copy of the repository, in which the code may be broken. */
export interface Workspace extends AsyncDisposable {
  readonly dir: string;
  /** @returns what takes the mutant out again. Throws MutantDoesNotApply. */
  plant(mutant: Mutant): Promise<AsyncDisposable>;
}

export async function createWorkspace(): Promise<Workspace> {
  const dir = await mkdtemp(join(tmpdir(), 'mutants-'));
  await cp(ROOT, dir, { recursive: true, filter: (from) => !LEFT_OUT.has(relative(ROOT, from)) });
  await symlink(join(ROOT, 'node_modules'), join(dir, 'node_modules'));
  return {
    dir,
    async plant(mutant) {
      const path = join(dir, mutant.file);
      const original = await readFile(path, 'utf8');
      await writeFile(path, plant(mutant, original));
      return { [Symbol.asyncDispose]: () => writeFile(path, original) };
    },
    [Symbol.asyncDispose]: () => rm(dir, { recursive: true, force: true }),
  };
}
