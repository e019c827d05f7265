import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import type { Clock } from '../clock.ts';
import { startOrphanGuard } from '../lambda/orphan-guard.ts';
import type { LocalLog } from '../log.ts';
import { askRedis } from './ask-redis.ts';
import { freePorts, isFree } from './free-ports.ts';
import { RedisStartError } from './redis-start-error.ts';
import type { ServerBinary } from './server-binary.ts';
import { noteServer, stopLeftover } from './server-leftover.ts';

/** A cluster of one needs 2 s after its start before it takes writes: it waits for others that could object. */
const READY_WITHIN_MS = 15_000;
const POLL_MS = 20;
const STOP_WITHIN_MS = 5000;
/** Between the look for a free port and the server's own listen somebody may take it. */
const PORT_ATTEMPTS = 3;
const LAST_SLOT = '16383';

export interface ServerOptions {
  readonly binary: ServerBinary;
  readonly stateDir: string;
  readonly port?: number;
  readonly log: LocalLog;
  readonly clock: Clock;
}

export interface RedisServer extends AsyncDisposable {
  readonly port: number;
}

/** One node in cluster mode with every slot, on the loopback address, its data in `<stateDir>/redis`. */
export async function startRedisServer(options: ServerOptions): Promise<RedisServer> {
  const dir = path.join(options.stateDir, 'redis');
  await mkdir(dir, { recursive: true });
  await stopLeftover(dir, options.clock);
  const { port } = options;
  if (port !== undefined && !(await isFree(port))) {
    throw new RedisStartError('port-busy', `Port ${port}, asked for Redis, is in use.`);
  }
  for (let attempt = 1; ; attempt += 1) {
    const [free, busPort] = (await freePorts(2)) as [number, number];
    try {
      return await launch(options, dir, port ?? free, busPort);
    } catch (error) {
      const takenMeanwhile = error instanceof RedisStartError && error.code === 'port-busy' && port === undefined;
      if (!takenMeanwhile || attempt === PORT_ATTEMPTS) throw error;
    }
  }
}

async function launch(options: ServerOptions, dir: string, port: number, busPort: number): Promise<RedisServer> {
  const { binary, log, clock } = options;
  const child = spawn(binary.path, serverArguments(dir, port, busPort), {
    stdio: ['ignore', 'pipe', 'pipe'],
    // A Ctrl-C goes to the whole process group: the server would be gone before those who still use it.
    detached: true,
  });
  const output = followOutput(child, log);
  const ended = new AbortController();
  const guard = startOrphanGuard();
  if (child.pid !== undefined) guard.add(child.pid);
  for (const event of ['error', 'exit']) {
    child.once(event, () => {
      ended.abort();
      if (child.pid !== undefined) guard.remove(child.pid);
    });
  }
  const server: RedisServer = {
    port,
    async [Symbol.asyncDispose]() {
      await stop(child, clock);
      await guard[Symbol.asyncDispose]();
    },
  };
  try {
    await noteServer(dir, port);
    if (!(await isReady(port, clock, ended.signal))) throw didNotStart(binary, dir, port, output());
    return server;
  } catch (error) {
    await server[Symbol.asyncDispose]();
    throw error;
  }
}

function serverArguments(dir: string, port: number, busPort: number): string[] {
  const settings: Record<string, string> = {
    port: String(port),
    bind: '127.0.0.1',
    dir,
    'cluster-enabled': 'yes',
    'cluster-port': String(busPort),
    'cluster-announce-ip': '127.0.0.1',
    'cluster-config-file': 'nodes.conf',
    save: '',
    appendonly: 'yes',
    // As ElastiCache Serverless: what has no expiry is never evicted.
    'maxmemory-policy': 'volatile-lru',
    daemonize: 'no',
  };
  return Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]);
}

/** @returns a function that gives the last lines that the server wrote. */
function followOutput(child: ChildProcess, log: LocalLog): () => string {
  const last: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      for (const line of text.split('\n').filter((each) => each.trim() !== '')) {
        log.line('redis', line);
        last.push(line);
        if (last.length > 10) last.shift();
      }
    });
  }
  return () => last.join('\n');
}

function didNotStart(binary: ServerBinary, dir: string, port: number, output: string): RedisStartError {
  if (/address already in use/i.test(output)) {
    return new RedisStartError('port-busy', `Port ${port}, chosen for Redis, is in use.`);
  }
  return new RedisStartError(
    'did-not-start',
    `${binary.path} did not start; its data in ${dir} may be damaged or of another version, and can be deleted. It said:\n${output}`,
  );
}

/** @returns false when it ended, or the time is over. */
async function isReady(port: number, clock: Clock, signal: AbortSignal): Promise<boolean> {
  const url = `redis://127.0.0.1:${port}`;
  for (let waitedMs = 0; waitedMs < READY_WITHIN_MS && !signal.aborted; waitedMs += POLL_MS) {
    try {
      const info = String(...(await askRedis(url, [['CLUSTER', 'INFO']])));
      if (/^cluster_state:ok/m.test(info)) return true;
      if (/^cluster_slots_assigned:0/m.test(info)) await askRedis(url, [['CLUSTER', 'ADDSLOTSRANGE', '0', LAST_SLOT]]);
    } catch {
      // Not listening yet, or still loading what it had stored.
    }
    await clock.sleep(POLL_MS, signal);
  }
  return false;
}

async function stop(child: ChildProcess, clock: Clock): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  const patience = new AbortController();
  child.kill('SIGTERM');
  await Promise.race([exited, clock.sleep(STOP_WITHIN_MS, patience.signal)]);
  patience.abort();
  child.kill('SIGKILL');
  await exited;
}
