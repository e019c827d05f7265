import { startOrphanGuard } from '../lambda/orphan-guard.ts';
import { type ServerOptions, type ServerProcess, spawnServer, startRedisServer } from './server-process.ts';

/** So often it is started again without once becoming ready; then it stays down. */
const ATTEMPTS = 3;

export interface SupervisedServer extends AsyncDisposable {
  readonly port: number;
  /** Resolves when it has ended; it is started again then, and takes writes about two seconds later. */
  kill(): Promise<void>;
  /** Not scheduled until it may continue: it takes connections, and answers nothing. */
  stop(): void;
  continue(): void;
}

/**
 * A Redis server that is replaced at once where it ends unexpectedly, with its data and on its port, as ElastiCache replaces
 * a node. @throws RedisStartError
 */
export async function startSupervisedServer(options: ServerOptions): Promise<SupervisedServer> {
  const { log } = options;
  await using starting = new AsyncDisposableStack();
  const guard = starting.use(startOrphanGuard());
  let current: ServerProcess = await startRedisServer(options, guard);
  const { ports } = current;
  let stopping = false;

  const supervise = async (): Promise<void> => {
    for (let unready = 0; unready < ATTEMPTS; ) {
      const how = await current.exited;
      if (stopping) return;
      log.warn('redis', `The server ended unexpectedly (${how}): it is started again, with its data.`);
      current = spawnServer(options, guard, ports);
      unready = await current.ready.then(
        () => 0,
        () => unready + 1,
      );
    }
    log.error('redis', `The server did not become ready ${ATTEMPTS} times, and stays down.`);
  };
  const supervised = supervise();
  const running = starting.move();
  return {
    port: ports.port,
    async kill() {
      current.signal('SIGKILL');
      await current.exited;
    },
    stop: () => current.signal('SIGSTOP'),
    continue: () => current.signal('SIGCONT'),
    async [Symbol.asyncDispose]() {
      stopping = true;
      await current[Symbol.asyncDispose]();
      await supervised;
      await running.disposeAsync();
    },
  };
}
