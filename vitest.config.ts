import { configDefaults, defineConfig } from 'vitest/config';

/** What takes long and is seldom broken has a run of its own, `npm run test:slow`. */
const SLOW = 'test/**/*.slow.test.ts';
const which = process.env.TESTS ?? 'quick';

export default defineConfig({
  test: {
    include: [which === 'slow' ? SLOW : 'test/**/*.test.ts'],
    exclude: [...configDefaults.exclude, ...(which === 'quick' ? [SLOW] : [])],
    // One more than the two cores that this is held to: much of a test is waiting, for a close or a server's start.
    maxWorkers: 3,
    testTimeout: 20_000, // 20 s: a bound for a hang, never the way a test waits
    hookTimeout: 60_000,
  },
});
