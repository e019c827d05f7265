import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { expect, onTestFinished, test } from 'vitest';
import { codeDir, isRunning, untilGone } from './support.ts';

interface Parent {
  readonly process: ChildProcess;
  readonly frozen: number[];
  readonly busy: number[];
}

/** A process of its own that runs the service, with one frozen environment, one busy, and a child of each handler. */
async function startParent(): Promise<Parent> {
  const folder = await codeDir(`
    import { spawn } from 'node:child_process';
    export const handler = async ({ busy }) => {
      const pids = [process.pid, spawn('sleep', ['1000'], { stdio: 'ignore' }).pid];
      console.log(JSON.stringify(pids));
      if (busy) await new Promise(() => setInterval(() => {}, 1000));
      return pids;
    };`);
  const config = { handler: 'index.handler', codeDir: folder, environment: {}, timeoutMs: 60_000, memoryMb: 512 };
  const script = `
    import { startLambdaService } from './local/lambda/lambda-service.ts';
    import { systemClock } from './local/clock.ts';
    const tell = (of, pids) => console.log(JSON.stringify({ of, pids }));
    const log = { line: (of, text) => text.startsWith('[') && tell(of, JSON.parse(text)), warn() {}, error() {} };
    const service = await startLambdaService({ clock: systemClock, log, region: 'eu-central-1', accountId: '123456789012' });
    for (const name of ['frozen', 'busy']) service.register({ ...${JSON.stringify(config)}, name, maximumRetryAttempts: 0 });
    await service.invoke('frozen', {});
    service.invokeAsync('busy', { busy: true });
  `;
  const parent = spawn(process.execPath, ['--input-type=module', '-e', script], {
    cwd: new URL('../../..', import.meta.url),
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void parent.kill('SIGKILL'));
  const pids: Record<string, number[]> = {};
  for await (const line of createInterface({ input: parent.stdout! })) {
    const told = JSON.parse(line) as { of: string; pids: number[] };
    pids[told.of] = told.pids;
    if (pids.frozen && pids.busy) break;
  }
  return { process: parent, frozen: pids.frozen!, busy: pids.busy! };
}

test('when the service is killed by kill -9, no environment and nothing that a handler started is left, frozen or not', async () => {
  const parent = await startParent();
  const pids = [...parent.frozen, ...parent.busy];
  expect(pids).toHaveLength(4);
  for (const pid of pids) expect(await isRunning(pid)).toBe(true);

  parent.process.kill('SIGKILL');
  await once(parent.process, 'exit');

  await untilGone(pids);
});

test('an environment that nobody has guarded yet ends by itself when the service is gone', async () => {
  const folder = await codeDir(`
    console.log('loading');
    setInterval(() => {}, 1000);
    export const handler = async () => {};`);
  const bootstrap = new URL('../../../local/lambda/bootstrap.mjs', import.meta.url).pathname;
  const environment = spawn(process.execPath, [bootstrap], {
    detached: true,
    env: { LAMBDA_TASK_ROOT: folder, _HANDLER: 'index.handler' },
    stdio: ['ignore', 'pipe', 'inherit', 'pipe'],
  });
  onTestFinished(() => void environment.kill('SIGKILL'));
  await once(environment.stdout!, 'data');
  environment.stdio[3]!.destroy();
  await once(environment, 'exit');
  expect(await isRunning(environment.pid!)).toBe(false);
});
