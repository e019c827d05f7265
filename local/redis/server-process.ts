import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Clock } from '../clock.ts';
import type { OrphanGuard } from '../lambda/orphan-guard.ts';
import type { LocalLog } from '../log.ts';
import { askRedis } from './ask-redis.ts';
import { freePorts } from './free-ports.ts';
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
const USERS_FILE = 'users.acl';

export interface ServerOptions {
  readonly binary: ServerBinary;
  readonly stateDir: string;
  /** Drops the data that is there. */
  readonly empty?: boolean;
  /** What it calls its own port to clients of a cluster. */
  readonly announcedPort: number;
  readonly log: LocalLog;
  readonly clock: Clock;
}

/** Where one server listens; a later one of the same folder can take them over. */
export interface ServerPorts {
  readonly port: number;
  readonly busPort: number;
}

/** One process. */
export interface ServerProcess extends AsyncDisposable {
  readonly ports: ServerPorts;
  /** Resolves when it takes writes. Rejects with a RedisStartError; then it has been ended. */
  readonly ready: Promise<void>;
  /** How it ended: a signal, an exit code or why it could not be started. */
  readonly exited: Promise<string>;
  signal(signal: NodeJS.Signals): void;
}

/**
 * One node in cluster mode with every slot, on the loopback address, its data in `<stateDir>/redis`.
 * @param guard kills it when this process is gone.
 * @throws RedisStartError
 */
export async function startRedisServer(options: ServerOptions, guard: OrphanGuard): Promise<ServerProcess> {
  const dir = dataDir(options);
  await stopLeftover(dir, options.clock);
  if (options.empty) await rm(dir, { recursive: true, force: true });
  await mkdir(dir, { recursive: true });
  await writeFile(path.join(dir, USERS_FILE), ''); // those of an earlier template are nobody any more
  for (let attempt = 1; ; attempt += 1) {
    const [port, busPort] = (await freePorts(2)) as [number, number];
    await noteServer(dir, port);
    const server = spawnServer(options, guard, { port, busPort });
    try {
      await server.ready;
      return server;
    } catch (error) {
      const takenMeanwhile = error instanceof RedisStartError && error.code === 'port-busy';
      if (!takenMeanwhile || attempt === PORT_ATTEMPTS) throw error;
    }
  }
}

/** The folder MUST be there, and no other server work in it. */
export function spawnServer(options: ServerOptions, guard: OrphanGuard, ports: ServerPorts): ServerProcess {
  const { binary, announcedPort, log, clock } = options;
  const dir = dataDir(options);
  const child = spawn(binary.path, serverArguments(dir, ports, announcedPort), {
    stdio: ['ignore', 'pipe', 'pipe'],
    // A Ctrl-C goes to the whole process group: the server would be gone before those who still use it.
    detached: true,
  });
  const output = followOutput(child, log);
  const { pid } = child;
  if (pid !== undefined) guard.add(pid);
  const ended = new AbortController();
  const exited = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('exit', (code, signal) => resolve(signal ?? `exit code ${code}`));
  });
  void exited.then(() => {
    ended.abort();
    if (pid !== undefined) guard.remove(pid);
  });
  const becomeReady = async (): Promise<void> => {
    if (await isReady(ports.port, clock, ended.signal)) return;
    await stop(child, clock);
    throw didNotStart(binary, dir, ports.port, output());
  };
  const ready = becomeReady();
  ready.catch(() => undefined); // told to whoever asks
  return {
    ports,
    ready,
    exited,
    signal: (name) => void child.kill(name),
    [Symbol.asyncDispose]: () => stop(child, clock),
  };
}

function dataDir({ stateDir }: ServerOptions): string {
  return path.join(stateDir, 'redis');
}

function serverArguments(dir: string, { port, busPort }: ServerPorts, announcedPort: number): string[] {
  const settings: Record<string, string> = {
    port: String(port),
    bind: '127.0.0.1',
    dir,
    'cluster-enabled': 'yes',
    'cluster-port': String(busPort),
    'cluster-announce-ip': '127.0.0.1',
    'cluster-announce-port': String(announcedPort),
    'cluster-config-file': 'nodes.conf',
    aclfile: path.join(dir, USERS_FILE),
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
  // One that is stopped would take the other only when it goes on.
  child.kill('SIGCONT');
  child.kill('SIGTERM');
  await Promise.race([exited, clock.sleep(STOP_WITHIN_MS, patience.signal)]);
  patience.abort();
  child.kill('SIGKILL');
  await exited;
}
