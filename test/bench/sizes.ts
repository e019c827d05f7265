import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { bundle, FUNCTION_NAMES } from '../../lib/bundle.ts';
import { printTable } from './figures.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

const CODE = /\.(ts|mjs|js|html|css|sh)$/;

export function benchSizes(): void {
  const buildDir = mkdtempSync(join(tmpdir(), 'source-upload-bench-'));
  try {
    const { functionDir, webDir } = bundle({ root: ROOT, buildDir });
    const rows = FUNCTION_NAMES.flatMap((name) => filesOf(functionDir(name), name));
    console.log('Bundles, in kB');
    printTable([['file', 'minified', 'gzip'], ...rows, ...filesOf(webDir, 'web')]);
  } finally {
    rmSync(buildDir, { recursive: true, force: true });
  }
  console.log('\nLines of code that are not blank');
  printTable([['folder', 'files', 'lines'], ...linesOfCode()]);
}

function filesOf(folder: string, name: string): string[][] {
  return readdirSync(folder).map((file) => {
    const bytes = readFileSync(join(folder, file));
    return [`${name}/${file}`, kilobytes(bytes.length), kilobytes(gzipSync(bytes).length)];
  });
}

function kilobytes(bytes: number): string {
  return (bytes / 1000).toFixed(1);
}

/** Of what is under version control, in the order of `git ls-files`. */
function linesOfCode(): Array<[folder: string, files: number, lines: number]> {
  const paths = execFileSync('git', ['ls-files', '-z'], { cwd: ROOT, encoding: 'utf8' }).split('\0');
  const folders = new Map<string, { files: number; lines: number }>();
  for (const path of paths.filter((each) => CODE.test(each))) {
    const folder = path.includes('/') ? path.slice(0, path.indexOf('/')) : '(root)';
    const count = folders.get(folder) ?? { files: 0, lines: 0 };
    count.files++;
    count.lines += readFileSync(join(ROOT, path), 'utf8')
      .split('\n')
      .filter((line) => line.trim() !== '').length;
    folders.set(folder, count);
  }
  return [...folders].map(([folder, { files, lines }]) => [folder, files, lines]);
}
