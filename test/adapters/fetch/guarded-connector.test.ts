import { once } from 'node:events';
import { createServer, Socket } from 'node:net';
import { Agent, buildConnector, request } from 'undici';
import { describe, expect, it } from 'vitest';
import { DEFAULT_PORTS, isGlobalUnicast, parseAllowHosts } from '../../../adapters/fetch/address-guard.ts';
import { createGuardedConnector, type Dial, type Lookup } from '../../../adapters/fetch/guarded-connector.ts';
import { SourceFailure } from '../../../domain/errors.ts';
import { ANSWERS, addressOf, HOSTS } from './address-forms.ts';

interface Dials {
  readonly dial: Dial;
  readonly dialled: buildConnector.Options[];
}

/** Opens nothing: whatever the guard lets through is only noted. */
function noDials(): Dials {
  const dialled: buildConnector.Options[] = [];
  const dial: Dial = (target, callback) => {
    dialled.push(target);
    callback(new Error('the test opens no connection'), null);
  };
  return { dial, dialled };
}

const signal = new AbortController().signal;
const noLookup: Lookup = async (hostname) => {
  throw new Error(`the test resolves nothing: ${hostname}`);
};

async function outcomeOf(
  hostname: string,
  port: string,
  options: Partial<Parameters<typeof createGuardedConnector>[0]>,
) {
  const connect = createGuardedConnector({ allowed: [], ports: DEFAULT_PORTS, signal, lookup: noLookup, ...options });
  return await new Promise<unknown>((resolve) => {
    connect({ hostname, protocol: 'http:', port }, (error, socket) => resolve(error ?? socket));
  });
}

async function fetchOutcome(url: string, options: Partial<Parameters<typeof createGuardedConnector>[0]>) {
  await using agent = disposable(
    new Agent({
      connect: createGuardedConnector({ allowed: [], ports: DEFAULT_PORTS, signal, lookup: noLookup, ...options }),
    }),
  );
  return await request(url, { dispatcher: agent.value }).then(
    () => undefined,
    (error: unknown) => error,
  );
}

function disposable(value: Agent) {
  return { value, [Symbol.asyncDispose]: () => value.destroy() };
}

function expectRefused(outcome: unknown): void {
  expect(outcome).toBeInstanceOf(SourceFailure);
  expect((outcome as SourceFailure).code).toBe('address-refused');
}

