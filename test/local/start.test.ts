import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { access, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { defaultOutDir, LOCAL_CONTEXT, synthesize } from '../../local/synth.ts';
import { eventually } from './eventually.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

let stateDir: string;
/** Of the test that runs now. */
const started: Run[] = [];

// Once, and not within the time of one test: it takes seconds where a source changed.
beforeAll(() => synthesize({ root: ROOT, outDir: defaultOutDir(ROOT, LOCAL_CONTEXT), context: LOCAL_CONTEXT }));

beforeEach(async () => {
  stateDir = await mkdtemp(join(tmpdir(), 'start-'));
});

afterEach(async () => {
  for (const { child } of started.splice(0)) kill(child);
  await rm(stateDir, { recursive: true, force: true, maxRetries: 5 });
});

interface Run {
  readonly child: ChildProcess;
  output(): string;
  /** Resolves with the address when the banner is out. */
  ready(): Promise<string>;
  exit(): Promise<number | NodeJS.Signals>;
}

function run(...args: Parameters<typeof launch>): Run {
  const own = launch(...args);
  started.push(own);
  return own;
}

function launch(script: 'start' | 'invoke', args: readonly string[], state = stateDir): Run {
  const env = { ...process.env, LOCAL_STATE_DIR: state };
  const child = spawn(process.execPath, [`local/${script}.ts`, ...args], {
    cwd: ROOT,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  const changed = new EventTarget();
  for (const stream of [child.stdout!, child.stderr!]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      changed.dispatchEvent(new Event('output'));
    });
  }
  const exited = once(child, 'close').then(([code, signal]) => (code ?? signal) as number | NodeJS.Signals);
  return {
    child,
    output: () => output,
    exit: () => exited,
    ready: async () => {
      while (!output.includes('Ctrl-C stops everything')) {
        const ended = await Promise.race([once(changed, 'output'), exited]);
        if (!Array.isArray(ended)) throw new Error(`ended with ${ended}: ${output}`);
      }
      return /URL +(http:\S+)/.exec(output)![1]!;
    },
  };
}

function kill(child: ChildProcess): void {
  if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
}

const start = (args: readonly string[] = [], state = stateDir) =>
  run('start', ['--port', '0', '--redis', 'embedded', ...args], state);

/** All processes below one, whatever group or session they have made themselves. */
function descendants(pid: number): number[] {
  const table = execFileSync('ps', ['-eo', 'pid=,ppid='], { encoding: 'utf8' });
  const rows = table
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number) as [number, number]);
  const below = (parent: number): number[] =>
    rows.filter(([, ppid]) => ppid === parent).flatMap(([own]) => [own, ...below(own)]);
  return below(pid);
}

/** One that has ended and whose new parent has not looked yet (a zombie) is not alive. */
function alive(pid: number): boolean {
  const { stdout } = spawnSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' });
  return /^[^Z]/.test(stdout.trim());
}

const exists = (path: string) =>
  access(path).then(
    () => true,
    () => false,
  );

describe('what is asked for wrongly is said in a sentence', () => {
  test.each([
    [['--prot', '8811'], /Unknown option '--prot'. Try: npm start -- --help/],
    [['8811'], /Unexpected argument '8811'/],
    [['--port', '-1'], /^Option '--port' argument is ambiguous\. Try: npm start -- --help/],
    [['--port', 'http'], /--port has to be a number/],
    [['--redis', 'docker'], /--redis has to be "embedded" or "server"/],
  ])('%j', async (args, sentence) => {
    const { exit, output } = run('start', args);
    expect([await exit(), output().trim()]).toEqual([2, expect.stringMatching(sentence)]);
    expect(output().trim().split('\n')).toHaveLength(1);
    expect(await readdir(stateDir)).toEqual([]);
  });

  test.each([
    ['--allow-fetch-hosts', 'a/b', /^Context value "allowFetchHosts" has to be hosts/],
    ['--socket-auth', 'none', /^Context value "socketAuth" has to be "channel" or "token", not "none"/],
    ['--upstream', 'localhost:9999', /^Context value "upstreamUrl" has to be an http or https URL/],
  ])('%s %s, which the CDK app refuses', async (option, value, sentence) => {
    const { exit, output } = start([option, value]);
    expect(await exit()).toBe(2);
    const [, refusal, ...more] = output().trim().split('\n');
    expect([refusal, more]).toEqual([expect.stringMatching(sentence), []]);
    expect(refusal).toMatch(/ Try: npm start -- --help$/);
    expect(await exists(join(stateDir, 'lock'))).toBe(false);
  });

  test('--help explains every option', async () => {
    const { exit, output } = run('start', ['--help']);
    expect(await exit()).toBe(0);
    for (const option of ['--port', '--fresh', '--allow-fetch-hosts', '--upstream', '--socket-auth', '--redis'])
      expect(output()).toContain(option);
  });

  test('a state folder that is a file', async () => {
    const file = join(stateDir, 'file');
    await writeFile(file, '');
    const sentence = `Cannot write to ${file}: a file of this name is in the way. Move it elsewhere.`;
    for (const { exit, output } of [start([], file), run('invoke', ['ws-address', 'events/ws-address.json'], file)])
      expect([await exit(), output().trim()]).toEqual([1, sentence]);
  });

  test('a busy port', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as { port: number };
    const { exit, output } = start(['--port', String(port)]);
    expect(await exit()).toBe(1);
    expect(output()).toContain(`Port ${port} is already in use.`);
    expect(output()).not.toContain('    at ');
    server.close();
    expect(await exists(join(stateDir, 'lock'))).toBe(false);
  });
});

