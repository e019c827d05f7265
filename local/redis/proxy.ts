import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import type { Fault } from '../faults/fault.ts';
import type { HttpFaults } from '../faults/http-faults.ts';
import type { RunningEnvironment } from '../lambda/running-environments.ts';
import { CAN_FIND_CALLERS, callerOf } from './caller.ts';
import { FaultyConnection, type FindCaller } from './faulty-connection.ts';
import { type CheckLogin, passesLogin } from './login-gate.ts';

const HOST = '127.0.0.1';

/**
 * Found once, and only while a fault goes by it: it means to look through every file that the functions in question have
 * open. Undefined as well where it is a function that no fault is about.
 */
function callerFinder(client: Socket, { registry, environments }: HttpFaults): FindCaller {
  const looked = new Set<RunningEnvironment>();
  let found: RunningEnvironment | undefined;
  return async () => {
    const asked = environments.all().filter((each) => registry.goesBy('redis', each.functionName));
    const fresh = asked.filter((each) => !looked.has(each));
    for (const each of fresh) looked.add(each);
    if (found === undefined && fresh.length > 0 && CAN_FIND_CALLERS) found = await callerOf(client, fresh);
    return found;
  };
}

export interface RedisProxy extends AsyncDisposable {
  readonly port: number;
  /** Where connections go from now on. */
  forwardTo(port: number): void;
  /** From then on each login is looked at. */
  checkLogins(check: CheckLogin): void;
  /** From then on faults of `redis` can be set. */
  join(faults: HttpFaults): void;
}

/**
 * Stands between Redis and all its clients: the node announces this port. A connection is a pair of pipes unless a fault of
 * Redis was set when it was made; those from before are broken when one is set, since nobody knows where in a command they are.
 * @throws EADDRINUSE
 */
export async function startRedisProxy(port = 0): Promise<RedisProxy> {
  const sockets = new Set<Socket>();
  const pipes = new Set<Socket>();
  let serverPort = 0;
  let faults: HttpFaults | undefined;
  let check: CheckLogin | undefined;
  const carry = (client: Socket, upstream: Socket): void => {
    if (faults?.registry.has('redis')) {
      new FaultyConnection({ client, server: upstream }, faults.registry, callerFinder(client, faults));
      return;
    }
    pipes.add(client);
    client.once('close', () => pipes.delete(client));
    client.pipe(upstream).pipe(client);
  };
  const server = createServer({ noDelay: true, allowHalfOpen: true }, (client) => {
    const upstream = connect({ port: serverPort, host: HOST, noDelay: true, allowHalfOpen: true });
    tie(client, upstream, sockets);
    if (check === undefined) return carry(client, upstream);
    void passesLogin(client, check).then((passes) => {
      if (passes) carry(client, upstream);
      client.resume();
    });
  });
  await listen(server, port);
  return {
    port: (server.address() as AddressInfo).port,
    forwardTo(port) {
      serverPort = port;
    },
    checkLogins(checked) {
      check = checked;
    },
    join(joined) {
      faults = joined;
      const onSet = () => {
        for (const client of pipes) client.destroy();
      };
      joined.registry.join('redis', { refusal, onSet });
    },
    async [Symbol.asyncDispose]() {
      const closed = once(server.close(), 'close');
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

async function listen(server: Server, port: number): Promise<void> {
  server.listen(port, HOST);
  await once(server, 'listening');
}

/** One does not outlive the other. */
function tie(client: Socket, upstream: Socket, sockets: Set<Socket>): void {
  for (const [one, other] of [
    [client, upstream],
    [upstream, client],
  ] as const) {
    sockets.add(one);
    one.on('error', () => undefined); // 'close' follows
    one.once('close', () => {
      sockets.delete(one);
      other.destroy();
    });
  }
}

function refusal({ kind, function: functionName }: Fault): string | undefined {
  if (CAN_FIND_CALLERS || (functionName === undefined && !kind.startsWith('crash-'))) return undefined;
  return 'Who calls Redis is known on Linux only: here its faults are of all callers, and none of them is a crash.';
}
