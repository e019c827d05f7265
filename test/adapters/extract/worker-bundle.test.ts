import { spawnSync } from 'node:child_process';
import { mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { extraction, pdfOf } from './harness.ts';

/** The worker as it is deployed: one file, beside nothing. */
const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'worker-bundle-'));
  await build({
    absWorkingDir: ROOT,
    entryPoints: [{ in: 'adapters/extract/worker.ts', out: 'extract-worker' }],
    outdir: folder,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    minify: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    mainFields: ['module', 'main'],
    banner: {
      js: "import { createRequire as createRequireOfBundle } from 'node:module';const require = createRequireOfBundle(import.meta.url);",
    },
    logLevel: 'error',
  });
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('the bundled worker', () => {
  it('reads a PDF and may read nothing but its own folder', async () => {
    const workerPath = join(folder, 'extract-worker.mjs');
    const test = await extraction('a.pdf', await pdfOf(['Hello bundle']), { workerPath, readable: [folder] });
    expect(await test.run()).toMatchObject({ pages: 1, words: 2 });
    expect(test.text()).toBe('Hello bundle\n');
  });

  it('says nothing on its standard error: no missing canvas, no polyfill', async () => {
    writeFileSync(join(folder, 'a.pdf'), await pdfOf(['Hello', '']));
    const request = JSON.stringify({ filename: 'a.pdf', textBytes: 1000, pages: 10 });
    const args = ['--permission', `--allow-fs-read=${folder}`, join(folder, 'extract-worker.mjs'), request];
    const child = spawnSync(process.execPath, args, {
      stdio: [openSync(join(folder, 'a.pdf'), 'r'), 'pipe', 'pipe', 'pipe'],
      env: {},
    });
    expect(child.stderr.toString()).toBe('');
    expect(child.output[3]?.toString()).toContain('"done"');
  });
});
