import { type AddressInfo, createServer, type Socket } from 'node:net';
import type { Clock } from '../../clock.ts';
import { BlockedReaders } from './blocking.ts';
import { createClusterNode } from './cluster.ts';
import type { Context, Outcome } from './command.ts';
import { findCommand } from './command-table.ts';
import { EMBEDDED_REDIS_VERSION } from './connection-commands.ts';
import { Database } from './database.ts';
import { execute } from './execute.ts';
import { startExpiry } from './expiry.ts';
import { LuaScripts } from './lua-scripts.ts';
import { PubSub } from './pubsub.ts';
import type { Bytes } from './reply.ts';
import { Session, type SessionHost } from './session.ts';
import { Users } from './users.ts';

export interface EmbeddedRedis extends AsyncDisposable {
  readonly port: number;
  readonly version: string;
}

export interface EmbeddedOptions {
  readonly clock: Clock;
  /** 0, the default: any free one. */
  readonly port?: number;
  /** What it calls its own port to clients of a cluster. Default: `port`. */
  readonly announcedPort?: number;
  /** How long a script may run. Default: 5,000. */
  readonly maxScriptMs?: number;
  /** A defect of this server; the connection that met it is closed. */
  readonly onDefect: (error: unknown) => void;
}

const HOST = '127.0.0.1';

/** A Redis of one node, in this process and in memory only, with the commands that the service uses. */
export async function startEmbeddedRedis(options: EmbeddedOptions): Promise<EmbeddedRedis> {
  const { clock, port = 0, onDefect } = options;
  const sessions = new Set<Session>();
  const state = createState(
    options,
    () => listeningPort,
    () => sessions.size,
  );
  const host: SessionHost = {
    execute: (argv, client) => runCommand(argv, { ...state, client }),
    closed(session) {
      sessions.delete(session);
      state.blocked.remove(session);
      for (const channel of [...session.channels]) state.pubsub.unsubscribe(session, channel);
    },
    failed: onDefect,
  };
  let lastId = 0;
  const server = createServer((socket: Socket) => {
    lastId += 1;
    sessions.add(new Session(lastId, socket, host));
  });
  let listeningPort = port;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, HOST, resolve);
  });
  listeningPort = (server.address() as AddressInfo).port;
  const expiry = startExpiry(state.database, clock, () => state.blocked.serve(state.database));
  return {
    port: listeningPort,
    version: EMBEDDED_REDIS_VERSION,
    async [Symbol.asyncDispose]() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const session of sessions) session.destroy();
      await Promise.all([closed, expiry[Symbol.asyncDispose]()]);
    },
  };
}

type ServerState = Omit<Context, 'client'>;

function createState(options: EmbeddedOptions, port: () => number, clients: () => number): ServerState {
  const { clock, maxScriptMs, announcedPort } = options;
  const startedAt = clock.now();
  return {
    database: new Database(() => clock.now()),
    blocked: new BlockedReaders(clock),
    pubsub: new PubSub(),
    cluster: createClusterNode(HOST, () => announcedPort ?? port()),
    scripts: new LuaScripts(maxScriptMs),
    users: new Users((name) => findCommand(name) !== undefined),
    info: () => ({ port: port(), startedAt, clients: clients() }),
    scriptKeys: undefined,
  };
}

function runCommand(argv: readonly Bytes[], context: Context): Outcome {
  context.database.takeTime();
  const outcome = execute(argv, context);
  context.blocked.serve(context.database);
  return outcome;
}
