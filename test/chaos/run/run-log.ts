import type { LocalLog } from '../../../local/log.ts';

/** What the runtime says, counted: an independent witness of what the faults have hit. */
export interface RunLog extends LocalLog {
  /** By function, as the template names it. */
  readonly invocations: ReadonlyMap<string, number>;
  /** Invocations whose process was killed while they ran. */
  readonly killed: ReadonlyMap<string, number>;
  /** By the event's name, of what the functions' own logs warn of. */
  readonly warnings: ReadonlyMap<string, number>;
}

export function createRunLog(also?: LocalLog): RunLog {
  const invocations = new Map<string, number>();
  const killed = new Map<string, number>();
  const warnings = new Map<string, number>();
  const count = (counts: Map<string, number>, name: string) => counts.set(name, (counts.get(name) ?? 0) + 1);
  return {
    invocations,
    killed,
    warnings,
    line(source, text) {
      if (text.startsWith('START ')) count(invocations, source);
      const [, level, event] = /"level":"(WARN|ERROR)".*?"message":"([^"]+)"/.exec(text) ?? [];
      if (level) count(warnings, event!);
      also?.line(source, text);
    },
    warn: (source, text) => also?.warn(source, text),
    error(source, text) {
      if (text.includes('signal: killed')) count(killed, source);
      also?.error(source, text);
    },
  };
}
