import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { bundle, FUNCTION_NAMES } from '../../lib/bundle.ts';

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'bundle-'));
  onTestFinished(() => rmSync(root, { recursive: true }));
  for (const folder of ['lambdas', 'web', 'adapters/extract']) mkdirSync(join(root, folder), { recursive: true });
  write('adapters/extract/worker.ts', `console.log('extracts');`);
  write('web/index.html', '<script type="module" src="main.js"></script>');
  for (const name of FUNCTION_NAMES)
    write(`lambdas/${name}.ts`, `export const handler = async (): Promise<string> => '${name}';`);
});

function write(path: string, text: string): void {
  writeFileSync(join(root, path), text);
}

const build = () => bundle({ root, buildDir: join(root, '.build') });

const load = (file: string) => import(pathToFileURL(file).href);

describe('the bundle of the functions', () => {
  it('gives each function a folder with an index.mjs that exports its handler', async () => {
    const { functionDir } = build();
    for (const name of FUNCTION_NAMES) {
      const { handler } = await load(join(functionDir(name), 'index.mjs'));
      expect(await handler()).toBe(name);
    }
  });

  it.each(['lambdas/fetch.ts', 'adapters/extract/worker.ts'])('names the file that is missing: %s', (path) => {
    rmSync(join(root, path));
    expect(build).toThrow(`${path} does not exist`);
  });

  it('refuses a handler that imports what is not there, which would fail only once it runs', () => {
    write('lambdas/wiring.ts', 'export const log = 1;');
    write('lambdas/connect.ts', `import * as wire from './wiring.ts'; export const handler = () => wire.missing;`);
    expect(build).toThrow('"missing" will always be undefined');
  });

  it('lets CommonJS dependencies require what Node has, beside a module with the same import', async () => {
    write('lambdas/legacy.cjs', `module.exports = require('node:path').sep;`);
    write(
      'lambdas/connect.ts',
      `import { createRequire } from 'node:module';
      import sep from './legacy.cjs';
      export const handler = () => [sep, typeof createRequire(import.meta.url)];`,
    );
    const { handler } = await load(join(build().functionDir('connect'), 'index.mjs'));
    expect(handler()).toEqual(['/', 'function']);
  });

  it('puts the program that extracts and its parts beside process, and beside nothing else', () => {
    write('adapters/extract/part.ts', `console.log('a part');`);
    write('adapters/extract/worker.ts', `await import('./part.ts');`);
    const { functionDir } = build();
    const filesOf = (name: (typeof FUNCTION_NAMES)[number]) => readdirSync(functionDir(name)).toSorted();
    expect(filesOf('process')).toEqual([
      'cmaps',
      expect.stringMatching(/^extract-worker-\w+\.mjs$/),
      'extract-worker.mjs',
      'index.mjs',
    ]);
    for (const name of FUNCTION_NAMES.filter((each) => each !== 'process'))
      expect(filesOf(name)).toEqual(['index.mjs']);
  });

  it('keeps nothing of an earlier build', () => {
    const { functionDir } = build();
    writeFileSync(join(functionDir('connect'), 'stale.mjs'), '');
    build();
    expect(existsSync(join(functionDir('connect'), 'stale.mjs'))).toBe(false);
  });

  it('makes the same bytes from the same sources, so that nothing is deployed twice', () => {
    const folder = build().functionDir('process');
    const contents = () =>
      readdirSync(folder, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map(({ name, parentPath }) => [name, readFileSync(join(parentPath, name), 'base64')]);
    const first = contents();
    build();
    expect(contents()).toEqual(first);
  });
});

describe('the bundle of the page', () => {
  it('is its script in one file, and everything else as it is', () => {
    write('web/tsconfig.json', '{}');
    write('web/part.ts', `export const part: string = 'joined';`);
    write('web/main.ts', `import { part } from './part.ts'; document.title = part;`);
    const { webDir } = build();
    expect(readFileSync(join(webDir, 'main.js'), 'utf8')).toContain('joined');
    expect(readFileSync(join(webDir, 'index.html'), 'utf8')).toContain('main.js');
    expect(existsSync(join(webDir, 'part.ts'))).toBe(false);
    expect(existsSync(join(webDir, 'tsconfig.json'))).toBe(false);
  });

  it('names the page that is missing', () => {
    rmSync(join(root, 'web/index.html'));
    expect(build).toThrow('web/index.html does not exist');
  });
});
