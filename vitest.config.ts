import { configDefaults, defineConfig } from 'vitest/config';
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

export default defineConfig({
  test: {
    include: [which === 'slow' ? SLOW : 'test/**/*.test.ts'],
    exclude: [...configDefaults.exclude, ...(which === 'quick' ? [SLOW] : [])],
    sequence: { sequencer: WholeServiceFirst },
    // One more than the two cores that this is held to: much of a test is waiting, for a close or a server's start.
    maxWorkers: 3,
    // Bounds for a hang, never the way a test waits. A service of settings of its own waits for the templates of the others.
    testTimeout: 120_000,
    hookTimeout: 300_000,
  },
});
