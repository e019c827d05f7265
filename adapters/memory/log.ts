import type { Log } from '../../app/ports.ts';

export interface LogEntry {
  readonly level: 'info' | 'warn' | 'error';
  readonly event: string;
  readonly data: object;
}

export interface MemoryLog extends Log {
  readonly entries: readonly LogEntry[];
  /** The data of every entry of this event, oldest first. */
  of(event: string): object[];
}

export function createMemoryLog(): MemoryLog {
  const entries: LogEntry[] = [];
  const at =
    (level: LogEntry['level']) =>
    (event: string, data: object = {}): void => {
      entries.push({ level, event, data });
    };
  return {
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    entries,
    of: (event) => entries.filter((entry) => entry.event === event).map((entry) => entry.data),
  };
}
