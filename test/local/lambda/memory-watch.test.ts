import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, onTestFinished, test, vi } from 'vitest';
import { residentBytes, startMemoryWatch, sumsOf } from '../../../local/lambda/memory-watch.ts';
import { eventually } from '../eventually.ts';
import { untilGone } from './support.ts';

const MB = 1024 * 1024;

/** A process that holds `ownMb`, with a child that holds 100 MB. @returns its process group. */
async function group(ownMb: number): Promise<number> {
  const hold = (mb: number) => `const held = Buffer.alloc(${mb} * ${MB}, 1); setInterval(() => held, 1000);`;
  const script = `${hold(ownMb)} const child = require('child_process').spawn(process.execPath, ['-e', ${JSON.stringify(`${hold(100)} process.stdout.write('.')`)}]);
    child.stdout.once('data', () => process.stdout.write('.'));`;
  const leader = spawn(process.execPath, ['-e', script], { detached: true, stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(async () => {
    process.kill(-leader.pid!, 'SIGKILL');
    await untilGone([leader.pid!]);
  });
  await once(leader.stdout!, 'data');
  return leader.pid!;
}

test('the memory of a process group is that of all its processes', async () => {
  const pid = await group(150);
  const bytes = (await residentBytes([pid])).get(pid)!;
  expect(bytes).toBeGreaterThan(300 * MB); // 250 MB held, and two times Node itself
  expect(bytes).toBeLessThan(600 * MB);
});

test('a group that has gone uses nothing', async () => {
  const child = spawn(process.execPath, ['-e', '']);
  await once(child, 'exit');
  expect((await residentBytes([child.pid!])).get(child.pid!) ?? 0).toBe(0);
});

test('the table of ps is summed by group, kilobytes to bytes', () => {
  const sums = sumsOf('    1   100\n   20  2000\n   20    48\n  300     7\n', new Set([20, 300, 999]));
  expect([...sums]).toEqual([
    [20, 2048 * 1024],
    [300, 7 * 1024],
  ]);
});

test('a watch calls once when the limit is exceeded, and not after it has ended', async () => {
  using watch = startMemoryWatch();
  const pid = await group(1);
  const exceeded = vi.fn();
  const never = vi.fn();
  watch.watch(pid, 100 * MB, never)();
  watch.watch(pid, 100 * MB, exceeded);
  await eventually(() => expect(exceeded).toHaveBeenCalledTimes(1));
  expect(never).not.toHaveBeenCalled();
});