describe('a service that runs', () => {
  let running: Run;
  let url: string;
  let state: string;

  beforeAll(async () => {
    state = await mkdtemp(join(tmpdir(), 'start-'));
    running = launch('start', ['--port', '0', '--redis', 'embedded'], state);
    url = await running.ready();
  });

  afterAll(async () => {
    kill(running.child);
    await rm(state, { recursive: true, force: true, maxRetries: 5 });
  });

  test.each([[[]], [['--fresh']]])(
    'is not disturbed by a second start (%j), which is told where it runs',
    async (args) => {
      const second = start(args, state);
      expect(await second.exit()).toBe(1);
      const sentence = `The service already runs at ${url} (process ${running.child.pid}).`;
      expect(second.output()).toContain(sentence);
      expect((await fetch(url, { headers: { connection: 'close' } })).status).toBe(200);
    },
  );

  test('says three commands that work as they are pasted', async () => {
    const commands = running
      .output()
      .split('\n\n')
      .filter((paragraph) => /^(curl|websocat) /.test(paragraph));
    expect(commands).toHaveLength(3);
    const [register, listen, send] = commands as [string, string, string];
    const paste = (command: string): unknown =>
      JSON.parse(execFileSync('bash', ['-c', command], { encoding: 'utf8', stdio: 'pipe' }));
    expect(paste(register)).toEqual({ 'ws-address': listen.replace('websocat ', '') });
    expect(paste(send)).toEqual({ message: expect.stringMatching(/^Processing file: [0-9a-f-]{36}$/) });
  });

  test('is what invoke uses', async () => {
    const { exit, output } = run('invoke', ['ws-address', 'events/ws-address.json'], state);
    expect([await exit(), output()]).toEqual([0, expect.stringContaining('"statusCode": 200')]);
  });

  test('fails with exit code 1 in invoke where the function fails', async () => {
    const { exit, output } = run('invoke', ['process', 'events/ws-address.json'], state);
    expect([await exit(), output()]).toEqual([1, expect.stringContaining('"errorType"')]);
  });

  // Last: the service is gone after it.
  test('is stopped by Ctrl-C: exit code 0, no process and no lock left', async () => {
    const { child, exit } = running;
    const processes = descendants(child.pid!);
    expect(processes.length).toBeGreaterThan(1);
    child.kill('SIGINT');
    // npm passes on what the terminal has sent to this process already.
    child.kill('SIGINT');
    expect(await exit()).toBe(0);
    expect(processes.filter(alive)).toEqual([]);
    const left = await readdir(state);
    expect(left).not.toContain('lock');
    expect(left).not.toContain('running.json');
    await expect(fetch(url)).rejects.toThrow();
  });
});

test('after kill -9 nothing of the old run is in the way, or left', async () => {
  const first = start();
  await first.ready();
  const processes = descendants(first.child.pid!);
  first.child.kill('SIGKILL');
  await first.exit();
  const second = start();
  await second.ready();
  // By a process of its own, which has to get its turn.
  await eventually(() => expect(processes.filter(alive)).toEqual([]));
  second.child.kill('SIGTERM');
  expect(await second.exit()).toBe(0);
});

test('invoke without a service starts what the function needs, and stops it again', async () => {
  const { exit, output } = run('invoke', ['ws-address', 'events/ws-address.json']);
  expect([await exit(), output()]).toEqual([0, expect.stringContaining('"statusCode"')]);
  expect(await readdir(stateDir)).not.toContain('lock');
  const unknown = run('invoke', ['nothing', 'events/ws-address.json']);
  expect(await unknown.exit()).toBe(1);
  expect(unknown.output()).toMatch(/There is no function nothing. There are: .*ws-address/);
  const ofTokens = run('invoke', ['rotate-socket-key', 'events/rotate-socket-key.json']);
  expect(await ofTokens.exit()).toBe(1);
  expect(ofTokens.output()).toMatch(
    /only where sockets want tokens: run npm start -- --socket-auth token, and this beside it\. There are: /,
  );
});
