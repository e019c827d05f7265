import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

const ROOT = resolve(import.meta.dirname, '..');

/** web → domain ← app ← adapters ← lambdas; bin → lib; a folder may always import itself. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  domain: [],
  app: ['domain'],
  adapters: ['app', 'domain'],
  lambdas: ['adapters', 'app', 'domain'],
  web: ['domain'],
  lib: [],
  bin: ['lib'],
  local: [],
  ops: ['app', 'adapters', 'domain', 'local'],
};

const FOLDERS = Object.keys(MAY_IMPORT).filter((folder) => existsSync(join(ROOT, folder)));

function filesOf(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => relative(ROOT, join(entry.parentPath, entry.name)));
}

const IMPORT =
  /(?:^|\n)\s*(?:import|export)\b[^'"`;]*?from\s*['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]|(?:^|\n)\s*import\s+['"]([^'"]+)['"]/g;

function importsOf(file: string): string[] {
  const source = readFileSync(join(ROOT, file), 'utf8');
  return [...source.matchAll(IMPORT)].map((match) => match[1] ?? match[2] ?? match[3] ?? '');
}

/** The top-level folder that an import leads to; undefined for a package. */
function targetOf(file: string, specifier: string): string | undefined {
  if (!specifier.startsWith('.')) return undefined;
  return relative(ROOT, resolve(ROOT, dirname(file), specifier)).split('/')[0];
}

function linesWith(folder: string, pattern: RegExp): string[] {
  return filesOf(folder).flatMap((file) =>
    readFileSync(join(ROOT, file), 'utf8')
      .split('\n')
      .flatMap((line, index) => (pattern.test(line) ? [`${file}:${index + 1}`] : [])),
  );
}

describe('the architecture', () => {
  it.each(FOLDERS)('%s imports only what the layers allow', (folder) => {
    const allowed = [folder, ...MAY_IMPORT[folder]!];
    const wrong = filesOf(folder).flatMap((file) =>
      importsOf(file)
        .map((specifier) => ({ specifier, target: targetOf(file, specifier) }))
        .filter(({ target }) => target !== undefined && !allowed.includes(target))
        .map(({ specifier }) => `${file} → ${specifier}`),
    );
    expect(wrong).toEqual([]);
  });

  it('sees the imports that it judges', () => {
    expect(importsOf('lambdas/ws-address.ts')).toEqual(
      expect.arrayContaining(['../app/register-channel.ts', './wiring.ts']),
    );
  });

  it('domain needs nothing but zod, and no Node', () => {
    const packages = filesOf('domain')
      .flatMap(importsOf)
      .filter((specifier) => !specifier.startsWith('.'));
    expect([...new Set(packages)]).toEqual(['zod']);
  });

  it('app needs no SDK, no Redis and no network', () => {
    const packages = filesOf('app')
      .flatMap(importsOf)
      .filter((specifier) => !specifier.startsWith('.'));
    expect([...new Set(packages)].filter((name) => name !== 'node:crypto')).toEqual([]);
  });

  it.each(['domain', 'app', 'adapters', 'lambdas'])(
    '%s does not read the environment, but for the wiring',
    (folder) => {
      const readers = linesWith(folder, /process\.env\b/).filter((line) => !line.startsWith('lambdas/wiring.ts'));
      expect(readers).toEqual([]);
    },
  );

  it('knows nothing of where it runs: no code of the service asks whether it is local', () => {
    for (const folder of ['domain', 'app', 'adapters', 'lambdas']) {
      expect(linesWith(folder, /if \([^)]*\b(is_?local|local)\b/i)).toEqual([]);
    }
  });

  it('has no barrel and no folder for odds and ends', () => {
    const files = FOLDERS.flatMap(filesOf);
    expect(files.filter((file) => /(^|\/)index\.ts$/.test(file))).toEqual([]);
    expect(files.filter((file) => /(^|\/)(utils?|common|shared|helpers?|misc)(\/|\.ts$)/.test(file))).toEqual([]);
  });

  it('has one handler per file in lambdas, each at most 45 lines', () => {
    for (const file of filesOf('lambdas').filter((name) => name !== 'lambdas/wiring.ts')) {
      const source = readFileSync(join(ROOT, file), 'utf8');
      expect.soft(source.match(/^export const handler\b/gm), file).toHaveLength(1);
      expect.soft(source.split('\n').length, file).toBeLessThanOrEqual(45);
    }
  });

  it('has an event of the real shape for every function', () => {
    const functions = filesOf('lambdas').map((file) => file.slice('lambdas/'.length, -'.ts'.length));
    for (const name of functions.filter((each) => each !== 'wiring')) {
      expect.soft(existsSync(join(ROOT, 'events', `${name}.json`)), name).toBe(true);
    }
  });
});
