import type { Client, CommandTable, Context, Outcome } from './command.ts';
import { REPLIED } from './command.ts';
import { notSupported, syntaxError, unknownSubcommand, wrongArity } from './errors.ts';
import { toInteger } from './integers.ts';
import { type Bytes, CommandError, OK, type Reply, Status } from './reply.ts';

/** The Redis whose behaviour this server has. */
export const EMBEDDED_REDIS_VERSION = '7.0.15';

export const connectionCommands: CommandTable = {
  ping: { arity: -1, whileSubscribed: true, run: ping },
  echo: { arity: 2, run: ([message]) => message! },
  quit: { arity: -1, noScript: true, whileSubscribed: true, run: quit },
  hello: { arity: -1, noScript: true, run: hello },
  client: { arity: -2, noScript: true, run: clientCommand },
  select: { arity: 2, run: select },
  readonly: { arity: 1, noScript: true, run: () => OK },
  time: {
    arity: 1,
    run: (_, { database }) => [String(Math.floor(database.now / 1000)), String((database.now % 1000) * 1000)],
  },
  info: { arity: -1, run: info },
};

function ping([message, ...rest]: readonly Bytes[], { client }: Context): Reply {
  if (rest.length > 0) throw wrongArity('ping');
  if (client.channels.size > 0) return ['pong', message ?? ''];
  return message ?? new Status('PONG');
}

function quit(_: readonly Bytes[], { client }: Context): Outcome {
  client.push(OK);
  client.quit();
  return REPLIED;
}

/** RESP3 is refused in the way that makes clients go on with RESP2. */
function hello([version, ...options]: readonly Bytes[], { client }: Context): Reply {
  if (version !== undefined && !/^\d{1,9}$/.test(version)) {
    throw new CommandError('ERR Protocol version is not an integer or out of range');
  }
  if (version !== undefined && version !== '2') throw new CommandError('NOPROTO unsupported protocol version');
  for (let at = 0; at < options.length; at += 2) {
    if (options[at]!.toLowerCase() !== 'setname' || options[at + 1] === undefined) throw syntaxError();
    setName(client, options[at + 1]!);
  }
  return Object.entries({
    server: 'redis',
    version: EMBEDDED_REDIS_VERSION,
    proto: 2,
    id: client.id,
    mode: 'cluster',
    role: 'master',
    modules: [],
  }).flat();
}

function clientCommand([subcommand, ...args]: readonly Bytes[], { client }: Context): Reply {
  const lengths: Record<string, number> = { id: 0, getname: 0, setname: 1, setinfo: 2 };
  const name = subcommand!.toLowerCase();
  if (!Object.hasOwn(lengths, name)) throw unknownSubcommand('client', subcommand!);
  if (args.length !== lengths[name]) throw wrongArity(`client|${name}`);
  if (name === 'id') return client.id;
  if (name === 'getname') return client.name === '' ? null : client.name;
  if (name === 'setname') setName(client, args[0]!);
  else if (!/^lib-(?:name|ver)$/i.test(args[0]!)) throw notSupported('client setinfo', args[0]!);
  return OK;
}

function setName(client: Client, name: Bytes): void {
  if (!/^[!-~]*$/.test(name)) {
    throw new CommandError('ERR Client names cannot contain spaces, newlines or special characters.');
  }
  client.name = name;
}

function select([index]: readonly Bytes[]): Reply {
  if (toInteger(index) !== 0) throw new CommandError('ERR SELECT is not allowed in cluster mode');
  return OK;
}

/** Every section whichever is asked for: clients look for the lines that they know. */
function info(_: readonly Bytes[], { database, blocked, info }: Context): Reply {
  const { port, startedAt, clients } = info();
  const sections: Record<string, Record<string, string | number>> = {
    Server: {
      redis_version: EMBEDDED_REDIS_VERSION,
      redis_mode: 'cluster',
      server_name: 'embedded',
      process_id: process.pid,
      tcp_port: port,
      uptime_in_seconds: Math.floor((database.now - startedAt) / 1000),
    },
    Clients: { connected_clients: clients, blocked_clients: blocked.size },
    Memory: { maxmemory: 0, maxmemory_policy: 'noeviction' },
    Persistence: { loading: 0 },
    Replication: { role: 'master', connected_slaves: 0 },
    Cluster: { cluster_enabled: 1 },
    Keyspace: database.size > 0 ? { db0: `keys=${database.size},expires=${database.volatileKeys}` } : {},
  };
  return Object.entries(sections)
    .map(
      ([title, facts]) =>
        `# ${title}\r\n${Object.entries(facts)
          .map(([name, value]) => `${name}:${value}\r\n`)
          .join('')}`,
    )
    .join('\r\n');
}
