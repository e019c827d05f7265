import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';

/**
 * Kills the process groups of the execution environments when this process is gone without having done it (`kill -9`).
 *
 * A stopped process cannot notice that. The kernel does not help either: it continues the stopped members of a process
 * group only when the group *becomes* orphaned, and that of an environment always is, since Node gives a detached child a
 * session of its own. So a shell waits for the end of a pipe that only this process holds.
 */
export interface OrphanGuard extends AsyncDisposable {
  add(groupId: number): void;
  remove(groupId: number): void;
}

// Ends when its input ends: it ignores the signals of a terminal that closes, and has a session of its own.
const SCRIPT = `
trap '' HUP INT TERM
groups=' '
while read -r action group; do
  case $action in
    add) groups="$groups$group " ;;
    remove) groups="\${groups%% $group *} \${groups#* $group }" ;;
  esac
done
for group in $groups; do kill -s KILL -- "-$group"; done
`;

export function startOrphanGuard(): OrphanGuard {
  const shell: ChildProcess = spawn('/bin/sh', ['-c', SCRIPT], {
    detached: true,
    env: {},
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  const exited = once(shell, 'exit');
  const groups = new Set<number>();
  // Somebody ended the shell: what it guarded is still disposed of in the normal way.
  shell.stdin!.on('error', () => undefined);
  return {
    add(groupId) {
      groups.add(groupId);
      shell.stdin!.write(`add ${groupId}\n`);
    },
    remove(groupId) {
      if (groups.delete(groupId)) shell.stdin!.write(`remove ${groupId}\n`);
    },
    async [Symbol.asyncDispose]() {
      shell.stdin!.end();
      await exited;
    },
  };
}
