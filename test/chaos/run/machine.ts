import { availableParallelism, loadavg } from 'node:os';
import { monitorEventLoopDelay } from 'node:perf_hooks';

/** How busy the machine was: where nobody gets his turn, time-outs are of the machine and not of the service. */
export interface MachineLoad {
  /** Processes that wanted to run, on the average of the whole run, for each core. */
  readonly perCore: number;
  /** How late the process of the runtime itself was, in milliseconds. */
  readonly lateP99: number;
  readonly lateMax: number;
}

const SAMPLE_MS = 5_000;

export function watchMachine(): { stop(): MachineLoad } {
  const delay = monitorEventLoopDelay({ resolution: 10 });
  delay.enable();
  const samples: number[] = [];
  const timer = setInterval(() => samples.push(loadavg()[0]!), SAMPLE_MS);
  timer.unref();
  return {
    stop() {
      clearInterval(timer);
      delay.disable();
      const average = samples.reduce((sum, each) => sum + each, 0) / Math.max(1, samples.length);
      return {
        perCore: average / availableParallelism(),
        lateP99: delay.percentile(99) / 1e6,
        lateMax: delay.max / 1e6,
      };
    },
  };
}
