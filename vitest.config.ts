import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // One more than the two cores that this is held to: much of a test is waiting, for a close or a server's start.
    maxWorkers: 3,
    testTimeout: 20_000, // 20 s: a bound for a hang, never the way a test waits
    hookTimeout: 60_000,
  },
});
