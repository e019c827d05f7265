import { cpSync, existsSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { type BuildOptions, buildSync } from 'esbuild';

/** Every Lambda function, by the name of its file in `lambdas/`. */
export const FUNCTION_NAMES = [
  'ws-address',
  'upload-source',
  'source-status',
  'cancel-source',
  'connect',
  'disconnect',
  'message',
  'process',
  'fetch',
  'dead-letter',
  'subscriber',
  'sweeper',
  'rotate-socket-key',
] as const;

export type FunctionName = (typeof FUNCTION_NAMES)[number];

export interface Bundles {
  /** The folder that becomes the code of the function: `index.mjs` exports its `handler`. */
  readonly functionDir: (name: FunctionName) => string;
  /** The folder that is served as the web page. */
  readonly webDir: string;
}

/** Gives CommonJS dependencies their `require` inside an ES module; under another name, lest a bundled module has the same import. */
const REQUIRE_BANNER =
  "import { createRequire as createRequireOfBundle } from 'node:module';const require = createRequireOfBundle(import.meta.url);";

/** All that runs on Lambda. */
const FOR_NODE: BuildOptions = {
  outExtension: { '.js': '.mjs' },
  bundle: true,
  minify: true,
  platform: 'node',
  target: 'node24',
  format: 'esm',
  mainFields: ['module', 'main'],
  banner: { js: REQUIRE_BANNER },
  legalComments: 'none',
  logLevel: 'warning',
  logOverride: { 'import-is-undefined': 'error' }, // would fail at the function's start only
};

/**
 * Builds all the code that is deployed, all functions in one call: one esbuild process for each costs ten times as much.
 * @param root the folder of `lambdas/` and `web/`.
 * @param buildDir emptied and filled.
 */
export function bundle({ root, buildDir }: { readonly root: string; readonly buildDir: string }): Bundles {
  const functionsDir = join(buildDir, 'functions');
  const webDir = join(buildDir, 'web');
  rmSync(functionsDir, { recursive: true, force: true });
  rmSync(webDir, { recursive: true, force: true });
  bundleFunctions(root, functionsDir);
  bundleWorker(root, join(functionsDir, 'process'));
  bundleWeb(root, webDir);
  return { functionDir: (name) => join(functionsDir, name), webDir };
}

function bundleFunctions(root: string, outdir: string): void {
  const entryPoints = FUNCTION_NAMES.map((name) => ({ in: `lambdas/${name}.ts`, out: `${name}/index` }));
  for (const entry of entryPoints) requireFile(root, entry.in);
  buildSync({ ...FOR_NODE, absWorkingDir: root, entryPoints, outdir });
}

/**
 * The program that `process` starts once for each document, `extract-worker.mjs`, and its parts beside it: a document
 * waits only for those that it needs. Nothing else is split: a function starts once for many requests. In `cmaps` lie the
 * character maps that a PDF may name.
 */
export function bundleWorker(root: string, outdir: string): void {
  const source = 'adapters/extract/worker.ts';
  requireFile(root, source);
  buildSync({
    ...FOR_NODE,
    absWorkingDir: root,
    entryPoints: [{ in: source, out: 'extract-worker' }],
    outdir,
    splitting: true,
    chunkNames: 'extract-worker-[hash]',
  });
  const pdfjs = dirname(createRequire(import.meta.url).resolve('pdfjs-dist/package.json'));
  cpSync(join(pdfjs, 'cmaps'), join(outdir, 'cmaps'), { recursive: true });
}

/** The page's script is built from `web/main.ts`; what else lies in `web/` for the browser is served as it is. */
function bundleWeb(root: string, outdir: string): void {
  requireFile(root, 'web/index.html');
  const source = join(root, 'web');
  cpSync(source, outdir, { recursive: true, filter: (path) => !/\.ts$|tsconfig\.json$/.test(path) });
  if (!existsSync(join(source, 'main.ts'))) return;
  buildSync({
    absWorkingDir: root,
    entryPoints: ['web/main.ts'],
    outdir,
    bundle: true,
    minify: true,
    platform: 'browser',
    target: 'es2022',
    format: 'esm',
    legalComments: 'none',
    logLevel: 'warning',
  });
}

function requireFile(root: string, path: string): void {
  if (!existsSync(join(root, path))) throw new Error(`Cannot bundle: ${path} does not exist in ${root}.`);
}
