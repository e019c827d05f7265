import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs';
import path from 'node:path';

/** What the local runtime and the functions say. `source` is a function's name, or the name of a simulated service. */
export interface LocalLog {
  /** Something that is worth keeping, but not worth a person's attention. */
  line(source: string, text: string): void;
  warn(source: string, text: string): void;
  error(source: string, text: string): void;
}

export interface LogEntry {
  readonly level: 'line' | 'warn' | 'error';
  readonly source: string;
  readonly text: string;
}

/**
 * Everything, one file per source: `<folder>/<source>.log`, added to what earlier runs left there.
 * Written at once rather than through a stream: the lines before a crash are the ones that are looked for.
 */
export function fileLog(folder: string, now: () => number = Date.now): LocalLog & Disposable {
  const files = new Map<string, number>();
  let closed = false;
  const write = (source: string, mark: string, text: string) => {
    if (closed) return;
    let file = files.get(source);
    if (file === undefined) {
      mkdirSync(folder, { recursive: true });
      file = openSync(path.join(folder, `${source.replaceAll(/[^\w.-]/g, '_')}.log`), 'a');
      files.set(source, file);
    }
    writeSync(file, `${new Date(now()).toISOString()} ${mark}${text}\n`);
  };
  return {
    line: (source, text) => write(source, '', text),
    warn: (source, text) => write(source, 'WARN ', text),
    error: (source, text) => write(source, 'ERROR ', text),
    [Symbol.dispose]() {
      closed = true;
      for (const file of files.values()) closeSync(file);
      files.clear();
    },
  };
}

/** Warnings and errors only: what the functions print would bury them. */
export function consoleLog(print: (text: string) => void = (text) => console.error(text)): LocalLog {
  return {
    line() {},
    warn: (source, text) => print(`[${source}] warning: ${text}`),
    error: (source, text) => print(`[${source}] error: ${text}`),
  };
}

/** For tests. */
export function memoryLog(): LocalLog & { readonly entries: LogEntry[] } {
  const entries: LogEntry[] = [];
  return {
    entries,
    line: (source, text) => void entries.push({ level: 'line', source, text }),
    warn: (source, text) => void entries.push({ level: 'warn', source, text }),
    error: (source, text) => void entries.push({ level: 'error', source, text }),
  };
}

/** Says everything to each of `logs`. */
export function combinedLog(...logs: LocalLog[]): LocalLog {
  return {
    line(source, text) {
      for (const log of logs) log.line(source, text);
    },
    warn(source, text) {
      for (const log of logs) log.warn(source, text);
    },
    error(source, text) {
      for (const log of logs) log.error(source, text);
    },
  };
}
