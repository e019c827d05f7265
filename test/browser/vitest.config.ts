import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

/** The page in Chromium, apart from `npm test`: a machine without a browser runs that all the same. */
export default defineConfig({
  root: fileURLToPath(new URL('../..', import.meta.url)),
  test: {
    include: ['test/browser/**/*.spec.ts'],
    fileParallelism: false, // each file starts the whole service and a browser
    testTimeout: 120_000, // 2 min: a bound for a hang, never the way a test waits
    hookTimeout: 300_000,
  },
});
