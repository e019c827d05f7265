import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Beyond these only the number is of interest. */
const KEPT = 50;

export interface Failures {
  readonly count: number;
  readonly folder?: string;
  /** Keeps an input that something was wrong with, and says so. */
  add(name: string, wrong: string, input: Uint8Array): void;
}

/** @param out where they are kept; by default a new folder, made with the first. */
export function createFailures(out: string | undefined, say: (line: string) => void): Failures {
  let count = 0;
  let folder: string | undefined;
  return {
    get count() {
      return count;
    },
    get folder() {
      return folder;
    },
    add(name, wrong, input) {
      count += 1;
      if (count > KEPT) return;
      folder ??= out ?? mkdtempSync(join(tmpdir(), 'source-upload-fuzz-'));
      mkdirSync(folder, { recursive: true });
      const path = join(folder, name.replace(/[^\w.-]+/g, '-'));
      writeFileSync(path, input);
      say(`${name}: ${wrong.slice(0, 2_000)}\n  kept as ${path}`);
    },
  };
}
