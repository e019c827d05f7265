import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Two cores: more workers than that only make the servers that the tests start wait for each other.
    maxWorkers: 2,
    testTimeout: 20_000, // 20 s: a bound for a hang, never the way a test waits
    hookTimeout: 60_000,
  },
});
