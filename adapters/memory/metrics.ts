import type { CountName, DurationName, Metrics } from '../../app/ports.ts';

export interface MemoryMetrics extends Metrics {
  /** The sum of a count. */
  total(name: CountName): number;
  /** Every value of a duration, oldest first. */
  values(name: DurationName): readonly number[];
  /** For handlers, which write what was measured before they return. Here it is only counted. */
  flush(): void;
  readonly flushes: number;
}

export function createMemoryMetrics(): MemoryMetrics {
  const totals = new Map<CountName, number>();
  const durations = new Map<DurationName, number[]>();
  let flushes = 0;
  return {
    count: (name, times = 1) => void totals.set(name, (totals.get(name) ?? 0) + times),
    duration: (name, ms) => void durations.set(name, [...(durations.get(name) ?? []), ms]),
    total: (name) => totals.get(name) ?? 0,
    values: (name) => durations.get(name) ?? [],
    flush() {
      flushes += 1;
    },
    get flushes() {
      return flushes;
    },
  };
}
