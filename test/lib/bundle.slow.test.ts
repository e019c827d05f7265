import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { expect, it } from 'vitest';
import { bundle, FUNCTION_NAMES } from '../../lib/bundle.ts';

it('a second deployment uploads nothing: the code that is built of the same sources in another folder is the same', () => {
  const root = join(import.meta.dirname, '..', '..');
  const folders = [1, 2].map(() => mkdtempSync(join(tmpdir(), 'deployment-')));
  try {
    const [first, second] = folders.map((buildDir) => {
      bundle({ root, buildDir });
      return hashesBelow(buildDir);
    });
    expect(Object.keys(first!)).toEqual(
      expect.arrayContaining(FUNCTION_NAMES.map((name) => `functions/${name}/index.mjs`)),
    );
    expect(second).toEqual(first);
  } finally {
    for (const folder of folders) rmSync(folder, { recursive: true });
  }
});

function hashesBelow(folder: string): Record<string, string> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const paths = files.map((entry) => join(entry.parentPath, entry.name)).sort();
  const hash = (path: string) => createHash('sha256').update(readFileSync(path)).digest('hex');
  return Object.fromEntries(paths.map((path) => [relative(folder, path), hash(path)]));
}
