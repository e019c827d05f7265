import { once } from 'node:events';
import { createServer, Socket } from 'node:net';
import { Agent, buildConnector, request } from 'undici';
import { describe, expect, it } from 'vitest';
import { isGlobalUnicast, parseAllowHosts } from '../../../adapters/fetch/address-guard.ts';
import { createGuardedConnector, type Dial, type Lookup } from '../../../adapters/fetch/guarded-connector.ts';
import { SourceFailure } from '../../../domain/errors.ts';

/** Names as they stand in a URL: each leads to a place that is not public, one way or another. */
const HOSTS = [
  // Loopback, in every spelling of IPv4 that a URL takes
  '127.0.0.1',
  '127.1',
  '127.0.1',
  '127.255.255.254',
  '2130706433',
  '0x7f000001',
  '0x7f.0.0.1',
  '0x7f.1',
  '0177.0.0.1',
  '017700000001',
  '0177.0.0.0x1',
  '127.0.0.1.',
  '127%2e0%2e0%2e1',
  '①②⑦.⓪.⓪.①',
  '127。0。0。1',
  // "This" network and broadcast
  '0',
  '0.0.0.0',
  '0.1.2.3',
  '255.255.255.255',
  // Private, shared, link-local and the metadata services
  '10.0.0.1',
  '10.255.255.255',
  '172.16.0.1',
  '172.31.255.255',
  '192.168.0.1',
  '100.64.0.1',
  '100.100.100.200',
  '169.254.169.254',
  '169.254.170.2',
  '2852039166',
  '0xA9FEA9FE',
  // Reserved, benchmarking, documentation, relay, multicast
  '192.0.0.1',
  '192.0.0.192',
  '192.0.2.1',
  '192.88.99.1',
  '198.18.0.1',
  '198.51.100.1',
  '203.0.113.1',
  '224.0.0.1',
  '239.255.255.250',
  '240.0.0.1',
  // IPv6: loopback, unspecified, link-local, site-local, unique local, the metadata services, multicast
  '[::1]',
  '[0:0:0:0:0:0:0:1]',
  '[::]',
  '[fe80::1]',
  '[fec0::1]',
  '[fc00::1]',
  '[fd00:ec2::254]',
  '[fd00:ec2::23]',
  '[ff02::1]',
  // IPv4 inside IPv6: mapped, compatible, translated, 6to4, Teredo, NAT64, local NAT64
  '[::ffff:127.0.0.1]',
  '[::ffff:7f00:1]',
  '[::ffff:10.0.0.1]',
  '[0:0:0:0:0:ffff:169.254.169.254]',
  '[::127.0.0.1]',
  '[::a00:1]',
  '[::ffff:0:127.0.0.1]',
  '[2002:7f00:1::]',
  '[2002:a9fe:a9fe::1]',
  '[2001:0:7f00:1::1]',
  '[64:ff9b::127.0.0.1]',
  '[64:ff9b::a9fe:a9fe]',
  '[64:ff9b:1::a00:1]',
  // Documentation, discard, ORCHID, benchmarking, segment routing, not allocated
  '[2001:db8::1]',
  '[3fff::1]',
  '[100::1]',
  '[2001:10::1]',
  '[2001:20::1]',
  '[2001:2::1]',
  '[5f00::1]',
  '[4000::1]',
  '[8000::1]',
  // Public, but mapped: no public server needs to be named like this
  '[::ffff:93.184.215.14]',
];

/** Not URLs, but a resolver or a hosts file may answer with them. */
const ANSWERS = [
  'fe80::1%eth0',
  '::1%lo',
  '2606:4700::1111%eth0',
  '127.1',
  '0x7f000001',
  'localhost',
  '',
  '1.2.3.4.5',
  '::ffff:1.1.1.1',
];

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
  const connect = createGuardedConnector({ allowed: [], signal, lookup: noLookup, ...options });
  return await new Promise<unknown>((resolve) => {
    connect({ hostname, protocol: 'http:', port }, (error, socket) => resolve(error ?? socket));
  });
}

async function fetchOutcome(url: string, options: Partial<Parameters<typeof createGuardedConnector>[0]>) {
  await using agent = disposable(
    new Agent({ connect: createGuardedConnector({ allowed: [], signal, lookup: noLookup, ...options }) }),
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
    const address = host.startsWith('[') ? host.slice(1, -1) : (URL.parse(`http://${host}/`)?.hostname ?? host);
    const lookup: Lookup = async () => [{ address }];
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
    const connect = createGuardedConnector({ allowed: [], signal, lookup, dial });
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

  it.each(['22', '25', '6379', '8080', '9200'])('dials no port %s', async (port) => {
    const { dial, dialled } = noDials();
    expectRefused(await outcomeOf('1.1.1.1', port, { dial }));
    expect(dialled).toEqual([]);
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
