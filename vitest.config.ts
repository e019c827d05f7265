import { configDefaults, defineConfig, type TestProjectInlineConfiguration } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** What takes long and is seldom broken has a run of its own, `npm run test:slow`. */
const SLOW = 'test/**/*.slow.test.ts';
const which = process.env.TESTS ?? 'quick';

/** Tests of the whole service wait most of their time, so they begin first and all others run beside them. */
class WholeServiceFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const waits = ({ moduleId }: TestSpecification) => /\/test\/(chaos|e2e)\//.test(moduleId);
    return [...sorted.filter(waits), ...sorted.filter((file) => !waits(file))];
  }
}

/** Nothing in these outlives its file: one process for all of them has the libraries loaded once. */
const SHARING = ['app', 'adapters', 'domain', 'lib', 'model', 'mutants'].map((folder) => `test/${folder}/**/*.test.ts`);

const ALL = 'test/**/*.test.ts';
const slow = which === 'quick' ? [SLOW] : [];

export default defineConfig({
  test: {
    projects:
      which === 'slow'
        ? [project('slow', [SLOW])]
        : [
            project('sharing', SHARING, { isolate: false, exclude: slow }),
            project('own', [ALL], { exclude: [...SHARING, ...slow] }),
          ],
    sequence: { sequencer: WholeServiceFirst },
    // One more than the two cores that this is held to: much of a test is waiting, for a close or a server's start.
    maxWorkers: 3,
  },
});

function project(
  name: string,
  include: string[],
  { isolate = true, exclude = [] }: { readonly isolate?: boolean; readonly exclude?: string[] } = {},
): TestProjectInlineConfiguration {
  return {
    test: {
      name,
      include,
      isolate,
      exclude: [...configDefaults.exclude, ...exclude],
      // Bounds for a hang, never the way a test waits. A service of settings of its own waits for the templates of the others.
      testTimeout: 120_000,
      hookTimeout: 300_000,
    },
  };
}