describe('the guard at the connector', () => {
  it('has a table of at least 46 forms of address', () => {
    expect(new Set(HOSTS).size).toBe(HOSTS.length);
    expect(HOSTS.length).toBeGreaterThanOrEqual(46);
  });

  it.each(HOSTS)('dials nothing for http://%s/ and https', async (host) => {
    const { dial, dialled } = noDials();
    expectRefused(await fetchOutcome(`http://${host}/latest/meta-data`, { dial }));
    expectRefused(await fetchOutcome(`https://${host}/`, { dial }));
    expect(dialled).toEqual([]);
  });

  it.each([...HOSTS, ...ANSWERS])('dials nothing when a name resolves to %s', async (host) => {
    const { dial, dialled } = noDials();
    const lookup: Lookup = async () => [{ address: addressOf(host) }];
    expectRefused(await outcomeOf('innocent.example', '80', { dial, lookup }));
    expect(dialled).toEqual([]);
  });

  it('opens no socket to a local server, whatever it is called', async () => {
    let sockets = 0;
    const server = createServer((socket: Socket) => {
      sockets += 1;
      socket.destroy();
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as { port: number };
    // Whatever gets past the guard on port 80 ends at this server: the guard is the one thing in the way.
    const toServer = buildConnector({ timeout: 1_000 });
    const dial: Dial = (target, callback) =>
      toServer({ ...target, hostname: '127.0.0.1', port: String(port) }, callback);
    for (const host of HOSTS) expectRefused(await fetchOutcome(`http://${host}/`, { dial }));
    for (const address of [...ANSWERS, '127.0.0.1', '10.0.0.1']) {
      expectRefused(await outcomeOf('innocent.example', '80', { dial, lookup: async () => [{ address }] }));
    }
    expectRefused(await fetchOutcome(`http://127.0.0.1:${port}/`, {}));
    expect(sockets).toBe(0);
    const cut = await fetchOutcome(`http://127.0.0.1:${port}/`, { allowed: parseAllowHosts(['127.0.0.1']) });
    expect(cut).not.toBeInstanceOf(SourceFailure);
    expect(sockets).toBe(1);
    await new Promise((resolve) => server.close(resolve));
  });

  it('dials the very address that it checked, asks once, and keeps the name for TLS', async () => {
    const { dial, dialled } = noDials();
    const answers = [[{ address: '93.184.215.14' }], [{ address: '127.0.0.1' }]];
    let asked = 0;
    const lookup: Lookup = async () => answers[asked++]!;
    const connect = createGuardedConnector({ allowed: [], ports: DEFAULT_PORTS, signal, lookup, dial });
    const target = {
      hostname: 'rebind.example',
      host: 'rebind.example',
      protocol: 'https:',
      port: '443',
      servername: 'rebind.example',
    };
    await new Promise<void>((resolve) => connect(target, () => resolve()));
    expect(asked).toBe(1);
    expect(dialled).toEqual([{ ...target, hostname: '93.184.215.14' }]);
  });

  it('leaves the private addresses of a name out, tries IPv4 first, and four at the most', async () => {
    const { dial, dialled } = noDials();
    const addresses = ['2606:4700::1111', '10.0.0.1', '1.1.1.1', '::1', '8.8.8.8', '9.9.9.9', '8.8.4.4'];
    const lookup: Lookup = async () => addresses.map((address) => ({ address }));
    await outcomeOf('mixed.example', '443', { dial, lookup });
    expect(dialled.map((each) => each.hostname)).toEqual(['1.1.1.1', '8.8.8.8', '9.9.9.9', '8.8.4.4']);
  });

  it('drops a socket that turns out to lead somewhere else', async () => {
    const socket = new Socket();
    Object.defineProperty(socket, 'remoteAddress', { value: '127.0.0.1' });
    const dial: Dial = (_target, callback) => callback(null, socket);
    expectRefused(await outcomeOf('1.1.1.1', '80', { dial }));
    expect(socket.destroyed).toBe(true);
  });

  // It was refused for an address that nobody had seen, for ever.
  it('calls a server that is gone at once neither public nor private, but gone', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as { port: number };
    const toServer = buildConnector({});
    const dialled: string[] = [];
    const dial: Dial = (target, callback) => {
      dialled.push(target.hostname);
      const accepted = once(server, 'connection');
      toServer({ ...target, hostname: '127.0.0.1', port: String(port) }, async (_error, socket) => {
        const [peer] = await accepted;
        socket!.once('close', () => callback(null, socket!)).resume();
        peer.resetAndDestroy();
      });
    };
    const lookup: Lookup = async () => [{ address: '1.1.1.1' }, { address: '8.8.8.8' }];
    expect(await outcomeOf('two.example', '80', { dial, lookup })).toMatchObject({ code: 'ECONNRESET' });
    // As with every other one that does not work, the next address is tried.
    expect(dialled).toEqual(['1.1.1.1', '8.8.8.8']);
    await new Promise((resolve) => server.close(resolve));
  });

  it.each(['22', '25', '6379', '8080', '9200'])('dials no port %s', async (port) => {
    const { dial, dialled } = noDials();
    expectRefused(await outcomeOf('1.1.1.1', port, { dial }));
    expect(dialled).toEqual([]);
  });

  it('dials another port where that is one of those to be fetched from', async () => {
    const { dial, dialled } = noDials();
    await outcomeOf('1.1.1.1', '8080', { dial, ports: [8080] });
    expect(dialled.map(({ port }) => port)).toEqual(['8080']);
    expectRefused(await outcomeOf('1.1.1.1', '80', { dial, ports: [8080] }));
    expectRefused(await outcomeOf('10.0.0.1', '8080', { dial, ports: [8080] }));
    expect(dialled).toHaveLength(1);
  });

  it('tries no further address once its signal has aborted', async () => {
    const abort = new AbortController();
    const dialled: string[] = [];
    const dial: Dial = (target, callback) => {
      dialled.push(target.hostname);
      abort.abort(new Error('stopped'));
      callback(new Error('no'), null);
    };
    const lookup: Lookup = async () => [{ address: '1.1.1.1' }, { address: '8.8.8.8' }];
    const outcome = await outcomeOf('two.example', '80', { dial, lookup, signal: abort.signal });
    expect((outcome as Error).message).toBe('stopped');
    expect(dialled).toEqual(['1.1.1.1']);
  });
});

describe('addresses', () => {
  it.each([
    '1.1.1.1',
    '93.184.215.14',
    '172.32.0.1',
    '192.169.0.1',
    '2606:4700:4700::1111',
    '2a00:1450:4001:81b::200e',
  ])('%s is public', (address) => {
    expect(isGlobalUnicast(address)).toBe(true);
  });
});

describe('the list of allowed hosts', () => {
  it('is a name, an address, or one of them with a port', () => {
    expect(parseAllowHosts(['localhost', ' 127.0.0.1 ', 'Files.Local:9000', '::1', '[::1]:80', '2130706433'])).toEqual([
      { hostname: 'localhost' },
      { hostname: '127.0.0.1' },
      { hostname: 'files.local', port: 9000 },
      { hostname: '::1' },
      { hostname: '::1', port: 80 },
      { hostname: '127.0.0.1' },
    ]);
  });

  it.each(['', 'http://localhost', 'a/b', 'user@host', '*', 'host:', 'host:99999', '10.0.0.0/8'])(
    'refuses the entry "%s" instead of never matching it',
    (entry) => {
      expect(() => parseAllowHosts([entry])).toThrow(/is not a host/);
    },
  );

  it('lets a name have local addresses and any port, or the one named port', async () => {
    const lookup: Lookup = async () => [{ address: '127.0.0.1' }];
    const any = noDials();
    await outcomeOf('files.local', '9999', { allowed: parseAllowHosts(['files.local']), lookup, dial: any.dial });
    expect(any.dialled).toHaveLength(1);
    const one = noDials();
    const allowed = parseAllowHosts(['files.local:9000']);
    await outcomeOf('files.local', '9000', { allowed, lookup, dial: one.dial });
    expect(one.dialled).toHaveLength(1);
    expectRefused(await outcomeOf('files.local', '9001', { allowed, lookup, dial: one.dial }));
    expectRefused(await outcomeOf('files.local', '80', { allowed, lookup, dial: one.dial }));
    expect(one.dialled).toHaveLength(1);
  });

  it('does not let another name reach the address of an allowed one', async () => {
    const { dial, dialled } = noDials();
    const lookup: Lookup = async () => [{ address: '127.0.0.1' }];
    expectRefused(await outcomeOf('evil.example', '80', { allowed: parseAllowHosts(['127.0.0.1']), lookup, dial }));
    expect(dialled).toEqual([]);
  });
});
