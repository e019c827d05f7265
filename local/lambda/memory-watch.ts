import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** Often enough that a runaway is caught before the machine suffers, seldom enough to cost next to nothing. */
const INTERVAL_MS = 250;

const PROC_STATUS_RSS = /^VmRSS:\s+(\d+) kB/m;

interface Watched {
  readonly limitBytes: number;
  readonly exceeded: () => void;
}

export interface MemoryWatch extends Disposable {
  /**
   * Calls `exceeded` once when the process group has more resident memory than the limit.
   * @returns a function that ends the watch.
   */
  watch(groupId: number, limitBytes: number, exceeded: () => void): () => void;
}

/**
 * What the real service has the kernel do. Runs on real time whatever clock the service has: memory is real, and it runs only
 * while something is watched.
 */
export function startMemoryWatch(): MemoryWatch {
  const watched = new Map<number, Watched>();
  let timer: NodeJS.Timeout | undefined;

  const check = async () => {
    const usage = await residentBytes([...watched.keys()]);
    for (const [groupId, { limitBytes, exceeded }] of watched) {
      if ((usage.get(groupId) ?? 0) <= limitBytes) continue;
      watched.delete(groupId);
      exceeded();
    }
    timer = watched.size > 0 ? setTimeout(check, INTERVAL_MS) : undefined;
  };

  return {
    watch(groupId, limitBytes, exceeded) {
      const entry = { limitBytes, exceeded };
      watched.set(groupId, entry);
      timer ??= setTimeout(check, INTERVAL_MS);
      return () => {
        if (watched.get(groupId) === entry) watched.delete(groupId);
      };
    },
    [Symbol.dispose]() {
      watched.clear();
      clearTimeout(timer);
    },
  };
}

/** @returns bytes by process group; a group that has gone is missing. */
export async function residentBytes(groupIds: readonly number[]): Promise<Map<number, number>> {
  if (process.platform !== 'linux') return sumsOf(await processTable(), new Set(groupIds));
  return new Map(groupIds.map((groupId) => [groupId, residentBytesOfTree(groupId)]));
}

/**
 * The leader and its descendants, from `/proc`: two small reads per process, where a `ps` of the whole machine costs 10 ms.
 * A descendant whose parent has gone is not found this way, which only makes the limit a little more patient.
 */
function residentBytesOfTree(pid: number): number {
  try {
    const own = Number(PROC_STATUS_RSS.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) * 1024;
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean);
    return children.reduce((sum, child) => sum + residentBytesOfTree(Number(child)), own);
  } catch {
    return 0; // it has ended meanwhile
  }
}

/** Lines of process group and kilobytes, in the one form that Linux, macOS and the BSDs agree on. */
function processTable(): Promise<string> {
  return new Promise((resolve) => {
    execFile('ps', ['-A', '-o', 'pgid=', '-o', 'rss='], (_error, stdout) => resolve(stdout));
  });
}

export function sumsOf(table: string, groupIds: ReadonlySet<number>): Map<number, number> {
  const sums = new Map<number, number>();
  for (const line of table.split('\n')) {
    const [groupId = 0, kilobytes = 0] = line.trim().split(/\s+/).map(Number);
    if (groupIds.has(groupId)) sums.set(groupId, (sums.get(groupId) ?? 0) + kilobytes * 1024);
  }
  return sums;
}
