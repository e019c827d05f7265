import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { defaultOutDir } from '../../local/synth.ts';
import { percentile } from './figures.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

export async function benchStartup({ rounds }: { readonly rounds: number }): Promise<void> {
  await using cleaning = new AsyncDisposableStack();
  const stateDir = await mkdtemp(join(tmpdir(), 'source-upload-bench-'));
  cleaning.defer(() => rm(stateDir, { recursive: true, force: true }));
  const [cold, warm]: [number[], number[]] = [[], []];
  for (let left = rounds; left > 0; left--) {
    // A context that nobody has used: its templates and bundles are made from nothing, and everybody else's stay.
    const host = `${randomUUID()}.invalid`;
    const outDir = defaultOutDir(ROOT, { allowFetchHosts: host });
    cleaning.defer(() => rm(outDir, { recursive: true, force: true }));
    cold.push(await secondsToReady(stateDir, host));
    warm.push(await secondsToReady(stateDir, host));
  }
  console.log('npm start to Ready, in seconds: the median, and all');
  print('templates to make', cold);
  print('templates there', warm);
}

async function secondsToReady(stateDir: string, host: string): Promise<number> {
  const startedAt = performance.now();
  const child = spawn('npm', ['start', '--', '--port', '0', '--allow-fetch-hosts', host], {
    cwd: ROOT,
    env: { ...process.env, LOCAL_STATE_DIR: stateDir },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const exited = once(child, 'exit');
  const errors = text(child.stderr);
  try {
    for await (const line of createInterface({ input: child.stdout })) {
      if (line.startsWith('Ready in')) return (performance.now() - startedAt) / 1000;
    }
    throw new Error(`npm start ended before it was ready:\n${await errors}`);
  } finally {
    child.kill('SIGINT');
    await exited;
  }
}

function print(name: string, seconds: readonly number[]): void {
  const all = seconds.map((each) => each.toFixed(2)).join(', ');
  console.log(`${name.padEnd(18)}  ${percentile(seconds, 0.5).toFixed(2)}  (${all})`);
}
