import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

/** Remembers the process groups of a stack, which each of its environments leads, to look for them when it has gone. */
export class ProcessWatch {
  readonly #groups = new Set<number>();

  see(groups: readonly number[]): void {
    for (const group of groups) this.#groups.add(group);
  }

  /** @returns what still runs of these groups, or names `stateDir` in its command. */
  async left(stateDir: string): Promise<string[]> {
    const { stdout } = await promisify(execFile)('ps', ['-A', '-o', 'pid=,pgid=,stat=,args='], {
      maxBuffer: 16 * 1024 * 1024,
    });
    return stdout.split('\n').flatMap((line) => {
      const [, pid, group, state, command = ''] = /^\s*(\d+)\s+(\d+)\s+(\S+)\s+(.*)$/.exec(line) ?? [];
      // The number of a group is given out again in a long run, to anybody.
      const ours = (this.#groups.has(Number(group)) && command.includes(ROOT)) || command.includes(stateDir);
      // A zombie has ended, and waits for whoever has inherited it.
      return pid && ours && !state!.startsWith('Z') ? [`${pid} ${command}`] : [];
    });
  }
}
